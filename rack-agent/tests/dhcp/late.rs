//! What comes late is not answered (rules R1 and R12).

use crate::packet::Packet;
use crate::rack::{ACK, OURS, Rack, VLAN, assert_silent, client, kept, pending, reading};
use regent_core::time::Millis;
use regent_rack_agent::dhcp::action::{Action, Silence, Verdict};
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
fn a_commit_that_took_more_than_four_seconds_is_not_acknowledged_but_counts() {
    for (millis, answered) in [(4_000, true), (4_001, false)] {
        let mut rack = Rack::primary();
        let pending = pending(rack.hears(&Packet::selecting(1, OURS, "10.0.0.150")));
        let sent = rack.now;
        rack.passes(millis);
        let action = rack.concludes(&pending, Verdict::Granted { sent });
        if answered {
            assert_eq!(reading(action).kind(), ACK);
        } else {
            assert_silent(action, Silence::Late);
        }
        let address = "10.0.0.150".parse().unwrap();
        assert!(rack.book.holdings.is_last_of(address, &client(1)));
    }
}

#[test]
fn the_right_to_act_alone_counts_from_before_the_question() {
    let mut rack = Rack::primary();
    let pending = pending(rack.hears(&Packet::selecting(1, OURS, "10.0.0.150")));
    let sent = rack.now;
    rack.passes(3_000);
    rack.concludes(&pending, Verdict::Granted { sent });
    let record = rack.book.holdings.at("10.0.0.150".parse().unwrap()).unwrap();
    assert!(record.alone_until.unwrap() < sent.after(Millis::from_secs(4_200)));
    assert_eq!(record.acked_until, rack.now.after(Millis::from_secs(600)));
}

#[test]
fn a_clock_that_jumped_before_the_acknowledgement_makes_it_late() {
    let mut rack = Rack::primary();
    let pending = pending(rack.hears(&Packet::selecting(1, OURS, "10.0.0.150")));
    let sent = rack.now;
    rack.book.contact = Contact::Distrusted;
    assert_silent(rack.concludes(&pending, Verdict::Granted { sent }), Silence::Late);
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
