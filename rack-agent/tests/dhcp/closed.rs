//! Addresses another DHCP server may have given: only who has one gets it (rule R20).

use crate::packet::{Packet, ip};
use crate::rack::{HOUR, OFFER, OURS, Rack, assert_silent, kept, pending, reading, trial};
use regent_core::lease::refusal::Refusal;
use regent_core::rack_view::lease::Standing;
use regent_core::rack_view::vlan::Probing;
use regent_core::time::ClusterTime;
use regent_rack_agent::dhcp::action::{Found, Silence, Verdict};
use regent_rack_agent::dhcp::exchange::ahead::addresses_to_try;
use regent_rack_agent::dhcp::holding::{Contact, OwnBlock};

/// A rack whose range was another server's, but for the last ten addresses.
fn closed() -> Rack {
    let mut rack = Rack::primary();
    rack.own_subnet().closed = vec!["10.0.0.100-10.0.0.189".parse().unwrap()];
    rack
}

fn offered(rack: &mut Rack, client: u8) -> std::net::Ipv4Addr {
    let offer = reading(rack.hears(&Packet::discover(client)));
    assert_eq!(offer.kind(), OFFER);
    offer.message.yiaddr()
}

#[test]
fn new_clients_are_offered_open_addresses_alone_and_none_if_all_are_closed() {
    let mut rack = closed();
    for client in 1..=10 {
        assert!(offered(&mut rack, client) >= ip("10.0.0.190"));
    }
    rack.own_subnet().closed = vec!["10.0.0.100-10.0.0.199".parse().unwrap()];
    assert_silent(rack.hears(&Packet::discover(11)), Silence::NoAddress);
}

#[test]
fn client_is_offered_its_imported_address_while_it_has_it_and_no_longer() {
    let mut rack = closed();
    rack.learns("10.0.0.150", 1, Standing::Held);
    assert_eq!(offered(&mut rack, 1), ip("10.0.0.150"));
    for standing in [Standing::Resting, Standing::Free] {
        let mut rack = closed();
        rack.learns("10.0.0.150", 1, standing);
        assert!(offered(&mut rack, 1) >= ip("10.0.0.190"), "{standing:?}");
    }
}

#[test]
fn address_that_is_kept_for_a_client_waits_as_well() {
    let mut rack = closed();
    rack.keep(1, "10.0.0.150");
    assert!(offered(&mut rack, 1) >= ip("10.0.0.190"));
}

/// What it says is no claim of a lease, also where it says which address it has: it knows no leases.
#[test]
fn client_from_before_dhcp_hears_nothing_of_a_closed_address_that_is_kept_for_it() {
    for packet in [Packet::bootp(1), Packet::bootp(1).ciaddr("10.0.0.150")] {
        let mut rack = closed();
        rack.keep(1, "10.0.0.150");
        let asked = pending(rack.hears(&packet));
        assert!(!asked.request.claims_a_lease());
        let refusal = Refusal::Closed { until: ClusterTime(1) };
        let action = rack.concludes(&asked, Verdict::Refused(refusal));
        assert_silent(action, Silence::Refused(refusal));
    }
}

#[test]
fn imported_address_is_tried_before_its_client_is_offered_it_anew() {
    let mut rack = closed();
    rack.own().probing = Probing::On;
    rack.learns("10.0.0.150", 1, Standing::Held);
    let first = trial(rack.hears(&Packet::discover(1)));
    assert_eq!(first.address, ip("10.0.0.150"));
    assert_eq!(reading(rack.tries(&first, Found::Nobody)).message.yiaddr(), ip("10.0.0.150"));
}

#[test]
fn region_is_asked_for_a_client_that_says_it_has_a_closed_address() {
    let mut rack = closed();
    let renewing = pending(rack.hears(&Packet::renewing(1, "10.0.0.150")));
    assert!(renewing.request.claims_a_lease());
    let taking = pending(rack.hears(&Packet::selecting(3, OURS, "10.0.0.195")));
    assert!(!taking.request.claims_a_lease());
}

#[test]
fn rebooted_client_says_nothing_of_whether_its_lease_still_runs() {
    let mut rack = closed();
    assert_silent(rack.hears(&Packet::rebooting(1, "10.0.0.150")), Silence::UnknownClient);
    rack.learns("10.0.0.151", 2, Standing::Held);
    let known = pending(rack.hears(&Packet::rebooting(2, "10.0.0.151")));
    assert!(!known.request.claims_a_lease());
}

#[test]
fn closed_addresses_are_not_tried_ahead() {
    let mut rack = closed();
    rack.own().probing = Probing::On;
    let addresses = addresses_to_try(&rack.vlans[0], &rack.book, rack.now);
    assert!(!addresses.is_empty());
    assert!(addresses.iter().all(|address| *address >= ip("10.0.0.190")), "{addresses:?}");
}

#[test]
fn who_takes_an_offer_of_a_closed_address_gets_it_from_no_rack_that_is_cut_off() {
    let mut rack = closed();
    rack.book.contact = Contact::CutOff;
    let deadline = rack.now.after(HOUR);
    let range = "10.0.0.180-10.0.0.199".parse().unwrap();
    rack.book.holdings.blocks.push(OwnBlock { range, deadline });
    let taking = |number, address| Packet::selecting(number, OURS, address);
    assert_silent(rack.hears(&taking(1, "10.0.0.185")), Silence::NoRight);
    kept(rack.hears(&taking(1, "10.0.0.195")));
    rack.learns("10.0.0.186", 2, Standing::Held);
    kept(rack.hears(&taking(2, "10.0.0.186")));
}
