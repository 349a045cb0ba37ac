//! Leases as racks ask for them: who gets an address, and when it may go to the next one.

use crate::site::{EAST, EPOCH, SUBNET, WEST, client, ip, patch, served};
use regent_core::command::Command;
use regent_core::command::edit::Edit;
use regent_core::command::rack::{ClientFacts, LEASE_STEPS_MAX, LeaseStep};
use regent_core::command::vlan::VlanPatch;
use regent_core::id::IpRangeId;
use regent_core::lease::binding::{Held, Tenure};
use regent_core::lease::commit::Claim;
use regent_core::lease::refusal::Refusal;
use regent_core::lease::terms::Terms;
use regent_core::model::event::Event;
use regent_core::model::lease::REMEMBERED_MILLIS;
use regent_core::model::reserved_ip::ReservedIp;
use regent_core::model::static_ip_address::{AllocType, StaticIpAddress};
use regent_core::net::mac::MacAddr;
use regent_core::outcome::LeaseAnswer;
use regent_core::time::{ClusterTime, Millis};

fn terms() -> Terms {
    Terms::default()
}

#[test]
fn address_goes_to_the_next_client_when_every_right_to_the_last_one_is_over_and_no_earlier() {
    let mut site = served();
    site.lease(EAST, ip(100), client(1));
    let wish = |site: &mut crate::site::Site| {
        let commit = site.commit(ip(100), client(2));
        site.ask(WEST, commit)
    };
    let refused = |answer| match answer {
        LeaseAnswer::Refused(refusal) => refusal,
        other => panic!("{other:?}"),
    };
    assert!(matches!(refused(wish(&mut site)), Refusal::Owned { .. }));
    site.pass(terms().life);
    let rest = refused(wish(&mut site));
    assert!(matches!(rest, Refusal::Resting { .. }), "the rack may still renew it: {rest:?}");
    site.pass(Millis(terms().autonomy.0 + terms().guard.0 - 1));
    assert!(matches!(refused(wish(&mut site)), Refusal::Resting { .. }));
    site.pass(Millis(1));
    assert!(matches!(wish(&mut site), LeaseAnswer::Committed { .. }));
    assert_eq!(site.recorded(ip(100)).binding.owner, Some(client(2)));
}

#[test]
fn right_that_was_given_up_does_not_keep_the_address() {
    let mut site = served();
    site.lease(EAST, ip(100), client(1));
    site.pass(terms().life);
    let said = site.relinquish(ip(100), client(1));
    assert_eq!(site.ask(EAST, said), LeaseAnswer::Done);
    site.pass(terms().guard);
    site.lease(WEST, ip(100), client(2));
}

#[test]
fn lease_runs_out_by_cluster_time_alone_and_its_client_finds_it_again() {
    let mut site = served();
    site.lease(EAST, ip(100), client(1));
    site.pass(Millis(terms().life.0 - 1));
    assert_eq!(site.recorded(ip(100)).binding.held, Held::Bound);
    site.pass(Millis(1));
    assert_eq!(site.recorded(ip(100)).binding.held, Held::Expired);
    site.lease(WEST, ip(100), client(1));
    assert_eq!(site.recorded(ip(100)).binding.held, Held::Bound);
    assert_eq!(site.recorded(ip(100)).rack, Some(WEST));
}

#[test]
fn renewal_keeps_the_beginning_and_the_longer_end() {
    let mut site = served();
    site.lease(EAST, ip(100), client(1));
    let first = site.recorded(ip(100)).clone();
    site.pass(Millis(1_000));
    let number = site.number();
    let short = LeaseStep::Commit {
        number,
        epoch: EPOCH,
        address: ip(100),
        client: client(1),
        life: Millis(30_000),
        tenure: Tenure::Leased,
        attested: false,
        claim: Claim::Offered,
        facts: ClientFacts { client_id: vec![1, 2], hostname: "pxe".into() },
    };
    assert!(matches!(site.ask(EAST, short), LeaseAnswer::Committed { .. }));
    let renewed = site.recorded(ip(100));
    assert_eq!((renewed.start, renewed.binding.expires), (first.start, first.binding.expires));
    assert_eq!((renewed.hostname.as_str(), renewed.client_id.as_slice()), ("pxe", &[1, 2][..]));
}

#[test]
fn rack_that_does_not_serve_the_vlan_as_it_is_now_gets_nothing() {
    let mut site = served();
    let number = site.number();
    let stale = |epoch, address| LeaseStep::Commit {
        number,
        epoch,
        address,
        client: client(1),
        life: terms().life,
        tenure: Tenure::Leased,
        attested: false,
        claim: Claim::Offered,
        facts: ClientFacts::default(),
    };
    let not_serving = LeaseAnswer::Refused(Refusal::NotServing);
    assert_eq!(site.ask(EAST, stale(EPOCH + 1, ip(100))), not_serving);
    assert_eq!(site.ask(EAST, stale(EPOCH - 1, ip(100))), not_serving);
    assert_eq!(site.ask(EAST, stale(EPOCH, [10, 9, 9, 9].into())), not_serving);
}

