//! Why an address is given or not: what is told is what a rack hears that asks.

use crate::site::{EAST, EPOCH, SUBNET, Site, VLAN, WEST, client, ip, patch, served};
use regent_core::command::Command;
use regent_core::command::edit::Edit;
use regent_core::command::lease::LeaseCommand;
use regent_core::command::rack::{ClientFacts, LeaseStep};
use regent_core::command::vlan::VlanPatch;
use regent_core::lease::binding::Held;
use regent_core::lease::give_up::Ending;
use regent_core::lease::refusal::Refusal;
use regent_core::lease::terms::Terms;
use regent_core::model::reserved_ip::ReservedIp;
use regent_core::net::mac::MacAddr;
use regent_core::outcome::LeaseAnswer;
use regent_core::query::lease_why::address::{AddressAnswer, address_answer, judged};
use regent_core::query::lease_why::client::{Claim, ClientAnswer};
use regent_core::query::lease_why::fact::Fact;
use regent_core::query::lease_why::{Answer, why};
use std::net::IpAddr;

fn mac(last: u8) -> MacAddr {
    MacAddr([0x52, 0x54, 0, 0, 0, last])
}

fn of_address(site: &Site, address: IpAddr) -> AddressAnswer {
    address_answer(&site.region.state, address)
}

fn of_client(site: &Site, text: &str) -> ClientAnswer {
    let answers = why(&site.region.state, text);
    match answers.into_iter().next() {
        Some(Answer::Client(answer)) => answer,
        other => panic!("{other:?}"),
    }
}

/// A site in which addresses are in every state there is.
fn busy() -> Site {
    let mut site = served();
    let kept =
        ReservedIp { subnet: SUBNET, ip: ip(50), mac_address: mac(7), comment: String::new() };
    site.region.run(Command::ReservedIp(Edit::Create(kept))).unwrap();
    site.lease(EAST, ip(100), client(1));
    site.lease(EAST, ip(101), client(2));
    site.lease(WEST, ip(102), client(3));
    let ended =
        LeaseCommand::End { address: ip(101), ending: Ending::ClientMayBeThere, by: String::new() };
    site.region.run(Command::Lease(ended)).unwrap();
    let number = site.number();
    let released = LeaseStep::Release { number, address: ip(102), client: client(3) };
    assert_eq!(site.ask(WEST, released), LeaseAnswer::Done);
    let found = LeaseStep::FoundInUse { epoch: EPOCH, address: ip(103) };
    assert_eq!(site.ask(EAST, found), LeaseAnswer::Done);
    let (number, count) = (site.number(), 4);
    let block = LeaseStep::Delegate { number, epoch: EPOCH, subnet: SUBNET, count };
    let delegated = site.ask(WEST, block);
    assert!(matches!(delegated, LeaseAnswer::Delegated { .. }), "{delegated:?}");
    site
}

#[test]
fn what_is_told_is_what_the_rack_hears_that_asks() {
    let site = busy();
    let (mut yes, mut no) = (0, 0);
    let addresses = (98..112).map(ip).chain([ip(50), ip(51), [10, 9, 9, 9].into()]);
    for address in addresses {
        for number in [1, 2, 3, 7, 9] {
            let told = judged(&site.region.state, address, &client(number));
            let mut racks = [EAST, WEST].map(|rack| {
                let mut site = site.clone();
                let wish = site.commit(address, client(number));
                (rack, site.ask(rack, wish))
            });
            racks.sort_by_key(|(_, answer)| matches!(answer, LeaseAnswer::Refused(_)));
            match (told, racks[0].1) {
                (Ok(server), LeaseAnswer::Committed { .. }) => {
                    assert_eq!(server.rack, racks[0].0, "{address} to {number}");
                    yes += 1;
                }
                (Err(told), LeaseAnswer::Refused(heard)) => {
                    assert_eq!(told, heard, "{address} to {number}");
                    no += 1;
                }
                (told, heard) => panic!("{address} to {number}: {told:?}, {heard:?}"),
            }
        }
    }
    assert!(yes > 10 && no > 10, "{yes} {no}");
}

