//! A view as it is told and followed.

use regent_core::codec;
use regent_core::id::{SubnetId, VlanId};
use regent_core::lease::binding::{Client, Tenure};
use regent_core::lease::terms::Terms;
use regent_core::net::mac::MacAddr;
use regent_core::rack_view::change::ViewChange;
use regent_core::rack_view::host::Host;
use regent_core::rack_view::lease::{Lease, Standing};
use regent_core::rack_view::setting::Settings;
use regent_core::rack_view::subnet::{RapidCommit, Subnet, Told};
use regent_core::rack_view::vlan::{Probing, Share, VlanTold};
use regent_core::time::Millis;
use regent_rack_agent::dhcp::view::known::{Known, Place, Unfit};
use regent_rack_agent::dhcp::view::server::{Peer, Shares};
use regent_rack_agent::dhcp::view::site::Vlan;
use std::collections::BTreeMap;
use std::net::Ipv4Addr;

const ONE: VlanId = VlanId(1);
const TWO: VlanId = VlanId(2);
const OURS: Ipv4Addr = Ipv4Addr::new(10, 0, 0, 2);
const LEASED: Ipv4Addr = Ipv4Addr::new(10, 0, 0, 100);
const KEPT: Ipv4Addr = Ipv4Addr::new(10, 0, 0, 9);

fn client(last: u8) -> Client {
    Client::Card(MacAddr([2, 0, 0, 0, 0, last]))
}

fn vlan(id: VlanId) -> VlanTold {
    let subnet = Subnet {
        id: SubnetId(id.0),
        cidr: "10.0.0.0/24".parse().unwrap(),
        ranges: vec!["10.0.0.100-10.0.0.199".parse().unwrap()],
        foreign_blocks: Vec::new(),
        closed: Vec::new(),
        terms: Terms::default(),
        boot_life: Millis::from_secs(30),
        rapid_commit: RapidCommit::Refused,
        told: Told::default(),
        boot: None,
    };
    VlanTold {
        id,
        epoch: 1,
        share: Share { place: 0, places: 2 },
        subnets: vec![subnet],
        own_blocks: Vec::new(),
        boot: None,
        settings: Settings::default(),
        probing: Probing::On,
    }
}

fn held(last: u8) -> Option<Lease> {
    let (standing, tenure) = (Standing::Held, Tenure::Leased);
    Some(Lease { client: Some(client(last)), standing, tenure })
}

/// Both VLANs, one host and one lease on each.
fn whole() -> ViewChange {
    let host = Host { addresses: vec![KEPT], ..Host::default() };
    ViewChange {
        epoch: 3,
        revision: 10,
        whole: true,
        vlans: vec![vlan(ONE), vlan(TWO)],
        hosts: [ONE, TWO].map(|vlan| (vlan, client(1), Some(host.clone()))).into(),
        leases: [ONE, TWO].map(|vlan| (vlan, LEASED, held(2))).into(),
        ..ViewChange::default()
    }
}

fn difference(revision: u64) -> ViewChange {
    ViewChange { epoch: 3, revision, ..ViewChange::default() }
}

/// A rack that has an address on VLAN 1 and none on VLAN 2.
fn known() -> Known {
    let mut known = Known::default();
    known.stand(BTreeMap::from([(ONE, OURS)]));
    known.bring(whole()).unwrap();
    known
}

fn served(known: &Known) -> Vec<VlanId> {
    known.view().vlans().map(|vlan| vlan.id).collect()
}

fn one(known: &Known) -> &Vlan {
    known.view().vlan(ONE).unwrap()
}

#[test]
fn a_vlan_is_served_only_where_the_rack_has_an_address() {
    let mut known = known();
    assert_eq!(served(&known), [ONE]);
    assert_eq!(one(&known).server_id, OURS);
    known.stand(BTreeMap::from([(TWO, OURS)]));
    assert_eq!(served(&known), [TWO]);
    let two = known.view().vlan(TWO).unwrap();
    assert_eq!(
        (two.hosts.keeper_of(KEPT), two.leases.of(&client(2))),
        (Some(&client(1)), Some(LEASED))
    );
}