#[test]
fn only_dynamic_addresses_and_those_kept_for_the_client_are_given() {
    let mut site = served();
    let kept = ReservedIp {
        subnet: SUBNET,
        ip: ip(50),
        mac_address: MacAddr([0x52, 0x54, 0, 0, 0, 7]),
        comment: String::new(),
    };
    site.region.run(Command::ReservedIp(Edit::Create(kept))).unwrap();
    let wish = site.commit(ip(51), client(1));
    assert_eq!(site.ask(EAST, wish), LeaseAnswer::Refused(Refusal::NotGiven));
    let wish = site.commit(ip(50), client(1));
    assert_eq!(site.ask(EAST, wish), LeaseAnswer::Refused(Refusal::NotGiven));
    site.lease(EAST, ip(50), client(7));
}

#[test]
fn address_given_back_rests_and_one_found_in_use_rests_for_a_day() {
    let mut site = served();
    site.lease(EAST, ip(100), client(1));
    site.lease(EAST, ip(101), client(2));
    let not_owner = LeaseAnswer::Refused(Refusal::NotOwner);
    let number = site.number();
    let release = |client| LeaseStep::Release { number, address: ip(100), client };
    assert_eq!(site.ask(EAST, release(client(2))), not_owner);
    assert_eq!(site.ask(EAST, release(client(1))), LeaseAnswer::Done);
    assert_eq!(site.recorded(ip(100)).binding.held, Held::Released);
    let number = site.number();
    let decline = |client| LeaseStep::Decline { number, address: ip(101), client };
    assert_eq!(site.ask(WEST, decline(client(2))), not_owner, "another rack acknowledged it");
    assert_eq!(site.ask(EAST, decline(client(1))), not_owner);
    assert_eq!(site.ask(EAST, decline(client(2))), LeaseAnswer::Done);
    let found = LeaseStep::FoundInUse { epoch: EPOCH, address: ip(102) };
    assert_eq!(site.ask(WEST, found), LeaseAnswer::Done);
    site.pass(Millis::from_secs(6 * 3_600));
    site.lease(WEST, ip(100), client(3));
    for address in [ip(101), ip(102)] {
        let wish = site.commit(address, client(2));
        let answer = site.ask(WEST, wish);
        assert!(
            matches!(answer, LeaseAnswer::Refused(Refusal::Declined { .. })),
            "{address}: {answer:?}"
        );
    }
}

#[test]
fn each_step_is_judged_for_itself() {
    let mut site = served();
    let steps = vec![
        site.commit(ip(100), client(1)),
        site.commit(ip(100), client(2)),
        site.commit(ip(101), client(2)),
    ];
    let session = site.session(EAST);
    let answers = site.ask_in(EAST, session, steps).unwrap();
    assert!(matches!(
        answers[..],
        [
            LeaseAnswer::Committed { .. },
            LeaseAnswer::Refused(Refusal::Owned { .. }),
            LeaseAnswer::Committed { .. }
        ]
    ));
}

#[test]
fn what_no_honest_rack_sends_is_refused_as_a_whole() {
    let mut site = served();
    let session = site.session(EAST);
    let commit = site.commit(ip(100), client(1));
    let many = vec![commit.clone(); LEASE_STEPS_MAX + 1];
    assert_eq!(site.ask_in(EAST, session, many).unwrap_err().code(), "limit_reached");
    let mut long = commit.clone();
    let LeaseStep::Commit { facts, .. } = &mut long else { panic!("{long:?}") };
    facts.hostname = "x".repeat(256);
    assert_eq!(site.ask_in(EAST, session, vec![commit, long]).unwrap_err().code(), "invalid");
    let delegate = LeaseStep::Delegate { number: 9, epoch: EPOCH, subnet: SUBNET, count: 1 };
    assert_eq!(site.ask_in(EAST, session, vec![delegate; 2]).unwrap_err().code(), "limit_reached");
    assert!(site.region.state.tables().leases.is_empty());
}

