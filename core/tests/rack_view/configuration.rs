//! What a rack is told of a VLAN beside hosts and leases.

use crate::site::{EAST, SUBNET, Site, VLAN, WEST, ip, patch, served};
use regent_core::command::Command;
use regent_core::command::edit::Edit;
use regent_core::command::rack::LeaseStep;
use regent_core::command::setting::SettingCommand;
use regent_core::command::subnet::SubnetPatch;
use regent_core::command::vlan::VlanPatch;
use regent_core::id::{NodeId, VlanId};
use regent_core::model::boot::{BootFile, BootSettings};
use regent_core::model::dhcp_snippet::DhcpSnippet;
use regent_core::model::domain::Domain;
use regent_core::model::ip_range::{IpRange, IpRangeType};
use regent_core::model::parameter::ParameterValue;
use regent_core::model::setting::SettingName;
use regent_core::model::static_route::StaticRoute;
use regent_core::model::subnet::Subnet;
use regent_core::model::vlan::Vlan;
use regent_core::rack_view::follow::followed;
use regent_core::rack_view::network::vlan_view;
use regent_core::rack_view::served::{serving, vlans_of};
use regent_core::rack_view::subnet::{Route, Told};
use regent_core::rack_view::touched::{Extent, Touched};
use regent_core::rack_view::vlan::{Probing, Share, VlanTold};
use regent_core::time::Millis;
use std::net::{IpAddr, Ipv4Addr};

fn told(site: &Site, rack: NodeId) -> VlanTold {
    vlan_view(&site.region.state, rack, VLAN).unwrap()
}

/// What clients of the VLAN's first subnet are told.
fn clients(site: &Site) -> Told {
    told(site, EAST).subnets[0].told.clone()
}

fn set(site: &mut Site, name: &str, value: &str) {
    let (name, value) = (SettingName(name.to_owned()), ParameterValue::Text(value.to_owned()));
    site.region.run(Command::Setting(SettingCommand::Set { name, value })).unwrap();
}

fn change(site: &mut Site, patch: SubnetPatch) {
    site.region.run(Command::Subnet(Edit::Update { id: SUBNET, patch })).unwrap();
}

fn address(text: &str) -> Ipv4Addr {
    text.parse().unwrap()
}

#[test]
fn racks_have_places_in_the_order_in_which_they_were_set_and_a_share_each() {
    let site = served();
    let (east, west) = (told(&site, EAST), told(&site, WEST));
    let half = |place| Share { place, places: 2 };
    assert_eq!((east.epoch, east.share), (1, half(0)));
    assert_eq!((west.epoch, west.share), (1, half(1)));
    assert_eq!(serving(&site.region.state, NodeId(9), VLAN), None);
}

#[test]
fn vlans_that_a_relay_brings_are_served_as_the_one_they_are_brought_to() {
    let mut site = served();
    let relayed = Vlan { relay_vlan: Some(VLAN), ..Vlan::new(site_fabric(&site), 7) };
    let relayed = VlanId(site.region.create(Command::Vlan(Edit::Create(relayed))));
    let subnet = Subnet::new(relayed, "10.9.0.0/24".parse().unwrap());
    site.region.run(Command::Subnet(Edit::Create(subnet))).unwrap();
    assert_eq!(vlans_of(&site.region.state, WEST), [VLAN, relayed].into());
    let told = vlan_view(&site.region.state, WEST, relayed).unwrap();
    assert_eq!((told.epoch, told.share.place, told.subnets.len()), (1, 1, 1));
    site.region.run(patch(VlanPatch { dhcp_on: Some(false), ..VlanPatch::default() })).unwrap();
    assert_eq!(vlans_of(&site.region.state, WEST), [].into());
    assert_eq!(vlan_view(&site.region.state, WEST, relayed), None);
}

fn site_fabric(site: &Site) -> regent_core::id::FabricId {
    site.region.state.get::<Vlan>(&VLAN).unwrap().value.fabric
}

