//! What makes no sense is refused, with the place and the fault, and with it all parts of the change.

use regent_proto::rack;
use regent_proto::view::parts::{Parts, VIEW_PARTS_MAX};

fn fault(view: rack::View) -> String {
    Parts::default().join(view).expect_err("it makes no sense").to_string()
}

fn vlan(vlan: rack::Vlan) -> rack::View {
    rack::View { vlans: vec![vlan], ..rack::View::default() }
}

fn prefix(address: u32, length: u32) -> Option<rack::Prefix> {
    Some(rack::Prefix { address, length })
}

/// A good subnet but for what is changed in it.
fn subnet(change: impl Fn(&mut rack::Subnet)) -> rack::View {
    let (cidr, terms) = (prefix(10 << 24, 24), Some(rack::Terms::default()));
    let mut subnet = rack::Subnet { cidr, terms, ..rack::Subnet::default() };
    change(&mut subnet);
    vlan(rack::Vlan { subnets: vec![subnet], ..rack::Vlan::default() })
}

fn part(revision: u64, more: bool) -> rack::View {
    rack::View { epoch: 1, revision, more, ..rack::View::default() }
}

#[test]
fn a_subnet_that_makes_no_sense_is_told_by_its_place_and_fault() {
    assert!(Parts::default().join(subnet(|_| ())).is_ok());
    let backwards = rack::Range { first: 2, last: 1 };
    let route = rack::Route { destination: prefix(0, 33), gateway: 1 };
    let protocol = rack::Option { code: 53, ..rack::Option::default() };
    let http = rack::HttpBoot { architecture: 70_000, url: "http://x".to_owned() };
    let boot = rack::Boot { http: vec![http], ..rack::Boot::default() };
    let cases: [(rack::View, &str); 9] = [
        (subnet(|it| it.cidr = None), "cidr: is missing, or of a kind not known here"),
        (subnet(|it| it.cidr = prefix(1, 24)), "cidr: is not what it should be"),
        (subnet(|it| it.cidr = prefix(0, 99)), "cidr.length: 99 is not between 0 and 32"),
        (subnet(|it| it.terms = None), "terms: is missing, or of a kind not known here"),
        (subnet(|it| it.ranges = vec![backwards]), "ranges[0].last: is not what it should be"),
        (subnet(|it| it.domain = Some("a..b".to_owned())), "domain: is not what it should be"),
        (
            subnet(|it| it.routes = vec![route]),
            "routes[0].destination.length: 33 is not between 0 and 32",
        ),
        (
            subnet(|it| it.options = vec![protocol.clone()]),
            "options[0].code: 53 stands for nothing known here",
        ),
        (
            subnet(|it| it.boot = Some(boot.clone())),
            "boot.http[0].architecture: 70000 is not between 0 and 65535",
        ),
    ];
    for (view, told) in cases {
        assert_eq!(fault(view), format!("view.vlans[0].subnets[0].{told}"));
    }
}

#[test]
fn what_else_makes_no_sense_is_told_by_its_place_and_fault() {
    let lease = rack::LeaseChange { lease: Some(rack::Lease::default()), ..Default::default() };
    let host = rack::HostChange::default();
    let removed = vec![1; 5_000];
    for (view, told) in [
        (
            rack::View { leases: vec![lease], ..Default::default() },
            "leases[0].lease.standing: 0 stands for nothing known here",
        ),
        (
            rack::View { hosts: vec![host], ..Default::default() },
            "hosts[0].client: is missing, or of a kind not known here",
        ),
        (
            rack::View { removed_vlans: removed, ..Default::default() },
            "removed_vlans: are 5000, and at most 4096 are allowed",
        ),
    ] {
        assert_eq!(fault(view), format!("view.{told}"));
    }
}

#[test]
fn parts_of_different_changes_are_not_joined() {
    let mut parts = Parts::default();
    assert_eq!(parts.join(part(1, true)), Ok(None));
    let error = parts.join(part(2, false)).expect_err("it is of another revision");
    assert_eq!(error.to_string(), "view.revision: is not what it should be");
    let joined = parts.join(part(3, false)).expect("it stands alone").expect("it is the last");
    assert_eq!(joined.revision, 3);
}

#[test]
fn a_later_part_takes_nothing_out() {
    for late in [
        rack::View { whole: true, ..part(1, false) },
        rack::View { removed_vlans: vec![4], ..part(1, false) },
    ] {
        let mut parts = Parts::default();
        assert_eq!(parts.join(part(1, true)), Ok(None));
        let error = parts.join(late).expect_err("too late");
        assert_eq!(error.to_string(), "view.whole: is not what it should be");
    }
}

#[test]
fn a_change_without_end_is_refused() {
    let mut parts = Parts::default();
    for _ in 0..VIEW_PARTS_MAX {
        assert_eq!(parts.join(part(1, true)), Ok(None));
    }
    let error = parts.join(part(1, true)).expect_err("one too many");
    assert_eq!(error.to_string(), "view.parts: are 257, and at most 256 are allowed");
}