#[test]
fn address_that_two_clients_hold_is_told_and_kept_from_everybody() {
    let mut site = served();
    site.lease(EAST, ip(100), client(1));
    let told = site.adopt(ip(100), client(2), Millis(60_000));
    assert_eq!(site.ask(WEST, told), LeaseAnswer::Contradiction);
    assert_eq!(site.recorded(ip(100)).binding.held, Held::Declined);
    let events = site.region.state.tables().events.iter();
    let last: Option<Event> = events.last().map(|(_, row)| row.value.clone());
    let incident = last.unwrap();
    assert_eq!((incident.event_type.as_str(), incident.level), ("DHCP_ADDRESS_HELD_TWICE", 50));
    assert_eq!(incident.ip_address, Some(ip(100)));
    assert!(incident.description.ends_with("nobody gets it for a day at least"), "{incident:?}");
}

#[test]
fn nobody_is_given_for_good_what_a_rack_may_still_give() {
    let mut site = served();
    site.lease(EAST, ip(100), client(1));
    let number = site.number();
    let wish = LeaseStep::Delegate { number, epoch: EPOCH, subnet: SUBNET, count: 4 };
    assert!(matches!(site.ask(EAST, wish), LeaseAnswer::Delegated { .. }));
    site.pass(terms().life);
    let off = VlanPatch { dhcp_on: Some(false), ..VlanPatch::default() };
    site.region.run(patch(off)).unwrap();
    site.region.run(Command::IpRange(Edit::Delete { id: IpRangeId(1) })).unwrap();
    let give = |last| {
        let given = StaticIpAddress::new(AllocType::UserReserved, Some(SUBNET), Some(ip(last)));
        Command::StaticIpAddress(Edit::Create(given))
    };
    for last in [100, 101, 104] {
        assert_eq!(site.region.run(give(last)).unwrap_err().code(), "not_unique", ".{last}");
    }
    site.pass(Millis(terms().everything_over(ClusterTime(0)).0));
    for last in [100, 101, 104] {
        site.region.run(give(last)).unwrap();
    }
}

#[test]
fn rack_has_no_say_about_addresses_it_has_nothing_to_do_with() {
    let mut site = served();
    let alone = VlanPatch { secondary_rack: Some(None), ..VlanPatch::default() };
    site.lease(EAST, ip(100), client(1));
    site.region.run(patch(alone)).unwrap();
    let not_serving = LeaseAnswer::Refused(Refusal::NotServing);
    let before = site.recorded(ip(100)).clone();
    let told = site.adopt(ip(100), client(2), Millis(60_000));
    assert_eq!(site.ask(WEST, told), not_serving);
    let told = site.adopt(ip(150), client(2), Millis(60_000));
    assert_eq!(site.ask(WEST, told), not_serving);
    let told = site.adopt([192, 0, 2, 1].into(), client(2), Millis(60_000));
    assert_eq!(site.ask(EAST, told), not_serving);
    let said = site.relinquish(ip(100), client(1));
    assert_eq!(site.ask(WEST, said), not_serving);
    let longest = terms().lengthened(terms().life);
    let long = site.adopt(ip(100), client(1), Millis(longest.0 + 1));
    assert_eq!(site.ask(EAST, long), LeaseAnswer::Refused(Refusal::Life));
    assert_eq!(*site.recorded(ip(100)), before);
}

#[test]
fn lease_is_forgotten_a_day_after_its_address_became_free() {
    let mut site = served();
    site.lease(EAST, ip(100), client(1));
    site.pass(terms().life);
    site.pass(Millis(terms().autonomy.0 + terms().guard.0));
    assert!(site.recorded(ip(100)).is_past);
    site.pass(REMEMBERED_MILLIS);
    assert!(site.region.state.tables().leases.is_empty());
}

#[test]
fn lease_that_is_told_again_without_a_name_keeps_the_one_that_is_known() {
    let mut site = served();
    let facts = ClientFacts { client_id: vec![7], hostname: "web-1".into() };
    let mut named = site.commit(ip(100), client(1));
    let LeaseStep::Commit { facts: of_client, .. } = &mut named else { panic!("{named:?}") };
    *of_client = facts;
    site.ask(EAST, named);
    let told = site.adopt(ip(100), client(1), Millis(60_000));
    assert_eq!(site.ask(WEST, told), LeaseAnswer::Done);
    let lease = site.recorded(ip(100));
    assert_eq!((lease.hostname.as_str(), lease.client_id.as_slice()), ("web-1", &[7][..]));
    assert_eq!(lease.rack, Some(WEST));
}

#[test]
fn rack_in_another_boot_may_tell_of_a_lease_by_as_much_longer_as_clocks_may_be_wrong() {
    let mut site = served();
    let longest = terms().lengthened(terms().life);
    let told = site.adopt(ip(100), client(1), longest);
    assert_eq!(site.ask(EAST, told), LeaseAnswer::Done);
    let told = site.adopt(ip(100), client(1), Millis(longest.0 + 1));
    assert_eq!(site.ask(EAST, told), LeaseAnswer::Refused(Refusal::Life));
}
