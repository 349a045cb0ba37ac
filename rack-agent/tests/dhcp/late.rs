//! What comes late is not answered (rules R1 and R12).

use crate::packet::Packet;
use crate::rack::{ACK, OURS, Rack, VLAN, assert_silent, client, kept, pending, reading};
use regent_core::time::Millis;
use regent_rack_agent::dhcp::action::{Action, Silence};
use regent_rack_agent::dhcp::arrival::{Arrival, Cast};
use regent_rack_agent::dhcp::holding::Contact;

fn after_waiting(rack: &mut Rack, packet: &Packet, millis: u64) -> Action {
    let received = rack.now;
    let now = received.after(Millis(millis));
    let source = std::net::Ipv4Addr::UNSPECIFIED;
    rack.arrives(packet, &Arrival { vlan: VLAN, source, cast: Cast::Broadcast, received, now })
}

#[test]
fn a_request_that_waited_more_than_two_seconds_to_be_read_is_dropped() {
    let mut rack = Rack::primary();
    let taking = Packet::selecting(1, OURS, "10.0.0.150");
    pending(after_waiting(&mut rack, &taking, 2_000));
    assert_silent(after_waiting(&mut rack, &taking, 2_001), Silence::Late);
}

#[test]
fn a_commit_that_took_more_than_four_seconds_is_not_acknowledged() {
    for (millis, is_answered) in [(4_000, true), (4_001, false)] {
        let mut rack = Rack::primary();
        let pending = pending(rack.hears(&Packet::selecting(1, OURS, "10.0.0.150")));
        let granted = rack.grants();
        rack.passes(millis);
        let action = rack.concludes(&pending, granted);
        if is_answered {
            let kept = kept(action);
            assert_eq!(reading(rack.keeps(&kept)).kind(), ACK);
        } else {
            assert_silent(action, Silence::Late);
        }
        let address = "10.0.0.150".parse().unwrap();
        assert_eq!(rack.book.holdings.is_last_of(address, &client(1)), is_answered);
    }
}

#[test]
fn the_right_to_act_alone_counts_from_before_the_question() {
    let mut rack = Rack::primary();
    let pending = pending(rack.hears(&Packet::selecting(1, OURS, "10.0.0.150")));
    let (granted, sent) = (rack.grants(), rack.now);
    rack.passes(3_000);
    let record = kept(rack.concludes(&pending, granted)).record;
    assert!(record.alone_until.unwrap() < sent.after(Millis::from_secs(4_200)));
    assert_eq!(record.acked_until, rack.now.after(Millis::from_secs(600)));
}

#[test]
fn a_clock_that_jumped_before_the_region_answered_makes_it_late() {
    let mut rack = Rack::primary();
    let pending = pending(rack.hears(&Packet::selecting(1, OURS, "10.0.0.150")));
    let granted = rack.grants();
    rack.book.contact = Contact::Distrusted;
    assert_silent(rack.concludes(&pending, granted), Silence::Late);
}

#[test]
fn so_does_one_that_jumped_while_the_disk_was_at_work() {
    let mut rack = Rack::primary();
    let address = rack.binds(1).to_string();
    rack.book.contact = Contact::CutOff;
    let kept = kept(rack.gets(&Packet::renewing(1, &address), &address));
    rack.book.contact = Contact::Distrusted;
    assert_silent(rack.keeps(&kept), Silence::Late);
}

#[test]
fn a_disk_that_took_more_than_four_seconds_makes_it_late_too() {
    let mut rack = Rack::primary();
    let address = rack.binds(1).to_string();
    rack.book.contact = Contact::CutOff;
    let kept = kept(rack.gets(&Packet::renewing(1, &address), &address));
    rack.passes(4_001);
    assert_silent(rack.keeps(&kept), Silence::Late);
}
