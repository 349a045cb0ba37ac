//! Which clients something is kept for, and who has which address.

use crate::site::{EAST, SUBNET, Site, VLAN, client, ip, served};
use regent_core::command::Command;
use regent_core::command::dhcp_snippet::DhcpSnippetCommand;
use regent_core::command::edit::Edit;
use regent_core::command::link::LinkCommand;
use regent_core::command::node::{NewInterface, NewNode, NodeCommand, NodePatch};
use regent_core::id::{InterfaceId, NodeId};
use regent_core::lease::binding::{Client, Tenure};
use regent_core::lease::terms::Terms;
use regent_core::model::dhcp_snippet::DhcpSnippet;
use regent_core::model::hostname::Hostname;
use regent_core::model::node::NodeType;
use regent_core::model::reserved_ip::ReservedIp;
use regent_core::model::static_ip_address::{AllocType, LinkMode, StaticIpAddress};
use regent_core::net::mac::MacAddr;
use regent_core::rack_view::hosts::{host_of, hosts_of};
use regent_core::rack_view::lease::{Lease, Standing};
use regent_core::rack_view::leases::{lease_view, leases_of};
use regent_core::time::Millis;
use std::net::{IpAddr, Ipv4Addr};

pub(crate) fn card(last: u8) -> MacAddr {
    MacAddr([0x52, 0x54, 0, 0, 0, last])
}

/// A machine with one card.
pub(crate) fn machine(site: &mut Site, name: &str, last: u8) -> (NodeId, InterfaceId) {
    let hostname = Some(Hostname::new(name).unwrap());
    let fields = NodePatch { hostname, ..NodePatch::default() };
    let new = NewInterface { name: "eth0".to_owned(), mac_address: card(last), vlan: Some(VLAN) };
    let new = NewNode { node_type: NodeType::Machine, fields, interfaces: vec![new] };
    let node = NodeId(site.region.create(Command::Node(Box::new(NodeCommand::Create(new)))));
    let mut interfaces = site.region.state.indexes().interfaces_by_mac.iter();
    let interface = interfaces.find(|(mac, _)| *mac == card(last)).unwrap().1;
    (node, interface)
}

pub(crate) fn link(site: &mut Site, interface: InterfaceId, address: IpAddr) {
    let (subnet, ip_address) = (Some(SUBNET), Some(address));
    let link = LinkCommand::Link { interface, mode: LinkMode::Static, subnet, ip_address };
    site.region.run(Command::Link(link)).unwrap();
}

pub(crate) fn reserve(site: &mut Site, address: IpAddr, last: u8) {
    let (mac_address, comment) = (card(last), String::new());
    let reserved = ReservedIp { subnet: SUBNET, ip: address, mac_address, comment };
    site.region.run(Command::ReservedIp(Edit::Create(reserved))).unwrap();
}

fn v4(last: u8) -> Ipv4Addr {
    [10, 0, 0, last].into()
}

#[test]
fn reserved_addresses_come_before_those_of_cards_and_the_name_is_the_machines() {
    let mut site = served();
    let (_, interface) = machine(&mut site, "heron", 1);
    link(&mut site, interface, ip(21));
    reserve(&mut site, ip(50), 1);
    let host = host_of(&site.region.state, VLAN, &client(1)).unwrap();
    assert_eq!((host.addresses, host.name.as_deref()), (vec![v4(50), v4(21)], Some("heron")));
}

#[test]
fn all_hosts_are_what_each_is_by_itself() {
    let mut site = served();
    for last in 1..=5 {
        let (_, interface) = machine(&mut site, &format!("machine{last}"), last);
        if last != 3 {
            link(&mut site, interface, ip(20 + last));
        }
    }
    reserve(&mut site, ip(50), 9);
    let hosts = hosts_of(&site.region.state, VLAN);
    assert_eq!(hosts.keys().cloned().collect::<Vec<_>>(), [1, 2, 4, 5, 9].map(client));
    for (client, host) in hosts {
        assert_eq!(host_of(&site.region.state, VLAN, &client), Some(host));
    }
}

#[test]
fn nothing_is_kept_for_whoever_was_only_seen_or_has_no_card() {
    let mut site = served();
    let (_, interface) = machine(&mut site, "heron", 1);
    let mut seen = StaticIpAddress::new(AllocType::Discovered, Some(SUBNET), Some(ip(30)));
    seen.interfaces.insert(interface);
    site.region.run(Command::StaticIpAddress(Edit::Create(seen))).unwrap();
    let state = &site.region.state;
    assert_eq!(host_of(state, VLAN, &client(1)), None);
    assert_eq!(host_of(state, VLAN, &Client::Identifier(vec![1])), None);
    assert_eq!(hosts_of(state, VLAN).len(), 0);
}

#[test]
fn snippets_of_a_machine_are_set_for_its_cards() {
    let mut site = served();
    let (node, interface) = machine(&mut site, "heron", 1);
    link(&mut site, interface, ip(21));
    let snippet = DhcpSnippet {
        name: "time".to_owned(),
        description: String::new(),
        enabled: true,
        node: Some(node),
        subnet: None,
        iprange: None,
        value: "option time-servers 10.0.0.8;".to_owned(),
        history: Vec::new(),
    };
    site.region.run(Command::DhcpSnippet(DhcpSnippetCommand::Create(snippet))).unwrap();
    let host = host_of(&site.region.state, VLAN, &client(1)).unwrap();
    assert_eq!(host.settings.iter().collect::<Vec<_>>(), [(4, &[10, 0, 0, 8][..])]);
}

#[test]
fn a_lease_is_held_then_rests_and_is_free_at_last() {
    let mut site = served();
    assert_eq!(lease_view(&site.region.state, v4(100)), None);
    site.lease(EAST, ip(100), client(7));
    let terms = Terms::default();
    let over = terms.everything_over(site.region.now).0 - site.region.now.0;
    for (passed, standing) in [
        (Millis(0), Standing::Held),
        (terms.life, Standing::Resting),
        (Millis(over), Standing::Free),
    ] {
        site.pass(passed);
        let (client, tenure) = (Some(client(7)), Tenure::Leased);
        let lease = Lease { client, standing, tenure };
        let all: Vec<_> = leases_of(&site.region.state, VLAN).collect();
        assert_eq!(all, [(v4(100), lease.clone())]);
        assert_eq!(lease_view(&site.region.state, v4(100)), Some(lease));
    }
}
