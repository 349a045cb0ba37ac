//! The four messages of a new lease: DISCOVER, OFFER, REQUEST, ACK (RFC 2131 section 3.1, rule R1).

use crate::packet::{Packet, ip, mac};
use crate::rack::{
    ACK, LIFE, OFFER, OURS, Rack, assert_silent, client, kept, outgoing, pending, reading,
};
use regent_core::rack_view::lease::Standing;
use regent_core::time::Millis;
use regent_rack_agent::dhcp::action::{Action, Destination, Silence, Verdict};

#[test]
fn a_new_client_is_offered_a_free_address_of_its_subnet() {
    let mut rack = Rack::primary();
    let offer = reading(rack.hears(&Packet::discover(1)));
    assert_eq!(offer.kind(), OFFER);
    assert!(rack.own_subnet().is_dynamic(offer.message.yiaddr()));
    assert_eq!(offer.option(54).unwrap(), ip(OURS).octets());
    assert_eq!(offer.life_secs(), 600);
    assert_eq!(offer.message.xid(), 0xAABB_CC01);
    assert_eq!(offer.message.chaddr(), mac(1));
}

#[test]
fn an_offer_changes_nothing_at_the_region() {
    let mut rack = Rack::primary();
    assert!(matches!(rack.hears(&Packet::discover(1)), Action::Send(_)));
    assert_eq!(rack.book.holdings.iter().count(), 0);
}

#[test]
fn nothing_is_acknowledged_before_the_region_has_committed_it_and_the_disk_has_it() {
    let mut rack = Rack::primary();
    let offered = reading(rack.hears(&Packet::discover(1))).message.yiaddr();
    let taking = Packet::selecting(1, OURS, &offered.to_string());
    let pending = pending(rack.hears(&taking));
    assert_eq!((pending.address, pending.life), (offered, LIFE));
    assert_eq!(pending.request.client, client(1));
    let granted = rack.grants();
    let kept = kept(rack.concludes(&pending, granted));
    assert_eq!(kept.record.client, client(1));
    let ack = reading(rack.keeps(&kept));
    assert_eq!((ack.kind(), ack.message.yiaddr(), ack.life_secs()), (ACK, offered, 600));
}

#[test]
fn an_unreachable_region_means_silence_while_it_is_not_known_to_be_away() {
    let mut rack = Rack::primary();
    let taking = Packet::selecting(1, OURS, "10.0.0.100");
    let pending = pending(rack.hears(&taking));
    assert_silent(rack.concludes(&pending, Verdict::Unreachable), Silence::Unreachable);
}

#[test]
fn a_client_without_an_address_is_answered_in_a_frame_or_by_broadcast_as_it_asks() {
    let mut rack = Rack::primary();
    let in_frame = outgoing(rack.hears(&Packet::discover(1)));
    let address = in_frame.reply.yiaddr;
    let hardware = in_frame.reply.hardware;
    assert_eq!(in_frame.to, Destination::Frame { hardware, address });
    let broadcast = outgoing(rack.hears(&Packet::discover(2).broadcast()));
    assert_eq!(broadcast.to, Destination::Broadcast);
}

#[test]
fn a_client_that_asks_again_is_offered_the_same_address() {
    let mut rack = Rack::primary();
    let first = reading(rack.hears(&Packet::discover(1))).message.yiaddr();
    rack.passes(5_000);
    let again = reading(rack.hears(&Packet::discover(1).xid(7))).message.yiaddr();
    assert_eq!(first, again);
}

#[test]
fn two_clients_are_never_offered_one_address_at_a_time() {
    let mut rack = Rack::primary();
    let mut offered: Vec<_> = (0..100)
        .map(|client| reading(rack.hears(&Packet::discover(client))).message.yiaddr())
        .collect();
    offered.sort_unstable();
    offered.dedup();
    assert_eq!(offered.len(), 100);
    assert_silent(rack.hears(&Packet::discover(200)), Silence::NoAddress);
}

#[test]
fn an_offer_is_forgotten_after_a_minute() {
    let mut rack = Rack::primary();
    for client in 0..100 {
        rack.hears(&Packet::discover(client));
    }
    rack.passes(60_000);
    assert_eq!(reading(rack.hears(&Packet::discover(200))).kind(), OFFER);
}

#[test]
fn a_client_that_comes_back_gets_the_address_it_had() {
    let mut rack = Rack::primary();
    rack.learns("10.0.0.177", 1, Standing::Free);
    let offer = reading(rack.hears(&Packet::discover(1).address(50, "10.0.0.150")));
    assert_eq!(offer.message.yiaddr(), ip("10.0.0.177"));
}

