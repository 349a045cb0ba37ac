//! What is left of a rack that is deleted, or leaves: its VLANs are the other rack's, and what it gave runs out.

use crate::site::{EAST, NORTH, Site, VLAN, WEST, client, ip, key_of, served};
use regent_core::command::Command;
use regent_core::command::node::NodeCommand;
use regent_core::command::rack::LeaseStep;
use regent_core::id::NodeId;
use regent_core::lease::refusal::Refusal;
use regent_core::lease::terms::Terms;
use regent_core::model::event::Event;
use regent_core::model::vlan::Vlan;
use regent_core::outcome::LeaseAnswer;
use regent_core::rejection::Rejection;
use regent_core::time::Millis;

fn remove(site: &mut Site, rack: NodeId) {
    site.region.run(Command::Node(Box::new(NodeCommand::Delete { id: rack }))).unwrap();
    site.region.assert_sound(&"removal of a rack");
}

fn vlan(site: &Site) -> &Vlan {
    &site.region.state.get::<Vlan>(&VLAN).unwrap().value
}

fn last_event(site: &Site) -> &Event {
    &site.region.state.tables().events.iter().last().unwrap().1.value
}

#[test]
fn secondary_takes_over_from_a_primary_that_is_removed() {
    let mut site = served();
    remove(&mut site, EAST);
    let left = vlan(&site);
    assert_eq!((left.primary_rack, left.secondary_rack, left.dhcp_on), (Some(WEST), None, true));
    let told = last_event(&site);
    assert_eq!((told.event_type.as_str(), told.level), ("RACK_REMOVED", 20));
    assert!(told.description.contains("without it on VLAN 5001, and is off on no VLAN"));
}

#[test]
fn racks_behind_one_that_is_removed_move_up() {
    let mut site = served().with_a_third();
    remove(&mut site, EAST);
    let left = vlan(&site);
    assert_eq!((left.primary_rack, left.secondary_rack), (Some(WEST), Some(NORTH)));
    assert!(left.more_racks.is_empty() && left.dhcp_on);
    remove(&mut site, NORTH);
    assert_eq!(site.service().servers, [WEST]);
}

#[test]
fn dhcp_goes_off_with_the_last_rack_of_a_vlan_and_somebody_is_told() {
    let mut site = served();
    remove(&mut site, WEST);
    remove(&mut site, EAST);
    let left = vlan(&site);
    assert_eq!((left.primary_rack, left.secondary_rack, left.dhcp_on), (None, None, false));
    assert!(site.service().servers.is_empty());
    let told = last_event(&site);
    assert_eq!((told.event_type.as_str(), told.level), ("RACK_REMOVED", 30));
    assert!(told.description.contains("is off on VLAN 5001"), "{}", told.description);
}

#[test]
fn address_a_removed_rack_may_still_renew_is_nobody_elses_until_it_may_not() {
    let mut site = served();
    let terms = Terms::default();
    site.lease(EAST, ip(100), client(1));
    remove(&mut site, EAST);
    let epoch = site.service().epoch;
    site.pass(terms.life);
    let wish = site.commit_in(epoch, ip(100), client(2));
    let answer = site.ask(WEST, wish);
    assert!(matches!(answer, LeaseAnswer::Refused(Refusal::Resting { .. })), "{answer:?}");
    site.pass(Millis(terms.autonomy.0 + terms.guard.0));
    let wish = site.commit_in(epoch, ip(100), client(2));
    assert!(matches!(site.ask(WEST, wish), LeaseAnswer::Committed { .. }));
}

#[test]
fn rack_that_leaves_after_it_gave_up_what_it_held_keeps_no_address_waiting() {
    let mut site = served();
    let terms = Terms::default();
    site.lease(EAST, ip(100), client(1));
    let (number, remaining) = (site.number(), terms.life);
    let told = LeaseStep::Relinquish { number, address: ip(100), client: client(1), remaining };
    assert_eq!(site.ask(EAST, told), LeaseAnswer::Done);
    site.leave(EAST, key_of(EAST)).unwrap();
    assert_eq!((vlan(&site).primary_rack, vlan(&site).secondary_rack), (Some(WEST), None));
    let told: Vec<_> = site.region.state.tables().events.iter().collect();
    let kinds: Vec<_> = told.iter().rev().take(2).map(|(_, row)| &*row.value.event_type).collect();
    assert_eq!(kinds, ["RACK_REMOVED", "RACK_LEFT"]);
    let epoch = site.service().epoch;
    site.pass(Millis(terms.lengthened(terms.life).0 + terms.guard.0));
    let wish = site.commit_in(epoch, ip(100), client(2));
    assert!(matches!(site.ask(WEST, wish), LeaseAnswer::Committed { .. }));
}

#[test]
fn nobody_leaves_with_another_key_or_twice() {
    let mut site = served();
    let wrong = site.leave(EAST, key_of(WEST));
    assert!(matches!(wrong, Err(Rejection::RackKeyWrong(_))), "{wrong:?}");
    site.leave(EAST, key_of(EAST)).unwrap();
    site.region.assert_sound(&"a rack that left");
    let again = site.leave(EAST, key_of(EAST));
    assert!(matches!(again, Err(Rejection::MissingReference { .. })), "{again:?}");
}
