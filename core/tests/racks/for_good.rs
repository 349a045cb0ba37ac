//! Addresses that clients have for good: what becomes of the record as time goes on, and who may end it.

use crate::cut_over::{held, import, serve};
use crate::site::{EAST, SUBNET, Site, WEST, client, ip, served};
use regent_core::command::Command;
use regent_core::command::edit::Edit;
use regent_core::command::lease::{ForeignLease, LeaseCommand};
use regent_core::command::rack::LeaseStep;
use regent_core::id::{NodeId, ReservedIpId};
use regent_core::lease::binding::{Held, Tenure};
use regent_core::lease::give_up::Ending;
use regent_core::lease::refusal::Refusal;
use regent_core::lease::terms::Terms;
use regent_core::model::lease::REMEMBERED_MILLIS;
use regent_core::model::reserved_ip::ReservedIp;
use regent_core::net::mac::MacAddr;
use regent_core::outcome::{ForeignAnswer, LeaseAnswer, Outcome};
use regent_core::query::lease_why::address::address_answer;
use regent_core::query::lease_why::fact::Fact;
use regent_core::rack_view::lease::{Lease as Told, Standing};
use regent_core::rack_view::leases::lease_view;
use regent_core::rejection::Rejection;
use regent_core::time::{ClusterTime, Millis};
use std::net::{IpAddr, Ipv4Addr};

const KEPT: ReservedIpId = ReservedIpId(1);

/// An address is reserved for a client.
pub(crate) fn reserve(site: &mut Site, address: IpAddr, last: u8) {
    let mac_address = MacAddr([0x52, 0x54, 0, 0, 0, last]);
    let kept = ReservedIp { subnet: SUBNET, ip: address, mac_address, comment: String::new() };
    site.region.run(Command::ReservedIp(Edit::Create(kept))).unwrap();
}

/// What a rack asks for a client from before DHCP.
pub(crate) fn wish_for_good(site: &mut Site, address: IpAddr, last: u8) -> LeaseStep {
    let mut wish = site.commit(address, client(last));
    if let LeaseStep::Commit { tenure, .. } = &mut wish {
        *tenure = Tenure::ForGood;
    }
    wish
}

fn ask_for_good(site: &mut Site, rack: NodeId, address: IpAddr, last: u8) -> LeaseAnswer {
    let wish = wish_for_good(site, address, last);
    site.ask(rack, wish)
}

/// Client 7 has the address that is reserved for it, for good.
fn given() -> Site {
    let mut site = served();
    reserve(&mut site, ip(50), 7);
    let answer = ask_for_good(&mut site, EAST, ip(50), 7);
    assert!(matches!(answer, LeaseAnswer::Committed { .. }), "{answer:?}");
    site
}

fn years_later(site: &mut Site) {
    let Terms { life, autonomy, guard, .. } = Terms::default();
    for passed in [life, autonomy, guard, REMEMBERED_MILLIS, Millis(94_608_000_000)] {
        site.pass(passed);
    }
}

fn end(site: &mut Site, ending: Ending) -> Result<Outcome, Rejection> {
    let by = String::new();
    let outcome =
        site.region.run(Command::Lease(LeaseCommand::End { address: ip(50), ending, by }));
    site.region.assert_sound(&"end of a lease for good");
    outcome
}

#[test]
fn address_is_held_years_later_though_nothing_was_heard_of_its_client() {
    let mut site = given();
    years_later(&mut site);
    let lease = site.recorded(ip(50));
    assert_eq!((lease.binding.held, lease.is_past), (Held::Bound, false));
    assert_eq!(
        (lease.binding.expires, lease.rests_until),
        (ClusterTime::NEVER, ClusterTime::NEVER)
    );
    let told = Told { client: Some(client(7)), standing: Standing::Held, tenure: Tenure::ForGood };
    assert_eq!(lease_view(&site.region.state, Ipv4Addr::new(10, 0, 0, 50)), Some(told));
    site.region.assert_sound(&"years later");
}

#[test]
fn address_that_is_kept_for_its_client_no_longer_goes_to_nobody_and_the_reason_is_told() {
    let mut site = given();
    site.region.run(Command::ReservedIp(Edit::Delete { id: KEPT })).unwrap();
    years_later(&mut site);
    reserve(&mut site, ip(50), 8);
    let wish = site.commit(ip(50), client(8));
    let until = ClusterTime::NEVER;
    assert_eq!(site.ask(WEST, wish), LeaseAnswer::Refused(Refusal::Owned { until }));
    let answer = address_answer(&site.region.state, ip(50));
    let holds = |fact: &Fact| matches!(fact, Fact::HeldBy { client: by, until, .. } if *by == client(7) && *until == ClusterTime::NEVER);
    assert!(answer.facts.iter().any(holds), "{answer:?}");
}