#[test]
fn only_dynamic_ranges_are_given_from_and_only_of_ipv4() {
    let mut site = served();
    let reserved = IpRange {
        subnet: SUBNET,
        range_type: IpRangeType::Reserved,
        start_ip: ip(10),
        end_ip: ip(19),
        user: None,
        comment: String::new(),
    };
    site.region.run(Command::IpRange(Edit::Create(reserved))).unwrap();
    site.region.subnet("fd00::/64");
    let told = told(&site, EAST);
    assert_eq!(told.subnets.len(), 1);
    assert_eq!(told.subnets[0].ranges, ["10.0.0.100-10.0.0.199".parse().unwrap()]);
}

#[test]
fn name_servers_are_the_subnets_then_the_regions_and_without_those_the_ones_it_forwards_to() {
    let mut site = served();
    assert_eq!(clients(&site).dns_servers, [] as [Ipv4Addr; 0]);
    set(&mut site, "upstream_dns", "9.9.9.9 2620:fe::fe");
    assert_eq!(clients(&site).dns_servers, [address("9.9.9.9")]);
    set(&mut site, "region_dns_servers", "10.0.0.2, 10.0.0.3");
    let own: Vec<IpAddr> = vec![ip(4), ip(3), "fd00::4".parse().unwrap()];
    change(&mut site, SubnetPatch { dns_servers: Some(own), ..SubnetPatch::default() });
    let all = ["10.0.0.4", "10.0.0.3", "10.0.0.2"].map(address);
    assert_eq!(clients(&site).dns_servers, all);
    change(&mut site, SubnetPatch { allow_dns: Some(false), ..SubnetPatch::default() });
    assert_eq!(clients(&site).dns_servers, ["10.0.0.4", "10.0.0.3"].map(address));
}

#[test]
fn addresses_are_tried_before_they_are_offered_unless_the_site_does_not_want_that() {
    let mut site = served();
    assert_eq!(told(&site, EAST).probing, Probing::On);
    let name = SettingName("dhcp_probe".to_owned());
    for (value, probing) in [(false, Probing::Off), (true, Probing::On)] {
        let (name, value) = (name.clone(), ParameterValue::Bool(value));
        site.region.run(Command::Setting(SettingCommand::Set { name, value })).unwrap();
        assert_eq!(told(&site, WEST).probing, probing);
    }
}

#[test]
fn domains_time_servers_gateway_and_packet_size_are_told() {
    let mut site = served();
    for (name, authoritative) in [("zoo.example", true), ("foreign.example", false)] {
        let domain = Domain { authoritative, ..Domain::new(name.parse().unwrap()) };
        site.region.run(Command::Domain(Edit::Create(domain))).unwrap();
    }
    set(&mut site, "ntp_servers", "ntp.example.org 10.0.0.8 fd00::8 10.0.0.9");
    change(&mut site, SubnetPatch { gateway_ip: Some(Some(ip(1))), ..SubnetPatch::default() });
    let told = clients(&site);
    assert_eq!(told.domain, Some("maas".parse().unwrap()));
    assert_eq!(told.search, ["maas", "zoo.example"].map(|name| name.parse().unwrap()));
    assert_eq!(told.ntp_servers, ["10.0.0.8", "10.0.0.9"].map(address));
    assert_eq!(told.ntp_names, ["ntp.example.org".parse().unwrap()], "fd00::8 is no name");
    assert_eq!((told.gateway, told.mtu), (Some(address("10.0.0.1")), None));
    site.region.run(patch(VlanPatch { mtu: Some(9_000), ..VlanPatch::default() })).unwrap();
    assert_eq!(clients(&site).mtu, Some(9_000));
}

#[test]
fn routes_are_those_of_the_subnet_and_of_two_to_one_network_the_cheaper() {
    let mut site = served();
    let far = site.region.subnet("10.7.0.0/16");
    let route = |gateway, metric| StaticRoute {
        source: SUBNET,
        destination: far,
        gateway_ip: ip(gateway),
        metric,
    };
    let back = StaticRoute {
        source: far,
        destination: SUBNET,
        gateway_ip: "10.7.0.1".parse().unwrap(),
        metric: 1,
    };
    for route in [route(8, 20), route(9, 10), back] {
        site.region.run(Command::StaticRoute(Edit::Create(route))).unwrap();
    }
    let way = Route { network: address("10.7.0.0"), prefix: 16, gateway: address("10.0.0.9") };
    assert_eq!(clients(&site).routes, [way]);
}

