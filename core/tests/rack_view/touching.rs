//! What of racks' views one change touches: no more than it is about, and nothing for most.

use crate::hosts::{link, machine, reserve};
use crate::site::{EAST, SUBNET, Site, VLAN, WEST, client, ip, patch, served};
use regent_core::command::Command;
use regent_core::command::edit::Edit;
use regent_core::command::node::{NodeCommand, NodePatch};
use regent_core::command::rack::LeaseStep;
use regent_core::command::setting::SettingCommand;
use regent_core::command::subnet::SubnetPatch;
use regent_core::command::vlan::VlanPatch;
use regent_core::id::{NodeId, SubnetId, VlanId};
use regent_core::model::hostname::Hostname;
use regent_core::model::parameter::ParameterValue;
use regent_core::model::setting::SettingName;
use regent_core::model::static_route::StaticRoute;
use regent_core::model::subnet::Subnet;
use regent_core::model::tag::Tag;
use regent_core::model::vlan::Vlan;
use regent_core::net::cidr::Cidr;
use regent_core::rack_view::follow::followed;
use regent_core::rack_view::telling::difference;
use regent_core::rack_view::touched::{Extent, Touched};

/// What is touched by whatever is done.
fn touched(site: &mut Site, done: impl FnOnce(&mut Site)) -> Touched {
    let before = site.region.state.clone();
    done(site);
    followed(&before, &site.region.state)
}

fn run(site: &mut Site, command: Command) -> Touched {
    touched(site, |site| drop(site.region.run(command).unwrap()))
}

fn rename(node: NodeId, name: &str) -> Command {
    let hostname = Some(Hostname::new(name).unwrap());
    let patch = NodePatch { hostname, ..NodePatch::default() };
    Command::Node(Box::new(NodeCommand::Update { id: node, patch }))
}

fn setting(name: &str) -> Command {
    let (name, value) = (SettingName(name.to_owned()), ParameterValue::Text("10.0.0.9".to_owned()));
    Command::Setting(SettingCommand::Set { name, value })
}

fn of_subnet(patch: SubnetPatch) -> Command {
    Command::Subnet(Edit::Update { id: SUBNET, patch })
}

#[test]
fn a_lease_touches_its_address() {
    let mut site = served();
    let touched = touched(&mut site, |site| site.lease(EAST, ip(100), client(7)));
    assert_eq!(touched, Touched::lease([VLAN], [10, 0, 0, 100].into()));
}

#[test]
fn addresses_kept_for_clients_touch_those_clients() {
    let mut site = served();
    let (node, interface) = machine(&mut site, "heron", 1);
    let hosts = Touched::hosts([(VLAN, client(1))]);
    assert_eq!(touched(&mut site, |site| link(site, interface, ip(21))), hosts);
    assert_eq!(run(&mut site, rename(node, "egret")), hosts);
    let other = Touched::hosts([(VLAN, client(9))]);
    assert_eq!(touched(&mut site, |site| reserve(site, ip(50), 9)), other);
}

#[test]
fn what_machines_do_all_day_touches_nothing() {
    let mut site = served();
    let (node, interface) = machine(&mut site, "heron", 1);
    link(&mut site, interface, ip(21));
    let patch = NodePatch { cpu_count: Some(64), ..NodePatch::default() };
    let busy = Command::Node(Box::new(NodeCommand::Update { id: node, patch }));
    let (name, definition) = ("gpu".to_owned(), String::new());
    let tag = Tag { name, definition, comment: String::new(), kernel_opts: String::new() };
    for command in [busy, Command::Tag(Edit::Create(tag)), setting("theme")] {
        assert!(run(&mut site, command.clone()).is_nothing(), "{command:?}");
    }
    let silent = touched(&mut site, |site| _ = machine(site, "egret", 2));
    assert!(silent.is_nothing(), "nothing is kept for it yet: {silent:?}");
}

#[test]
fn settings_of_the_site_touch_the_configuration_of_every_vlan() {
    let mut site = served();
    for name in ["ntp_servers", "upstream_dns", "region_dns_servers", "dhcp_probe"] {
        assert_eq!(run(&mut site, setting(name)), Touched::all(Extent::Configuration));
    }
}

