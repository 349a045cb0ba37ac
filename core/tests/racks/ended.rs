//! Leases that an admin ended: what becomes of the record, of the racks' view and of names.

use crate::site::{EAST, SUBNET, Site, VLAN, WEST, client, ip, served};
use regent_core::command::Command;
use regent_core::command::edit::Edit;
use regent_core::command::lease::LeaseCommand;
use regent_core::command::rack::{ClientFacts, LeaseStep};
use regent_core::lease::binding::{Held, Tenure};
use regent_core::lease::give_up::Ending;
use regent_core::lease::refusal::Refusal;
use regent_core::lease::terms::Terms;
use regent_core::model::reserved_ip::ReservedIp;
use regent_core::net::mac::MacAddr;
use regent_core::outcome::{LeaseAnswer, Outcome};
use regent_core::query::dns_name::lease_name;
use regent_core::rack_view::follow::followed;
use regent_core::rack_view::lease::{Lease as Told, Standing};
use regent_core::rack_view::leases::lease_view;
use regent_core::rejection::Rejection;
use regent_core::time::Millis;
use std::net::{IpAddr, Ipv4Addr};

fn end(site: &mut Site, address: IpAddr, ending: Ending) -> Result<Outcome, Rejection> {
    let outcome =
        site.region.run(Command::Lease(LeaseCommand::End { address, ending, by: "ann".into() }));
    site.region.assert_sound(&"end of a lease");
    outcome
}

fn refusal(site: &mut Site, address: IpAddr, number: u8) -> Option<Refusal> {
    let wish = site.commit(address, client(number));
    match site.ask(EAST, wish) {
        LeaseAnswer::Refused(refusal) => Some(refusal),
        LeaseAnswer::Committed { .. } => None,
        other => panic!("{other:?}"),
    }
}

#[test]
fn ended_lease_is_renewed_by_nobody_and_its_address_rests_as_if_it_had_run_out() {
    let mut site = served();
    site.lease(EAST, ip(100), client(1));
    let before = site.recorded(ip(100)).clone();
    end(&mut site, ip(100), Ending::ClientMayBeThere).unwrap();
    let after = site.recorded(ip(100)).clone();
    assert_eq!((after.binding.held, after.rests_until), (Held::Ended, before.rests_until));
    assert!(matches!(refusal(&mut site, ip(100), 1), Some(Refusal::Ended { .. })));
    assert!(matches!(refusal(&mut site, ip(100), 2), Some(Refusal::Resting { .. })));
    let left = site.region.now.until(after.rests_until);
    site.pass(Millis(left.0 - 1));
    assert!(refusal(&mut site, ip(100), 2).is_some());
    site.pass(Millis(1));
    assert_eq!(refusal(&mut site, ip(100), 2), None);
}

#[test]
fn name_goes_and_racks_are_told_in_the_entry_that_ends_the_lease() {
    let mut site = served();
    let facts = ClientFacts { hostname: "web".into(), ..ClientFacts::default() };
    let mut wish = site.commit(ip(100), client(1));
    if let LeaseStep::Commit { facts: of_client, .. } = &mut wish {
        *of_client = facts;
    }
    assert!(matches!(site.ask(EAST, wish), LeaseAnswer::Committed { .. }));
    assert!(lease_name(&site.region.state, ip(100)).is_some());
    let before = site.region.state.clone();
    end(&mut site, ip(100), Ending::ClientMayBeThere).unwrap();
    assert_eq!(lease_name(&site.region.state, ip(100)), None);
    let address = Ipv4Addr::new(10, 0, 0, 100);
    let touched = followed(&before, &site.region.state);
    assert!(touched.vlans[&VLAN].leases.contains(&address), "{touched:?}");
    let told = Told { client: None, standing: Standing::Resting, tenure: Tenure::Leased };
    assert_eq!(lease_view(&site.region.state, address), Some(told), "it is not to be offered");
}

#[test]
fn reserved_client_gets_its_address_again_when_the_rest_is_over() {
    let mut site = served();
    let mac_address = MacAddr([0x52, 0x54, 0, 0, 0, 7]);
    let kept = ReservedIp { subnet: SUBNET, ip: ip(50), mac_address, comment: String::new() };
    site.region.run(Command::ReservedIp(Edit::Create(kept))).unwrap();
    site.lease(EAST, ip(50), client(7));
    end(&mut site, ip(50), Ending::ClientMayBeThere).unwrap();
    assert!(matches!(refusal(&mut site, ip(50), 7), Some(Refusal::Ended { .. })));
    let Terms { life, autonomy, guard, .. } = Terms::default();
    site.pass(Millis(life.0 + autonomy.0 + guard.0));
    assert_eq!(refusal(&mut site, ip(50), 7), None);
}

#[test]
fn client_that_is_gone_is_waited_for_no_longer_than_the_guard() {
    let mut site = served();
    site.lease(EAST, ip(100), client(1));
    end(&mut site, ip(100), Ending::ClientIsGone).unwrap();
    assert!(refusal(&mut site, ip(100), 2).is_some());
    site.pass(Terms::default().guard);
    site.lease(WEST, ip(100), client(2));
}

#[test]
fn address_found_in_use_comes_back_only_if_whoever_used_it_is_gone() {
    let mut site = served();
    let found = LeaseStep::FoundInUse { epoch: crate::site::EPOCH, address: ip(102) };
    assert_eq!(site.ask(WEST, found), LeaseAnswer::Done);
    let refused = end(&mut site, ip(102), Ending::ClientMayBeThere).unwrap_err();
    assert_eq!(refused.code(), "state_forbids", "{refused}");
    end(&mut site, ip(102), Ending::ClientIsGone).unwrap();
    site.pass(Terms::default().guard);
    site.lease(WEST, ip(102), client(2));
}

#[test]
fn what_nobody_has_is_not_ended() {
    let mut site = served();
    let refused = end(&mut site, ip(100), Ending::ClientIsGone).unwrap_err();
    assert_eq!(refused.code(), "not_found");
    site.lease(EAST, ip(100), client(1));
    let Terms { life, autonomy, guard, .. } = Terms::default();
    site.pass(life);
    site.pass(Millis(autonomy.0 + guard.0));
    let refused = end(&mut site, ip(100), Ending::ClientMayBeThere).unwrap_err();
    assert_eq!(refused.code(), "state_forbids");
}

#[test]
fn event_tells_who_ended_which_lease_and_once() {
    let mut site = served();
    site.lease(EAST, ip(100), client(1));
    for _ in 0..2 {
        end(&mut site, ip(100), Ending::ClientIsGone).unwrap();
    }
    let events = site.region.state.tables().events.iter().map(|(_, row)| &row.value);
    let told: Vec<_> = events.filter(|event| event.event_type == "DHCP_LEASE_ENDED").collect();
    let [event] = told[..] else { panic!("{told:?}") };
    assert_eq!(event.ip_address, Some(ip(100)));
    assert!(
        event.description.starts_with("ann ended the lease of 10.0.0.100 to 52:54:00:00:00:01")
    );
}