#[test]
fn only_who_has_made_sure_that_its_client_is_off_ends_it() {
    let mut site = given();
    let refused = end(&mut site, Ending::ClientMayBeThere).unwrap_err();
    assert_eq!(refused.code(), "state_forbids", "{refused}");
    assert_eq!(site.recorded(ip(50)).binding.held, Held::Bound);
    end(&mut site, Ending::ClientIsGone).unwrap();
    site.region.run(Command::ReservedIp(Edit::Delete { id: KEPT })).unwrap();
    reserve(&mut site, ip(50), 8);
    let wish = site.commit(ip(50), client(8));
    assert!(matches!(site.ask(WEST, wish), LeaseAnswer::Refused(Refusal::Resting { .. })));
    site.pass(Terms::default().guard);
    site.lease(WEST, ip(50), client(8));
}

#[test]
fn address_that_another_client_holds_as_well_waits_for_an_admin_as_is_told() {
    let mut site = given();
    let told = site.adopt(ip(50), client(8), Millis(60_000));
    assert_eq!(site.ask(WEST, told), LeaseAnswer::Contradiction);
    let events = site.region.state.tables().events.iter();
    let incident = events.last().map(|(_, row)| row.value.description.clone()).unwrap();
    assert!(incident.contains("until an admin says that both are gone"), "{incident}");
    years_later(&mut site);
    assert_eq!(site.recorded(ip(50)).binding.held, Held::Declined);
    let refused = end(&mut site, Ending::ClientMayBeThere).unwrap_err();
    assert!(refused.to_string().contains("until both are known to be gone"), "{refused}");
    end(&mut site, Ending::ClientIsGone).unwrap();
}

/// Its client does not ask that server any more than it asks us: no list can know better.
#[test]
fn what_another_server_has_down_for_it_changes_nothing() {
    let (mut site, hour) = (given(), Millis::from_secs(3_600));
    let before = site.recorded(ip(50)).clone();
    let lists =
        [held(50, 7, hour), held(50, 8, hour), ForeignLease { address: ip(50), holder: None }];
    for (as_of, listed) in (1..).zip(&lists) {
        let answers = import(&mut site, as_of, vec![listed.clone()]);
        assert_eq!(answers, [ForeignAnswer::OursSince], "{listed:?}");
    }
    // Neither does that the other server was the only one for years.
    serve(&mut site, false);
    years_later(&mut site);
    for (as_of, listed) in (4..).zip(&lists) {
        let answers = import(&mut site, as_of, vec![listed.clone()]);
        assert_eq!(answers, [ForeignAnswer::OursSince], "{listed:?}");
    }
    assert_eq!(*site.recorded(ip(50)), before);
}

/// The other server knew the client as one with a lease, which has an end.
#[test]
fn lease_of_another_server_becomes_one_for_good_when_its_client_asks_as_one_from_before_dhcp() {
    let mut site = served();
    reserve(&mut site, ip(50), 7);
    let listed = held(50, 7, Millis::from_secs(3_600));
    assert_eq!(import(&mut site, 1, vec![listed]), [ForeignAnswer::Recorded]);
    assert_eq!(site.recorded(ip(50)).binding.tenure(), Tenure::Leased);
    let answer = ask_for_good(&mut site, EAST, ip(50), 7);
    assert!(matches!(answer, LeaseAnswer::Committed { .. }), "{answer:?}");
    assert_eq!(site.recorded(ip(50)).binding.tenure(), Tenure::ForGood);
}

#[test]
fn nobody_gets_a_dynamic_address_for_good() {
    let mut site = served();
    let refused = ask_for_good(&mut site, EAST, ip(100), 1);
    assert_eq!(refused, LeaseAnswer::Refused(Refusal::NotGiven));
    assert!(site.region.state.tables().leases.is_empty());
}

#[test]
fn rack_that_tells_of_one_when_its_client_has_a_lease_only_makes_it_no_more_than_that() {
    let mut site = served();
    site.lease(EAST, ip(100), client(1));
    let mut told = site.adopt(ip(100), client(1), Millis(60_000));
    if let LeaseStep::Adopt { tenure, .. } = &mut told {
        *tenure = Tenure::ForGood;
    }
    assert_eq!(site.ask(WEST, told), LeaseAnswer::Done);
    assert_eq!(site.recorded(ip(100)).binding.tenure(), Tenure::Leased);
}
