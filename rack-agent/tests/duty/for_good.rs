//! Addresses that clients from before DHCP have for good: for how long a rack remembers them, and what of it the region hears.

use crate::packet::{Packet, ip};
use crate::rig::{EASTERN, Rig, WESTERN, kinds};
use regent_core::command::Command;
use regent_core::command::edit::Edit;
use regent_core::command::lease::LeaseCommand;
use regent_core::id::{ReservedIpId, SubnetId};
use regent_core::lease::binding::{Held, Tenure};
use regent_core::lease::give_up::Ending;
use regent_core::model::reserved_ip::ReservedIp;
use regent_core::net::mac::MacAddr;
use regent_core::time::{ClusterTime, Millis};
use regent_rack_agent::dhcp::message::reply::ReplyKind;
use std::net::Ipv4Addr;

const DAY: Millis = Millis::from_secs(24 * 3_600);

fn kept() -> Ipv4Addr {
    ip("10.0.0.20")
}

fn reserve(rig: &mut Rig) {
    let mac_address = MacAddr(crate::packet::mac(1));
    let (ip, comment) = (kept().into(), String::new());
    let kept = ReservedIp { subnet: SubnetId(1), ip, mac_address, comment };
    rig.region.run(Command::ReservedIp(Edit::Create(kept))).unwrap();
    rig.pass(1);
}

fn reserve_no_more(rig: &mut Rig) {
    let gone = Edit::Delete { id: ReservedIpId(1) };
    rig.region.run(Command::ReservedIp(gone)).unwrap();
    rig.pass(1);
}

fn boots(rig: &mut Rig) -> Vec<ReplyKind> {
    kinds(&rig.hears_packet(EASTERN, &Packet::bootp(1).secs(3)))
}

/// Client 1 has the address that is reserved for it, through the eastern rack.
fn given() -> Rig {
    let mut rig = Rig::serving();
    reserve(&mut rig);
    assert_eq!(boots(&mut rig), [ReplyKind::Boot]);
    rig.pass(1);
    rig
}

fn is_remembered(rig: &Rig) -> bool {
    rig.stations[EASTERN].disk.records.contains_key(&kept())
}

#[test]
fn bootp_client_is_answered_when_region_and_disk_have_it_for_good() {
    let rig = given();
    let lease = rig.region.lease(kept()).unwrap();
    assert_eq!((lease.binding.held, lease.binding.expires), (Held::Bound, ClusterTime::NEVER));
    assert_eq!(rig.stations[EASTERN].disk.records[&kept()].tenure, Tenure::ForGood);
}

#[test]
fn what_a_client_has_for_good_its_rack_remembers_for_as_long() {
    let mut rig = given();
    for _ in 0..3 {
        rig.skip(DAY);
        rig.pass(2);
    }
    assert!(is_remembered(&rig));
    reserve_no_more(&mut rig);
    rig.skip(DAY);
    rig.pass(2);
    assert!(is_remembered(&rig));
}

#[test]
fn what_an_admin_ended_its_rack_forgets_like_any_lease() {
    let mut rig = given();
    let (address, ending) = (kept().into(), Ending::ClientIsGone);
    let end = LeaseCommand::End { address, ending, by: String::new() };
    rig.region.run(Command::Lease(end)).unwrap();
    rig.skip(DAY);
    rig.pass(5);
    assert!(!is_remembered(&rig));
}

#[test]
fn region_that_was_restored_to_before_it_hears_of_it_long_after() {
    let mut rig = Rig::serving();
    rig.region.save();
    reserve(&mut rig);
    assert_eq!(boots(&mut rig), [ReplyKind::Boot]);
    rig.pass(1);
    rig.skip(DAY);
    rig.pass(2);
    assert!(rig.region.restore());
    assert!(rig.region.lease(kept()).is_none());
    for rack in [EASTERN, WESTERN] {
        rig.cut(rack);
        rig.join(rack);
    }
    rig.pass(2);
    let lease = rig.region.lease(kept()).unwrap();
    assert_eq!((lease.binding.held, lease.binding.tenure()), (Held::Bound, Tenure::ForGood));
}

#[test]
fn rack_that_starts_again_brings_back_nothing_that_an_admin_ended() {
    let mut rig = given();
    rig.cut(EASTERN);
    let (address, ending) = (kept().into(), Ending::ClientIsGone);
    let end = LeaseCommand::End { address, ending, by: String::new() };
    rig.region.run(Command::Lease(end)).unwrap();
    rig.crash(EASTERN);
    rig.join(EASTERN);
    rig.pass(2);
    let lease = rig.region.lease(kept()).unwrap();
    assert_eq!((lease.binding.held, lease.binding.tenure()), (Held::Ended, Tenure::Leased));
}

#[test]
fn client_that_nothing_is_kept_for_any_more_is_not_answered_and_has_it_all_the_same() {
    let mut rig = given();
    reserve_no_more(&mut rig);
    assert!(boots(&mut rig).is_empty());
    assert!(rig.region.lease(kept()).unwrap().binding.is_live(rig.region.now));
}

#[test]
fn rack_that_is_cut_off_answers_it_only_if_it_knows_it_and_while_it_may() {
    let mut rig = given();
    rig.cut(EASTERN);
    assert_eq!(boots(&mut rig), [ReplyKind::Boot]);
    let other = rig.hears_packet(EASTERN, &Packet::bootp(2).secs(3));
    assert!(other.is_empty());
    rig.skip(DAY);
    assert!(boots(&mut rig).is_empty());
    assert!(is_remembered(&rig), "whatever it has not heard meanwhile");
}
