//! What is left to another rack that does not answer (rule R11).

use crate::packet::{Packet, ip};
use crate::rack::{
    ACK, NAK, OFFER, OURS, PEER, Rack, STRANGER, THIRD, VLAN, assert_silent, client_at, pending,
    reading,
};
use regent_core::id::NodeId;
use regent_core::lease::refusal::Refusal;
use regent_core::lease::server::{Incarnation, Server};
use regent_core::rack_view::lease::Standing;
use regent_core::time::{ClusterTime, Millis};
use regent_rack_agent::dhcp::action::{Action, Destination, Silence, Verdict, Wanted};
use regent_rack_agent::dhcp::exchange::overdue;
use regent_rack_agent::dhcp::recent::left::{LEFT_MAX, LEFT_MILLIS, LEFT_MILLIS_MAX};

const RELAY: &str = "10.9.0.1";

fn taking() -> Packet {
    Packet::selecting(1, PEER, "10.0.0.150")
}

fn due(rack: &mut Rack) -> Option<Action> {
    let view = rack.view();
    let left = rack.book.left.take_due(rack.now)?;
    assert_eq!((left.arrival.vlan, left.server_id), (VLAN, ip(OURS)), "where it came in");
    Some(overdue(left, rack.now, &view, &mut rack.book))
}

/// What becomes of a request that is left to the other rack, which does not answer.
fn left(rack: &mut Rack, packet: &Packet) -> Action {
    assert_silent(rack.hears(packet), Silence::Left);
    rack.passes(LEFT_MILLIS.0 - 1);
    assert_eq!(due(rack), None, "it is not overdue yet");
    rack.passes(1);
    due(rack).unwrap()
}

#[test]
fn who_took_the_offer_of_a_rack_that_does_not_answer_gets_the_same_address_from_this_one() {
    let mut rack = Rack::primary();
    let asking = left(&mut rack, &taking());
    let ack = rack.commits(asking);
    assert_eq!((ack.kind(), ack.message.yiaddr()), (ACK, ip("10.0.0.150")));
    assert_eq!(ack.option(54).unwrap(), ip(OURS).octets());
    assert_eq!(due(&mut rack), None, "once");
}

#[test]
fn who_asks_a_rack_again_after_a_second_is_answered_by_this_one_at_once() {
    let mut rack = Rack::primary();
    assert_silent(rack.hears(&taking()), Silence::Left);
    rack.book.left.forget(&client_at(1));
    rack.passes(LEFT_MILLIS.0 - 1);
    assert_silent(rack.hears(&taking()), Silence::Left);
    rack.passes(1);
    assert_eq!(pending(rack.hears(&taking())).wanted, Wanted::AckForAnother);
}

#[test]
fn client_the_primary_makes_no_offer_gets_one_from_the_secondary_before_it_asks_again() {
    let mut rack = Rack::secondary();
    let offer = left(&mut rack, &Packet::discover(1));
    assert_eq!(reading(offer).kind(), OFFER);
}

#[test]
fn rebooted_and_rebinding_clients_are_not_left_alone_either() {
    for packet in [Packet::rebooting(1, "10.0.0.150"), Packet::renewing(1, "10.0.0.150")] {
        let mut rack = Rack::secondary();
        rack.learns("10.0.0.150", 1, Standing::Held);
        assert_eq!(pending(left(&mut rack, &packet)).address, ip("10.0.0.150"));
    }
}

#[test]
fn client_that_says_something_else_meanwhile_is_not_answered_to_what_it_said_first() {
    let mut rack = Rack::secondary();
    assert_silent(rack.hears(&Packet::discover(1)), Silence::Left);
    rack.passes(500);
    assert_silent(rack.hears(&taking()), Silence::Left);
    rack.passes(500);
    assert_eq!(due(&mut rack), None);
    rack.passes(500);
    pending(due(&mut rack).unwrap());
}