#[test]
fn a_subnet_that_moves_is_told_anew_and_one_that_is_changed_only_itself() {
    let mut site = served();
    let gateway = SubnetPatch { gateway_ip: Some(Some(ip(1))), ..SubnetPatch::default() };
    let configuration = Touched::vlans([VLAN], Extent::Configuration);
    assert_eq!(run(&mut site, of_subnet(gateway)), configuration);
    let wider: Option<Cidr> = Some("10.0.0.0/23".parse().unwrap());
    let wider = of_subnet(SubnetPatch { cidr: wider, ..SubnetPatch::default() });
    assert_eq!(run(&mut site, wider), Touched::vlans([VLAN], Extent::Whole));
}

#[test]
fn a_subnet_that_moves_touches_those_whose_routes_lead_to_it() {
    let mut site = served();
    let fabric = site.region.state.get::<Vlan>(&VLAN).unwrap().value.fabric;
    let elsewhere = Command::Vlan(Edit::Create(Vlan::new(fabric, 7)));
    let elsewhere = VlanId(site.region.create(elsewhere));
    let far = Subnet::new(elsewhere, "10.7.0.0/24".parse().unwrap());
    let far = SubnetId(site.region.create(Command::Subnet(Edit::Create(far))));
    let route = StaticRoute { source: SUBNET, destination: far, gateway_ip: ip(9), metric: 1 };
    let configuration = Touched::vlans([VLAN], Extent::Configuration);
    assert_eq!(run(&mut site, Command::StaticRoute(Edit::Create(route))), configuration);
    let cidr: Option<Cidr> = Some("10.7.0.0/23".parse().unwrap());
    let patch = SubnetPatch { cidr, ..SubnetPatch::default() };
    let mut both = run(&mut site, Command::Subnet(Edit::Update { id: far, patch }));
    assert_eq!(both.vlans.remove(&elsewhere).unwrap().extent, Some(Extent::Whole));
    assert_eq!(both, configuration);
}

#[test]
fn a_rack_that_comes_is_told_everything_one_that_goes_loses_it_and_others_hear_the_epoch() {
    let mut site = served();
    site.lease(EAST, ip(100), client(7));
    let told = [VLAN].into();
    let alone = VlanPatch { secondary_rack: Some(None), ..VlanPatch::default() };
    let touched = run(&mut site, patch(alone));
    let state = &site.region.state;
    let east = difference(state, EAST, &told, &touched);
    assert_eq!((east.vlans[0].epoch, east.leases.len(), east.removed.len()), (2, 0, 0));
    let west = difference(state, WEST, &told, &touched);
    assert_eq!((west.vlans.len(), west.removed), (0, vec![VLAN]));
    let both = VlanPatch { secondary_rack: Some(Some(WEST)), ..VlanPatch::default() };
    let touched = run(&mut site, patch(both));
    let west = difference(&site.region.state, WEST, &[].into(), &touched);
    assert_eq!((west.vlans[0].epoch, west.leases.len(), west.removed.len()), (3, 1, 0));
}

#[test]
fn a_relayed_vlan_follows_the_racks_of_the_one_it_is_brought_to() {
    let mut site = served();
    let fabric = site.region.state.get::<Vlan>(&VLAN).unwrap().value.fabric;
    let relayed = Vlan { relay_vlan: Some(VLAN), ..Vlan::new(fabric, 7) };
    let relayed = VlanId(site.region.create(Command::Vlan(Edit::Create(relayed))));
    let off = VlanPatch { dhcp_on: Some(false), ..VlanPatch::default() };
    let touched = run(&mut site, patch(off));
    let told = [VLAN, relayed].into();
    assert_eq!(difference(&site.region.state, EAST, &told, &touched).removed, [VLAN, relayed]);
}

#[test]
fn a_block_touches_its_vlan_when_it_is_given_and_not_when_it_is_extended() {
    let mut site = served();
    let number = site.number();
    let delegate = LeaseStep::Delegate { number, epoch: 1, subnet: SUBNET, count: 8 };
    let given = touched(&mut site, |site| _ = site.ask(EAST, delegate));
    assert_eq!(given, Touched::vlans([VLAN], Extent::Configuration));
    site.pass(regent_core::time::Millis(1_000));
    let extend = LeaseStep::Extend { first: ip(100) };
    assert!(touched(&mut site, |site| _ = site.ask(EAST, extend)).is_nothing());
}