#[test]
fn an_address_that_rests_goes_back_to_its_owner_and_to_nobody_else() {
    let mut rack = Rack::primary();
    rack.learns("10.0.0.177", 1, Standing::Resting);
    let wish = |client| Packet::discover(client).address(50, "10.0.0.177");
    assert_ne!(reading(rack.hears(&wish(2))).message.yiaddr(), ip("10.0.0.177"));
    assert_eq!(reading(rack.hears(&wish(1))).message.yiaddr(), ip("10.0.0.177"));
}

#[test]
fn a_wish_is_granted_where_the_address_is_free_and_overlooked_elsewhere() {
    let mut rack = Rack::primary();
    let free = Packet::discover(1).address(50, "10.0.0.150");
    assert_eq!(reading(rack.hears(&free)).message.yiaddr(), ip("10.0.0.150"));
    let outside = Packet::discover(2).address(50, "10.0.0.50");
    assert!(rack.hears(&outside) != Action::Silent(Silence::NoAddress));
    rack.learns("10.0.0.160", 9, Standing::Held);
    let taken = Packet::discover(3).address(50, "10.0.0.160");
    assert_ne!(reading(rack.hears(&taken)).message.yiaddr(), ip("10.0.0.160"));
}

#[test]
fn an_address_of_another_racks_block_is_not_offered() {
    let mut rack = Rack::primary();
    rack.own_subnet().foreign_blocks = vec!["10.0.0.100-10.0.0.198".parse().unwrap()];
    let offer = reading(rack.hears(&Packet::discover(1)));
    assert_eq!(offer.message.yiaddr(), ip("10.0.0.199"));
}

#[test]
fn addresses_of_racks_and_gateways_are_not_offered() {
    let mut rack = Rack::primary();
    rack.own_subnet().ranges = vec!["10.0.0.1-10.0.0.4".parse().unwrap()];
    let offer = reading(rack.hears(&Packet::discover(1)));
    assert_eq!(offer.message.yiaddr(), ip("10.0.0.4"));
}

#[test]
fn a_lease_is_as_long_as_the_client_asks_within_what_the_subnet_allows() {
    let mut rack = Rack::primary();
    for (client, wish, life) in [(1, 100_u32, 100), (2, 1, 30), (3, 0, 600), (4, u32::MAX, 600)] {
        let discover = Packet::discover(client).with(51, &wish.to_be_bytes());
        assert_eq!(reading(rack.hears(&discover)).life_secs(), life, "asked for {wish}");
    }
}

#[test]
fn renewal_and_rebinding_come_after_half_and_seven_eighths_of_the_lease() {
    let mut rack = Rack::primary();
    let offer = reading(rack.hears(&Packet::discover(1)));
    let seconds = |code| u32::from_be_bytes(offer.option(code).unwrap().try_into().unwrap());
    assert_eq!((seconds(58), seconds(59)), (300, 525));
}

#[test]
fn options_are_those_of_the_subnet_that_the_client_asks_for() {
    let mut rack = Rack::primary();
    rack.own_subnet().told.mtu = Some(9000);
    let all = reading(rack.hears(&Packet::discover(1)));
    assert_eq!(all.option(1).unwrap(), [255, 255, 255, 0]);
    assert_eq!(all.option(3).unwrap(), [10, 0, 0, 1]);
    assert_eq!(all.option(6).unwrap(), [10, 0, 0, 5, 10, 0, 0, 6]);
    assert_eq!(all.text(15).unwrap(), "lab.example");
    assert_eq!(all.option(26).unwrap(), 9000_u16.to_be_bytes());
    let some = reading(rack.hears(&Packet::discover(2).with(55, &[6])));
    assert!(some.option(1).is_some() && some.option(6).is_some());
    assert!(some.option(3).is_none() && some.option(15).is_none());
}

#[test]
fn routes_come_with_the_gateway_because_they_replace_it() {
    let mut rack = Rack::primary();
    let network = ip("192.168.0.0");
    rack.own_subnet().told.routes = vec![regent_core::rack_view::subnet::Route {
        network,
        prefix: 20,
        gateway: ip("10.0.0.9"),
    }];
    let wanted = [0, 10, 0, 0, 1, 20, 192, 168, 0, 10, 0, 0, 9];
    let offer = reading(rack.hears(&Packet::discover(1).with(55, &[121, 249])));
    assert_eq!(offer.option(121).unwrap(), wanted);
    assert_eq!(offer.option(249).unwrap(), wanted);
    assert!(reading(rack.hears(&Packet::discover(2))).option(249).is_none());
}

