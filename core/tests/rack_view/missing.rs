//! What a rack that comes back is told, and when it has to be told everything.

use crate::hosts::{machine, reserve};
use crate::site::{EAST, SUBNET, VLAN, client, ip, served};
use regent_core::command::Command;
use regent_core::command::edit::Edit;
use regent_core::command::subnet::SubnetPatch;
use regent_core::rack_view::change::ViewChange;
use regent_core::rack_view::telling::{MISSED_CHANGES_MAX, missed};
use regent_core::revision::Revision;
use regent_core::state::State;
use regent_core::time::Millis;

fn since(before: &State, after: &State) -> Option<ViewChange> {
    missed(after, EAST, before.meta().epoch, before.meta().revision)
}

#[test]
fn leases_and_new_reservations_are_made_up_for() {
    let mut site = served();
    site.lease(EAST, ip(100), client(7));
    let before = site.region.state.clone();
    site.lease(EAST, ip(101), client(8));
    reserve(&mut site, ip(50), 9);
    machine(&mut site, "heron", 1);
    let change = since(&before, &site.region.state).unwrap();
    assert!(!change.whole);
    assert_eq!(change.revision, site.region.state.meta().revision.0);
    let leases: Vec<_> = change.leases.iter().map(|(_, address, _)| *address).collect();
    assert_eq!(leases, ["10.0.0.101".parse::<std::net::Ipv4Addr>().unwrap()]);
    let hosts: Vec<_> = change.hosts.into_iter().map(|(vlan, who, _)| (vlan, who)).collect();
    assert_eq!(hosts, [(VLAN, client(9))]);
}

#[test]
fn whatever_may_have_been_taken_away_is_told_by_telling_everything() {
    let mut site = served();
    reserve(&mut site, ip(50), 9);
    let before = site.region.state.clone();
    let patch = SubnetPatch { name: Some("wide".to_owned()), ..SubnetPatch::default() };
    site.region.run(Command::Subnet(Edit::Update { id: SUBNET, patch })).unwrap();
    assert_eq!(since(&before, &site.region.state), None);
    let before = site.region.state.clone();
    let id = site.region.state.tables().reserved_ips.iter().next().map(|(id, _)| *id).unwrap();
    site.region.run(Command::ReservedIp(Edit::Delete { id })).unwrap();
    assert_eq!(since(&before, &site.region.state), None);
}

#[test]
fn a_view_of_another_epoch_or_of_no_time_known_here_is_made_up_for_by_telling_everything() {
    let site = served();
    let (state, meta) = (&site.region.state, site.region.state.meta());
    assert!(missed(state, EAST, meta.epoch, meta.revision).is_some());
    assert_eq!(missed(state, EAST, meta.epoch + 1, meta.revision), None);
    assert_eq!(missed(state, EAST, meta.epoch, Revision(meta.revision.0 + 1)), None);
}

#[test]
fn nobody_looks_through_more_changes_than_the_bound_for_one_rack() {
    let mut site = served();
    site.lease(EAST, ip(100), client(7));
    let before = site.region.state.clone();
    for _ in 0..MISSED_CHANGES_MAX {
        site.pass(Millis(0));
        let renewal = site.commit(ip(100), client(7));
        site.region.run(renewed(&site, renewal)).unwrap();
    }
    assert!(since(&before, &site.region.state).is_some());
    let renewal = site.commit(ip(100), client(7));
    site.region.run(renewed(&site, renewal)).unwrap();
    assert_eq!(since(&before, &site.region.state), None);
}

fn renewed(site: &crate::site::Site, step: regent_core::command::rack::LeaseStep) -> Command {
    let session = site.session(EAST);
    Command::Rack(regent_core::command::rack::RackCommand::Leases {
        rack: EAST,
        session,
        steps: vec![step],
    })
}
