//! DHCP servers that are not ours: written down with their time, told once, and never forgotten by silence.

use crate::site::{EAST, SUBNET, Site, VLAN, WEST, ip, served};
use regent_core::command::Command;
use regent_core::command::edit::Edit;
use regent_core::command::rack::{RackCommand, SawServer};
use regent_core::command::vlan::VlanPatch;
use regent_core::id::NodeId;
use regent_core::lease::refusal::Refusal;
use regent_core::model::foreign_dhcp::{
    FOREIGN_SERVERS_MAX, PUSHED_OUT_TOLD_MILLIS, SEEN_AGAIN_MILLIS,
};
use regent_core::model::vlan::Vlan;
use regent_core::outcome::{LeaseAnswer, Outcome};
use regent_core::query::foreign_dhcp::foreign_dhcp_seen;
use regent_core::rejection::Rejection;
use regent_core::time::{ClusterTime, Millis};
use std::net::IpAddr;

/// The rack's address on the VLAN.
const LINK: u8 = 2;

fn say(
    site: &mut Site,
    (rack, session): (NodeId, u64),
    heard: SawServer,
) -> Result<LeaseAnswer, Rejection> {
    let said = site.region.run(Command::Rack(RackCommand::SawServer { rack, session, heard }));
    site.region.assert_sound(&"a sighting");
    said.map(|outcome| match outcome {
        Outcome::Leases(answers) => answers[0],
        other => panic!("{other:?}"),
    })
}

/// A rack that serves the VLAN hears this server there.
fn saw(site: &mut Site, rack: NodeId, server: IpAddr) {
    let (session, heard) = (site.session(rack), SawServer { vlan: VLAN, link: ip(LINK), server });
    assert_eq!(say(site, (rack, session), heard).unwrap(), LeaseAnswer::Done);
}

fn named(site: &Site) -> Option<IpAddr> {
    site.region.state.get::<Vlan>(&VLAN).unwrap().value.external_dhcp
}

fn last_seen(site: &Site) -> Option<ClusterTime> {
    foreign_dhcp_seen(&site.region.state, VLAN)
}

/// The servers that events told of.
fn told(site: &Site) -> Vec<IpAddr> {
    let events = site.region.state.tables().events.iter().map(|(_, row)| &row.value);
    let appeared = events.filter(|event| event.event_type == "FOREIGN_DHCP_SERVER");
    appeared.filter_map(|event| event.ip_address).collect()
}

#[test]
fn server_that_appears_is_named_timed_and_told_and_one_that_goes_on_is_timed_once_a_minute() {
    let mut site = served();
    assert_eq!((named(&site), last_seen(&site)), (None, None));
    site.pass(Millis(5));
    saw(&mut site, EAST, ip(9));
    let first = site.region.state.meta().now;
    assert_eq!((named(&site), last_seen(&site)), (Some(ip(9)), Some(first)));
    site.pass(Millis(SEEN_AGAIN_MILLIS.0 - 1));
    saw(&mut site, WEST, ip(9));
    assert_eq!(last_seen(&site), Some(first), "heard by another rack within the minute");
    site.pass(Millis(1));
    saw(&mut site, WEST, ip(9));
    assert_eq!(last_seen(&site), Some(first.after(SEEN_AGAIN_MILLIS)));
    assert_eq!(told(&site), [ip(9)]);
}

#[test]
fn silence_clears_nothing() {
    let mut site = served();
    saw(&mut site, EAST, ip(9));
    let seen = last_seen(&site);
    site.pass(Millis::from_secs(30 * 86_400));
    assert_eq!((named(&site), last_seen(&site)), (Some(ip(9)), seen));
}

#[test]
fn two_servers_that_take_turns_are_told_once_each_and_the_vlan_does_not_change_with_every_word() {
    let mut site = served();
    for _ in 0..5 {
        for server in [ip(9), ip(8)] {
            saw(&mut site, EAST, server);
            site.pass(SEEN_AGAIN_MILLIS);
        }
    }
    assert_eq!((named(&site), told(&site)), (Some(ip(8)), vec![ip(9), ip(8)]));
}

#[test]
fn server_whose_name_an_admin_took_away_is_named_again_when_it_is_heard_again() {
    let mut site = served();
    saw(&mut site, EAST, ip(9));
    let patch = VlanPatch { external_dhcp: Some(None), ..VlanPatch::default() };
    site.region.run(crate::site::patch(patch)).unwrap();
    site.pass(SEEN_AGAIN_MILLIS);
    saw(&mut site, EAST, ip(9));
    assert_eq!((named(&site), told(&site).len()), (Some(ip(9)), 1));
}

#[test]
fn who_makes_up_servers_fills_neither_the_state_nor_the_events() {
    let mut site = served();
    for last in 10..90 {
        saw(&mut site, EAST, ip(last));
    }
    let row = site.region.state.tables().foreign_dhcp.get(&VLAN).unwrap();
    assert_eq!(
        (row.value.seen.len(), told(&site).len()),
        (FOREIGN_SERVERS_MAX, FOREIGN_SERVERS_MAX)
    );
    site.pass(PUSHED_OUT_TOLD_MILLIS);
    saw(&mut site, EAST, ip(7));
    assert_eq!(told(&site).last(), Some(&ip(7)));
}

#[test]
fn rack_without_an_address_on_the_vlan_or_without_a_session_is_not_heard() {
    let mut site = served();
    let session = site.session(EAST);
    let elsewhere = SawServer { vlan: VLAN, link: [10, 9, 0, 2].into(), server: ip(9) };
    let answer = say(&mut site, (EAST, session), elsewhere).unwrap();
    assert_eq!(answer, LeaseAnswer::Refused(Refusal::NotServing));
    let events = site.region.state.tables().events.iter();
    let types: Vec<_> = events.map(|(_, row)| row.value.event_type.as_str()).collect();
    assert_eq!(types.last(), Some(&"RACK_DOES_NOT_SERVE"));
    let heard = SawServer { vlan: VLAN, link: ip(LINK), server: ip(9) };
    let over = say(&mut site, (EAST, session - 1), heard).unwrap_err();
    assert_eq!(over.code(), "rack_session_over");
    let itself = say(&mut site, (EAST, session), SawServer { server: ip(LINK), ..heard });
    assert_eq!(itself.unwrap_err().code(), "invalid");
    assert_eq!((named(&site), last_seen(&site)), (None, None));
}

#[test]
fn what_was_heard_goes_with_its_vlan() {
    let mut site = served();
    let fabric = site.region.state.get::<Vlan>(&VLAN).unwrap().value.fabric;
    let vlan = regent_core::id::VlanId(
        site.region.create(Command::Vlan(Edit::Create(Vlan::new(fabric, 7)))),
    );
    let patch =
        regent_core::command::subnet::SubnetPatch { vlan: Some(vlan), ..Default::default() };
    site.region.run(Command::Subnet(Edit::Update { id: SUBNET, patch })).unwrap();
    let session = site.session(EAST);
    let heard = SawServer { vlan, link: ip(LINK), server: ip(9) };
    assert_eq!(say(&mut site, (EAST, session), heard).unwrap(), LeaseAnswer::Done);
    assert!(foreign_dhcp_seen(&site.region.state, vlan).is_some());
    site.region.run(Command::Vlan(Edit::Delete { id: vlan })).unwrap();
    site.region.assert_sound(&"a VLAN that is gone");
    assert_eq!(foreign_dhcp_seen(&site.region.state, vlan), None);
}