#[test]
fn settings_of_a_host_win_over_the_subnet_and_those_over_the_vlan() {
    let mut rack = Rack::primary();
    rack.own().settings.set(4, vec![1]).unwrap();
    rack.own().settings.set(7, vec![1]).unwrap();
    rack.own().settings.set(9, vec![1]).unwrap();
    rack.own_subnet().told.settings.set(7, vec![2]).unwrap();
    rack.own_subnet().told.settings.set(9, vec![2]).unwrap();
    rack.keep(1, "10.0.0.20");
    let mut host = rack.own().hosts.of(&client(1)).unwrap().clone();
    host.settings.set(9, vec![3]).unwrap();
    rack.own().hosts.put(client(1), host);
    let offer = outgoing(rack.hears(&Packet::discover(1)));
    let of = |code: u8| offer.reply.options.get(&code).cloned().unwrap();
    assert_eq!((of(4), of(7), of(9)), (vec![1], vec![2], vec![3]));
}

#[test]
fn no_setting_replaces_what_belongs_to_the_protocol() {
    let mut rack = Rack::primary();
    for code in [0, 50, 51, 53, 54, 61, 82, 255] {
        assert!(rack.own().settings.set(code, vec![1]).is_err(), "{code}");
    }
}

#[test]
fn the_client_identifier_comes_back_and_does_not_make_another_client() {
    let mut rack = Rack::primary();
    let firmware = reading(rack.hears(&Packet::discover(1).with(61, &[0, 1, 2])));
    let system = reading(rack.hears(&Packet::discover(1).with(61, &[255, 9, 9])));
    assert_eq!(firmware.option(61).unwrap(), [0, 1, 2]);
    assert_eq!(system.option(61).unwrap(), [255, 9, 9]);
    assert_eq!(firmware.message.yiaddr(), system.message.yiaddr());
}

#[test]
fn a_client_without_ethernet_is_known_by_its_identifier_and_answered_by_broadcast() {
    let mut rack = Rack::primary();
    let infiniband = Packet::discover(1).field(1, &[32, 0]).field(28, &[0; 6]).with(61, &[0, 7, 7]);
    let offer = outgoing(rack.hears(&infiniband));
    assert_eq!(offer.to, Destination::Broadcast);
    assert!(offer.reply.yiaddr > ip("10.0.0.99"));
}

#[test]
fn the_region_hears_whether_the_rack_itself_knows_that_the_client_has_the_address() {
    let mut rack = Rack::primary();
    let address = rack.binds(1).to_string();
    let renewal = Packet::renewing(1, &address);
    assert!(pending(rack.gets(&renewal, &address)).attested);
    rack.passes(Millis::from_secs(601).0);
    assert!(!pending(rack.gets(&renewal, &address)).attested);
}

#[test]
fn nothing_is_sent_to_an_address_that_is_only_claimed() {
    let mut rack = Rack::primary();
    for ciaddr in ["8.8.8.8", "10.0.0.150"] {
        let offer = outgoing(rack.hears(&Packet::discover(1).ciaddr(ciaddr)));
        assert!(matches!(offer.to, Destination::Frame { .. }), "{ciaddr}");
    }
}

#[test]
fn the_rack_remembers_what_it_gave_before_the_region_tells_it() {
    let mut rack = Rack::primary();
    let asking = rack.hears(&Packet::selecting(1, OURS, "10.0.0.150"));
    rack.commits(asking);
    assert_eq!(reading(rack.hears(&Packet::discover(1))).message.yiaddr(), ip("10.0.0.150"));
}

#[test]
fn an_address_found_in_use_is_not_offered_to_the_client_that_had_it_either() {
    let mut rack = Rack::primary();
    rack.learns("10.0.0.150", 1, Standing::Declined);
    assert_ne!(reading(rack.hears(&Packet::discover(1))).message.yiaddr(), ip("10.0.0.150"));
}

#[test]
fn a_client_that_had_two_addresses_gets_the_later_one_when_the_first_is_anothers() {
    let mut rack = Rack::primary();
    rack.learns("10.0.0.150", 1, Standing::Free);
    rack.learns("10.0.0.151", 1, Standing::Free);
    rack.learns("10.0.0.150", 2, Standing::Held);
    assert_eq!(reading(rack.hears(&Packet::discover(1))).message.yiaddr(), ip("10.0.0.151"));
}

#[test]
fn address_the_rack_gave_a_moment_ago_is_offered_to_nobody_else_though_the_region_has_not_told() {
    let mut rack = Rack::primary();
    let address = rack.binds(1);
    let offer = reading(rack.hears(&Packet::discover(2).address(50, &address.to_string())));
    assert_ne!(offer.message.yiaddr(), address);
}