#[test]
fn foreign_server_is_never_stood_in_for() {
    let mut rack = Rack::primary();
    let taking = Packet::selecting(1, STRANGER, "10.0.0.150");
    assert_silent(rack.hears(&taking), Silence::OtherServer);
    rack.passes(LEFT_MILLIS.0);
    assert_eq!(due(&mut rack), None);
    assert_silent(rack.hears(&taking), Silence::OtherServer);
}

#[test]
fn nobody_is_refused_in_the_place_of_a_rack_that_may_have_answered() {
    let mut rack = Rack::primary();
    let asking = pending(left(&mut rack, &taking()));
    let server = Server { rack: NodeId(9), incarnation: Incarnation(1) };
    let in_block = Refusal::InBlock { server, until: ClusterTime(9) };
    let refused = rack.concludes(&asking, Verdict::Refused(in_block));
    assert_silent(refused, Silence::Refused(in_block));
    let elsewhere = Packet::selecting(2, PEER, "192.168.7.7");
    assert_silent(left(&mut rack, &elsewhere), Silence::NotServed);
    assert_silent(rack.hears(&elsewhere), Silence::NotServed);
}

#[test]
fn who_took_an_offer_of_what_is_anothers_is_refused_so_that_it_begins_anew() {
    let mut rack = Rack::primary();
    let asking = pending(left(&mut rack, &taking()));
    let owned = Refusal::Owned { until: ClusterTime(9) };
    assert_eq!(reading(rack.concludes(&asking, Verdict::Refused(owned))).kind(), NAK);
}

#[test]
fn who_took_an_offer_this_rack_still_keeps_for_another_is_refused_so_that_it_begins_anew() {
    let mut rack = Rack::primary();
    let address = rack.binds(2).to_string();
    let taking = Packet::selecting(1, PEER, &address);
    assert_eq!(reading(left(&mut rack, &taking)).kind(), NAK);
    rack.learns(&address, 1, Standing::Held);
    assert_silent(rack.hears(&taking), Silence::NotServed);
}

#[test]
fn what_a_relay_passed_on_is_answered_through_it() {
    let mut rack = Rack::secondary();
    assert_silent(rack.relayed(&Packet::discover(1), RELAY), Silence::Left);
    rack.passes(LEFT_MILLIS.0);
    let offer = reading(due(&mut rack).unwrap());
    assert_eq!(offer.outgoing.to, Destination::Relay(ip(RELAY)));
    assert_eq!(offer.message.yiaddr().octets()[..3], [10, 9, 0]);
}

#[test]
fn who_is_too_late_to_stand_in_waits_for_the_client_to_ask_again() {
    let mut rack = Rack::primary();
    assert_silent(rack.hears(&taking()), Silence::Left);
    rack.passes(LEFT_MILLIS_MAX.0);
    assert_eq!(due(&mut rack), None);
}

#[test]
fn of_too_many_that_are_left_the_oldest_are_forgotten() {
    let mut rack = Rack::primary();
    for number in 0..=u32::try_from(LEFT_MAX).unwrap() {
        rack.hears(&taking().field(30, &number.to_be_bytes()));
    }
    rack.now = rack.now.after(Millis(LEFT_MILLIS.0));
    let mut answered = 0;
    while due(&mut rack).is_some() {
        answered += 1;
    }
    assert_eq!(answered, LEFT_MAX);
}

#[test]
fn of_several_racks_the_second_stands_in_a_second_after_the_first() {
    for asked in [PEER, THIRD] {
        let mut rack = Rack::third();
        if asked == THIRD {
            // The third rack is asked, and this one is the second.
            rack.own().place = 1;
            rack.own().peers[1].place = 2;
        }
        let taking = Packet::selecting(1, asked, "10.0.0.150");
        assert_silent(rack.hears(&taking), Silence::Left);
        rack.passes(2 * LEFT_MILLIS.0 - 1);
        assert_eq!(due(&mut rack), None, "{asked}");
        rack.passes(1);
        pending(due(&mut rack).unwrap());
    }
}

#[test]
fn rack_waits_for_none_that_is_missing_before_it_stands_in() {
    let mut rack = Rack::third();
    rack.own().peers[1].missed_heartbeats = 3;
    pending(left(&mut rack, &taking()));
}