#[test]
fn leases_and_hosts_are_followed_also_where_nothing_is_served() {
    let mut known = known();
    let mut change = difference(11);
    change.hosts = vec![(TWO, client(1), None)];
    change.leases = vec![(TWO, LEASED, None), (ONE, LEASED, None)];
    known.bring(change).unwrap();
    known.stand(BTreeMap::from([(ONE, OURS), (TWO, OURS)]));
    for vlan in known.view().vlans() {
        assert_eq!(vlan.leases.at(LEASED), None);
        assert_eq!(vlan.hosts.of(&client(1)).is_none(), vlan.id == TWO);
    }
}

#[test]
fn a_vlan_told_anew_keeps_hosts_and_leases_and_one_removed_first_does_not() {
    let mut known = known();
    let mut told = vlan(ONE);
    told.share = Share { place: 1, places: 2 };
    known.bring(ViewChange { vlans: vec![told.clone()], ..difference(11) }).unwrap();
    assert_eq!(one(&known).place, 1);
    assert_eq!(one(&known).shares, Shares::every(2, 1));
    assert!(one(&known).leases.at(LEASED).is_some());
    let anew = ViewChange { removed: vec![ONE], vlans: vec![told], ..difference(12) };
    known.bring(anew).unwrap();
    assert_eq!(one(&known).leases.at(LEASED), None);
    assert_eq!(one(&known).hosts.of(&client(1)), None);
}

#[test]
fn a_vlan_that_is_removed_is_gone_with_all_that_was_known_of_it() {
    let mut known = known();
    known.bring(ViewChange { removed: vec![ONE, TWO], ..difference(11) }).unwrap();
    assert_eq!(known.whole(), Some(ViewChange { whole: true, ..difference(11) }));
}

#[test]
fn other_racks_are_those_of_the_last_word_and_outlast_a_new_view() {
    let mut known = known();
    let peer = Peer { server_id: [10, 0, 0, 3].into(), place: 1, missed_heartbeats: 0 };
    known.meet([(ONE, peer), (TWO, peer)]);
    assert_eq!(one(&known).peers, [peer]);
    known.bring(whole()).unwrap();
    assert_eq!(one(&known).peers, [peer]);
    known.meet([]);
    assert_eq!(one(&known).peers, []);
}

#[test]
fn what_is_no_difference_to_what_is_known_changes_nothing() {
    assert_eq!(Known::default().bring(difference(1)), Err(Unfit::NoView));
    let mut known = known();
    let before = known.clone();
    let restored = ViewChange { epoch: 2, removed: vec![ONE], ..difference(11) };
    assert_eq!(known.bring(restored), Err(Unfit::Epoch { told: 2, known: 3 }));
    let late = ViewChange { removed: vec![ONE], ..difference(9) };
    assert_eq!(known.bring(late), Err(Unfit::Outdated { told: 9, known: 10 }));
    assert_eq!(known, before);
    known.bring(ViewChange { epoch: 4, revision: 1, ..whole() }).unwrap();
    assert_eq!(known.place(), Some(Place { epoch: 4, revision: 1 }));
}

#[test]
fn what_is_kept_on_disk_brings_everything_back() {
    let known = known();
    let sealed = codec::seal(&known.whole().unwrap());
    let mut again = Known::default();
    again.bring(codec::open(&sealed).unwrap()).unwrap();
    again.stand(BTreeMap::from([(ONE, OURS)]));
    assert_eq!(again, known);
}

#[test]
fn clients_are_told_the_addresses_that_names_of_time_servers_stand_for_as_long_as_they_do() {
    let [first, second, name] = ["192.0.2.1", "192.0.2.2", "ntp.example.org"];
    let mut told = vlan(ONE);
    told.subnets[0].told.ntp_servers = vec![first.parse().unwrap()];
    told.subnets[0].told.ntp_names = vec![name.parse().unwrap()];
    let mut known = known();
    known.resolve([(name.parse().unwrap(), vec![second.parse().unwrap()])].into());
    known.bring(ViewChange { vlans: vec![told.clone()], ..difference(11) }).unwrap();
    assert_eq!(known.names(), [name.parse().unwrap()].into());
    let servers = |known: &Known| one(known).subnets[0].told.ntp_servers.clone();
    assert_eq!(servers(&known), [first, second].map(|text| text.parse::<Ipv4Addr>().unwrap()));
    assert_eq!(known.whole().unwrap().vlans[0], told, "what is kept is what was told");
    assert!(one(&known).leases.at(LEASED).is_some());
    known.resolve(BTreeMap::new());
    assert_eq!(servers(&known), [first.parse::<Ipv4Addr>().unwrap()]);
}
