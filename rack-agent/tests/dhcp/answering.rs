//! Which of several racks answers (rule R11).

use crate::packet::{Packet, ip};
use crate::rack::{OFFER, OURS, PEER, Rack, THIRD, assert_silent, client, pending, reading};
use regent_rack_agent::dhcp::action::{Action, Silence};
use regent_rack_agent::dhcp::view::server::{Peer, Shares, share_of};

fn is_offered(action: Action) -> bool {
    match action {
        Action::Send(_) => reading(action).kind() == OFFER,
        other => {
            assert_silent(other, Silence::Left);
            false
        }
    }
}

#[test]
fn the_primary_answers_at_once_and_the_secondary_does_not() {
    assert!(is_offered(Rack::primary().hears(&Packet::discover(1))));
    assert!(!is_offered(Rack::secondary().hears(&Packet::discover(1))));
}

#[test]
fn the_secondary_answers_a_client_that_says_it_waited_two_seconds() {
    let mut rack = Rack::secondary();
    assert!(!is_offered(rack.hears(&Packet::discover(1).secs(1))));
    assert!(is_offered(rack.hears(&Packet::discover(1).secs(2))));
}

#[test]
fn the_secondary_answers_an_exchange_it_has_seen_for_a_second_and_a_half() {
    let mut rack = Rack::secondary();
    assert!(!is_offered(rack.hears(&Packet::discover(1))));
    rack.passes(1_499);
    assert!(!is_offered(rack.hears(&Packet::discover(1))));
    rack.passes(1);
    assert!(!is_offered(rack.hears(&Packet::discover(1).xid(5))), "another exchange");
    assert!(is_offered(rack.hears(&Packet::discover(1))));
}

#[test]
fn the_secondary_answers_at_once_when_the_primary_misses_three_heartbeats() {
    let mut rack = Rack::secondary();
    rack.own().peers[0].missed_heartbeats = 2;
    assert!(!is_offered(rack.hears(&Packet::discover(1))));
    rack.own().peers[0].missed_heartbeats = 3;
    assert!(is_offered(rack.hears(&Packet::discover(2))));
}

#[test]
fn the_secondary_answers_its_share_of_the_clients_at_once() {
    let mut rack = Rack::secondary();
    rack.own().shares = Shares::every(2, 1);
    let offered = (0..64_u8).filter(|number| {
        let is_ours = share_of(&client(*number)) % 2 == 1;
        assert_eq!(is_offered(rack.hears(&Packet::discover(*number))), is_ours);
        is_ours
    });
    assert!((16..48).contains(&offered.count()));
}

#[test]
fn who_takes_the_offer_of_the_other_rack_is_left_to_it_while_it_lives() {
    let mut rack = Rack::primary();
    let taking = Packet::selecting(1, PEER, "10.0.0.150");
    assert_silent(rack.hears(&taking), Silence::Left);
}

#[test]
fn who_takes_the_offer_of_a_rack_that_died_gets_the_same_address_from_this_one() {
    let mut rack = Rack::primary();
    rack.own().peers[0].missed_heartbeats = 3;
    let asking = rack.hears(&Packet::selecting(1, PEER, "10.0.0.150"));
    let ack = rack.commits(asking);
    assert_eq!(ack.message.yiaddr(), ip("10.0.0.150"));
    assert_eq!(ack.option(54).unwrap(), ip(OURS).octets());
}

#[test]
fn a_rebinding_or_rebooted_client_waits_for_the_secondary_as_any_other() {
    let mut rack = Rack::secondary();
    let rebinding = Packet::renewing(1, "10.0.0.150");
    assert_silent(rack.hears(&rebinding), Silence::Left);
    let rebooting = Packet::rebooting(2, "192.168.7.7");
    assert_silent(rack.hears(&rebooting), Silence::Left);
    pending(rack.hears(&Packet::renewing(1, "10.0.0.150").secs(9)));
}

#[test]
fn a_client_that_renews_with_the_secondary_is_answered_at_once() {
    let mut rack = Rack::secondary();
    pending(rack.gets(&Packet::renewing(1, "10.0.0.150"), "10.0.0.150"));
}

#[test]
fn the_third_waits_twice_as_long_for_the_two_before_it() {
    let mut rack = Rack::third();
    assert!(!is_offered(rack.hears(&Packet::discover(1).secs(3))));
    assert!(is_offered(rack.hears(&Packet::discover(2).secs(4))));
    rack.passes(2_999);
    assert!(!is_offered(rack.hears(&Packet::discover(1).secs(3))));
    rack.passes(1);
    assert!(is_offered(rack.hears(&Packet::discover(1).secs(3))));
}

#[test]
fn the_third_takes_the_place_of_those_before_it_that_are_missing() {
    let mut rack = Rack::third();
    rack.own().peers[1].missed_heartbeats = 3;
    assert!(!is_offered(rack.hears(&Packet::discover(1).secs(1))));
    assert!(is_offered(rack.hears(&Packet::discover(1).secs(2))));
    rack.own().peers[0].missed_heartbeats = 3;
    assert!(is_offered(rack.hears(&Packet::discover(2))));
}

#[test]
fn a_rack_nobody_has_heard_of_is_waited_for() {
    let mut rack = Rack::third();
    rack.own().peers.clear();
    assert!(!is_offered(rack.hears(&Packet::discover(1).secs(3))));
}

#[test]
fn of_several_racks_the_first_that_lives_stands_in_for_one_that_died() {
    let taking = Packet::selecting(1, THIRD, "10.0.0.150");
    let mut first = Rack::primary();
    let peer = first.own().peers[0];
    first.own().peers = vec![peer, Peer { server_id: ip(THIRD), place: 2, missed_heartbeats: 3 }];
    pending(first.hears(&taking));

    let dead = Packet::selecting(1, PEER, "10.0.0.150");
    let mut third = Rack::third();
    third.own().peers[0].missed_heartbeats = 3;
    assert_silent(third.hears(&dead), Silence::Left);
    third.own().peers[1].missed_heartbeats = 3;
    pending(third.hears(&dead));
}