#[test]
fn address_that_is_held_tells_by_whom_and_whom_everybody_waits_for() {
    let site = busy();
    let answer = of_address(&site, ip(100));
    assert!(matches!(answer.to_anybody, Err(Refusal::Owned { .. })), "{answer:?}");
    let until = site.recorded(ip(100)).binding.expires;
    let held = answer.facts.iter().find(|fact| matches!(fact, Fact::HeldBy { .. }));
    let Some(Fact::HeldBy { client: who, rack, until: told, .. }) = held else {
        panic!("{answer:?}")
    };
    assert_eq!((who, *rack, *told), (&client(1), Some(EAST), until));
    let alone = until.after(Terms::default().autonomy);
    assert!(answer.facts.contains(&Fact::RenewableBy { rack: EAST, until: alone }));
    let rests = alone.after(Terms::default().guard);
    assert!(answer.facts.contains(&Fact::RestsUntil { until: rests }));
    assert!(answer.facts.contains(&Fact::ServedBy { vlan: VLAN, racks: vec![EAST, WEST] }));
}

#[test]
fn each_address_tells_what_stands_in_its_way() {
    let site = busy();
    let has = |address: u8, wanted: &dyn Fn(&Fact) -> bool| {
        let answer = of_address(&site, ip(address));
        assert!(answer.facts.iter().any(wanted), "{answer:?}");
    };
    has(101, &|fact| matches!(fact, Fact::LastHeldBy { held: Held::Ended, .. }));
    has(102, &|fact| matches!(fact, Fact::LastHeldBy { held: Held::Released, .. }));
    has(103, &|fact| matches!(fact, Fact::LastHeldBy { held: Held::Declined, .. }));
    has(104, &|fact| matches!(fact, Fact::InBlock { rack: WEST, .. }));
    has(110, &|fact| matches!(fact, Fact::InDynamicRange { .. }));
    has(50, &|fact| *fact == Fact::ReservedFor { mac_address: mac(7) });
    has(51, &|fact| *fact == Fact::InNoRange);
    assert_eq!(of_address(&site, [10, 9, 9, 9].into()).facts[0], Fact::NoSubnet);
}

#[test]
fn client_hears_which_address_it_gets_and_why_not_the_one_it_had() {
    let site = busy();
    let known = of_client(&site, "52:54:00:00:00:07");
    assert_eq!(known.gets.map(|(address, claim, _)| (address, claim)), Some((ip(50), Claim::Kept)));
    let owner = of_client(&site, "52:54:00:00:00:01");
    assert_eq!(owner.gets.map(|(address, claim, _)| (address, claim)), Some((ip(100), Claim::Had)));
    let ended = of_client(&site, "52:54:00:00:00:02");
    assert!(matches!(ended.misses[..], [(_, Claim::Had, Refusal::Ended { .. })]), "{ended:?}");
    assert!(matches!(ended.gets, Some((_, Claim::New, _))), "{ended:?}");
    let nobody = why(&site.region.state, "52:54:00:00:00:99");
    assert_eq!(nobody, [Answer::Unknown(MacAddr([0x52, 0x54, 0, 0, 0, 0x99]))]);
}

#[test]
fn client_is_found_by_what_it_calls_itself_and_nobody_by_a_name_that_nobody_has() {
    let mut site = served();
    let mut wish = site.commit(ip(100), client(1));
    if let LeaseStep::Commit { facts, .. } = &mut wish {
        *facts = ClientFacts { hostname: "web".into(), ..ClientFacts::default() };
    }
    assert!(matches!(site.ask(EAST, wish), LeaseAnswer::Committed { .. }));
    assert_eq!(of_client(&site, "web").mac_address, mac(1));
    assert_eq!(why(&site.region.state, "nobody"), []);
}

#[test]
fn client_of_a_vlan_that_nobody_serves_or_that_is_full_hears_that() {
    let mut site = served();
    for last in 100..200 {
        site.lease(EAST, ip(last), client(last));
    }
    let ended =
        LeaseCommand::End { address: ip(100), ending: Ending::ClientMayBeThere, by: String::new() };
    site.region.run(Command::Lease(ended)).unwrap();
    let full = of_client(&site, "52:54:00:00:00:64");
    assert_eq!((full.gets, full.has_pool), (None, true));
    let off = VlanPatch { dhcp_on: Some(false), ..VlanPatch::default() };
    site.region.run(patch(off)).unwrap();
    let unserved = of_client(&site, "52:54:00:00:00:64");
    assert!(unserved.facts.contains(&Fact::NotServed { vlan: VLAN }), "{unserved:?}");
    assert!(matches!(unserved.misses[..], [(_, _, Refusal::NotServing)]), "{unserved:?}");
}
