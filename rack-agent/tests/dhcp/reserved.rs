//! Addresses kept for one client (rule R16).

use crate::packet::{Packet, ip};
use crate::rack::{ACK, OURS, Rack, client, pending, reading};
use regent_core::rack_view::host::Host;
use regent_core::rack_view::lease::Standing;

#[test]
fn a_client_gets_the_address_kept_for_it_in_and_outside_of_ranges() {
    for address in ["10.0.0.20", "10.0.0.150"] {
        let mut rack = Rack::primary();
        rack.keep(1, address);
        let offer = reading(rack.hears(&Packet::discover(1).address(50, "10.0.0.160")));
        assert_eq!(offer.message.yiaddr(), ip(address));
        let asking = rack.hears(&Packet::selecting(1, OURS, address));
        assert_eq!(rack.commits(asking).kind(), ACK);
    }
}

#[test]
fn nobody_else_is_offered_it() {
    let mut rack = Rack::primary();
    rack.own_subnet().ranges = vec!["10.0.0.150-10.0.0.151".parse().unwrap()];
    rack.keep(1, "10.0.0.150");
    let wish = Packet::discover(2).address(50, "10.0.0.150");
    assert_eq!(reading(rack.hears(&wish)).message.yiaddr(), ip("10.0.0.151"));
}

#[test]
fn while_its_last_owner_has_it_the_client_gets_another_one() {
    let mut rack = Rack::primary();
    rack.keep(1, "10.0.0.150");
    rack.learns("10.0.0.150", 2, Standing::Held);
    let meanwhile = reading(rack.hears(&Packet::discover(1))).message.yiaddr();
    assert_ne!(meanwhile, ip("10.0.0.150"));
    rack.learns("10.0.0.150", 2, Standing::Free);
    assert_eq!(reading(rack.hears(&Packet::discover(1))).message.yiaddr(), ip("10.0.0.150"));
}

#[test]
fn a_reserved_client_may_reboot_with_its_address_though_it_never_had_it() {
    let mut rack = Rack::primary();
    rack.keep(1, "10.0.0.20");
    pending(rack.hears(&Packet::rebooting(1, "10.0.0.20")));
}

#[test]
fn it_is_told_the_name_kept_for_it() {
    let mut rack = Rack::primary();
    let name = Some("node-7".to_owned());
    let host = Host { addresses: vec![ip("10.0.0.20")], name, ..Host::default() };
    rack.own().hosts.put(client(1), host);
    assert_eq!(reading(rack.hears(&Packet::discover(1))).text(12).unwrap(), "node-7");
}

#[test]
fn an_address_that_is_kept_no_more_is_anybodys() {
    let mut rack = Rack::primary();
    rack.keep(1, "10.0.0.150");
    rack.keep(1, "10.0.0.20");
    let wish = Packet::discover(2).address(50, "10.0.0.150");
    assert_eq!(reading(rack.hears(&wish)).message.yiaddr(), ip("10.0.0.150"));
}
