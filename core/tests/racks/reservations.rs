//! A reservation of an address that somebody else has waits until that client has surely let go of it (rule R16).

use crate::site::{EAST, SUBNET, Site, WEST, client, ip, served};
use regent_core::command::Command;
use regent_core::command::edit::Edit;
use regent_core::command::lease::LeaseCommand;
use regent_core::command::rack::LeaseStep;
use regent_core::id::ReservedIpId;
use regent_core::lease::binding::Tenure;
use regent_core::lease::give_up::Ending;
use regent_core::lease::refusal::Refusal;
use regent_core::lease::terms::Terms;
use regent_core::model::reserved_ip::ReservedIp;
use regent_core::net::mac::MacAddr;
use regent_core::outcome::LeaseAnswer;
use regent_core::query::reservation::{reservation_pending_until, reservation_waits};
use regent_core::time::{ClusterTime, Millis};

fn reserved_for(last: u8) -> ReservedIp {
    let mac_address = MacAddr([0x52, 0x54, 0, 0, 0, last]);
    ReservedIp { subnet: SUBNET, ip: ip(50), mac_address, comment: String::new() }
}

fn reserve(site: &mut Site, last: u8) {
    site.region.run(Command::ReservedIp(Edit::Create(reserved_for(last)))).unwrap();
}

/// The address was reserved for client 1, which has it, and is reserved for client 2 now.
fn moved_from_one_to_two(tenure: Tenure) -> Site {
    let mut site = served();
    reserve(&mut site, 1);
    let mut wish = site.commit(ip(50), client(1));
    if let LeaseStep::Commit { tenure: asked, .. } = &mut wish {
        *asked = tenure;
    }
    assert!(matches!(site.ask(EAST, wish), LeaseAnswer::Committed { .. }));
    site.region.run(Command::ReservedIp(Edit::Delete { id: ReservedIpId(1) })).unwrap();
    reserve(&mut site, 2);
    site
}

fn waits(site: &Site) -> (Option<Refusal>, Option<ClusterTime>) {
    let (state, reserved) = (&site.region.state, reserved_for(2));
    (reservation_waits(state, &reserved), reservation_pending_until(state, &reserved))
}

#[test]
fn it_waits_until_the_present_owner_has_surely_let_go_and_then_it_takes_effect() {
    let mut site = moved_from_one_to_two(Tenure::Leased);
    let now = site.region.state.meta().now;
    let Terms { life, autonomy, guard, .. } = Terms::default();
    let rest = Millis(life.0 + autonomy.0 + guard.0);
    let (waiting, until) = waits(&site);
    assert!(matches!(waiting, Some(Refusal::Owned { .. })), "{waiting:?}");
    assert_eq!(until, Some(now.after(rest)), "the rest after the lease counts, too");

    site.pass(Millis(rest.0 - 1));
    assert!(matches!(waits(&site), (Some(Refusal::Resting { .. }), Some(_))), "{:?}", waits(&site));
    let wish = site.commit(ip(50), client(2));
    assert!(matches!(site.ask(WEST, wish), LeaseAnswer::Refused(Refusal::Resting { .. })));

    site.pass(Millis(1));
    assert_eq!(waits(&site), (None, None));
    site.lease(WEST, ip(50), client(2));
    assert_eq!(waits(&site), (None, None), "whose it is does not wait for itself");
}

#[test]
fn owner_that_has_it_for_good_is_waited_for_without_an_end_but_an_admins_word() {
    let mut site = moved_from_one_to_two(Tenure::ForGood);
    assert!(matches!(waits(&site), (Some(Refusal::Owned { .. }), None)), "{:?}", waits(&site));
    let (address, ending, by) = (ip(50), Ending::ClientIsGone, "ann".into());
    site.region.run(Command::Lease(LeaseCommand::End { address, ending, by })).unwrap();
    let (waiting, until) = waits(&site);
    assert!(matches!(waiting, Some(Refusal::Resting { .. })), "{waiting:?}");
    assert_eq!(until, Some(site.region.state.meta().now.after(Terms::default().guard)));
}

#[test]
fn reservation_of_an_address_that_nobody_has_does_not_wait() {
    let mut site = served();
    reserve(&mut site, 2);
    assert_eq!(waits(&site), (None, None));
}