#[test]
fn blocks_are_the_racks_own_or_foreign_and_foreign_once_its_life_is_over() {
    let mut site = served();
    let number = site.number();
    let delegate = LeaseStep::Delegate { number, epoch: 1, subnet: SUBNET, count: 8 };
    site.ask(EAST, delegate);
    let block = "10.0.0.100-10.0.0.107".parse().unwrap();
    let (east, west) = (told(&site, EAST), told(&site, WEST));
    assert_eq!(
        (east.own_blocks, east.subnets[0].foreign_blocks.as_slice()),
        (vec![block], &[][..])
    );
    assert_eq!(
        (west.own_blocks, west.subnets[0].foreign_blocks.as_slice()),
        (vec![], &[block][..])
    );
    site.open(EAST, None).unwrap();
    let east = told(&site, EAST);
    assert_eq!(
        (east.own_blocks, east.subnets[0].foreign_blocks.as_slice()),
        (vec![], &[block][..])
    );
}

fn boot(path: &str) -> BootSettings {
    let file = BootFile { path: path.to_owned(), prefix: None };
    BootSettings { files: [(0, file.clone()), (7, file)].into(), ..BootSettings::default() }
}

#[test]
fn a_subnet_boots_as_its_vlan_unless_it_says_otherwise_or_excludes_a_method() {
    let mut site = served();
    let of_vlan = Some(boot("vlan"));
    site.region
        .run(patch(VlanPatch { boot: Some(of_vlan.clone()), ..VlanPatch::default() }))
        .unwrap();
    assert_eq!(
        (told(&site, EAST).boot, told(&site, EAST).subnets[0].boot.clone()),
        (of_vlan, None)
    );
    let excluded = Some(vec!["pxe".to_owned()]);
    change(
        &mut site,
        SubnetPatch { disabled_boot_architectures: excluded, ..SubnetPatch::default() },
    );
    let of_subnet = |site: &Site| told(site, EAST).subnets[0].boot.clone().unwrap();
    assert_eq!(of_subnet(&site).files.into_keys().collect::<Vec<_>>(), [7]);
    change(&mut site, SubnetPatch { boot: Some(Some(boot("subnet"))), ..SubnetPatch::default() });
    let files = of_subnet(&site).files;
    assert_eq!(files.values().map(|file| file.path.as_str()).collect::<Vec<_>>(), ["subnet"]);
}

#[test]
fn snippets_of_the_site_stand_at_the_vlan_and_those_of_a_subnet_there_and_disabled_ones_nowhere() {
    let mut site = served();
    let snippet = |value: &str, subnet, enabled| {
        Command::DhcpSnippet(Edit::Create(DhcpSnippet {
            name: "snippet".to_owned(),
            description: String::new(),
            enabled,
            node: None,
            subnet,
            iprange: None,
            value: value.to_owned(),
            history: Vec::new(),
        }))
    };
    for (value, subnet, enabled) in [
        ("option time-servers 10.0.0.8;", None, true),
        ("option log-servers 10.0.0.8;", Some(SUBNET), true),
        ("option lpr-servers 10.0.0.8;", Some(SUBNET), false),
    ] {
        site.region.run(snippet(value, subnet, enabled)).unwrap();
    }
    let octets = [10, 0, 0, 8].as_slice();
    assert_eq!(told(&site, EAST).settings.iter().collect::<Vec<_>>(), [(4, octets)]);
    assert_eq!(clients(&site).settings.iter().collect::<Vec<_>>(), [(7, octets)]);
}

#[test]
fn a_rack_is_told_the_terms_of_the_site_and_that_they_changed() {
    let mut site = served();
    let before = site.region.state.clone();
    let name = SettingName("lease_life_s".to_owned());
    let value = ParameterValue::Integer(1800);
    site.region.run(Command::Setting(SettingCommand::Set { name, value })).unwrap();
    let terms = &told(&site, EAST).subnets[0].terms;
    assert_eq!(terms.life, Millis::from_secs(1800));
    let touched = followed(&before, &site.region.state);
    assert_eq!(touched, Touched::all(Extent::Configuration));
}
