//! Leases of another DHCP server, and the addresses it may have given since they were copied: closed to everybody but who
//! says that it has one.

use crate::for_good::{reserve, wish_for_good};
use crate::site::{EAST, SUBNET, Site, VLAN, WEST, client, ip, patch, served};
use regent_core::command::Command;
use regent_core::command::edit::Edit;
use regent_core::command::ip_range::IpRangePatch;
use regent_core::command::lease::{
    FOREIGN_LEASES_MAX, ForeignHolder, ForeignLease, ForeignLeases, LeaseCommand,
};
use regent_core::command::rack::{ClientFacts, LeaseStep, RackCommand, SawServer};
use regent_core::command::vlan::VlanPatch;
use regent_core::id::{IpRangeId, SubnetId};
use regent_core::lease::binding::{Client, Held};
use regent_core::lease::commit::Claim;
use regent_core::lease::give_up::Ending;
use regent_core::lease::refusal::Refusal;
use regent_core::lease::terms::Terms;
use regent_core::model::foreign_dhcp::{LOOKED_FOR_AGAIN_MILLIS, SEEN_AGAIN_MILLIS};
use regent_core::model::ip_range::{IpRange, IpRangeType};
use regent_core::model::subnet::Subnet;
use regent_core::outcome::{ForeignAnswer, LeaseAnswer, Outcome};
use regent_core::query::cut_over::{Pending, pending};
use regent_core::rack_view::telling::whole;
use regent_core::time::{ClusterTime, Millis, WallTime};
use std::net::IpAddr;

/// The longest lease of the other server.
const LONGEST: Millis = Millis::from_secs(7_200);
const MINUTE: Millis = Millis::from_secs(60);

/// The other server has an address down as this client's for so long.
pub(crate) fn held(last: u8, owner: u8, remaining: Millis) -> ForeignLease {
    let (client, facts) = (client(owner), ClientFacts::default());
    ForeignLease { address: ip(last), holder: Some(ForeignHolder { client, facts, remaining }) }
}

/// What becomes of what the other server had down at that moment.
pub(crate) fn import(site: &mut Site, as_of: i64, leases: Vec<ForeignLease>) -> Vec<ForeignAnswer> {
    import_of(site, as_of, LONGEST, leases)
}

fn import_of(
    site: &mut Site,
    as_of: i64,
    longest: Millis,
    leases: Vec<ForeignLease>,
) -> Vec<ForeignAnswer> {
    let leases = ForeignLeases { as_of: WallTime(as_of), longest, leases };
    let said = site.region.run(Command::Lease(LeaseCommand::Import(leases)));
    site.region.assert_sound(&"imported leases");
    match said.unwrap() {
        Outcome::ForeignLeases(answers) => answers,
        other => panic!("{other:?}"),
    }
}

/// What the region answers to a client that takes an offer.
fn offered(site: &mut Site, last: u8, owner: u8) -> LeaseAnswer {
    let epoch = site.service().epoch;
    let step = site.commit_in(epoch, ip(last), client(owner));
    site.ask(EAST, step)
}

/// What it answers to a client that renews or rebinds.
fn claimed(site: &mut Site, last: u8, owner: u8) -> LeaseAnswer {
    let epoch = site.service().epoch;
    let mut step = site.commit_in(epoch, ip(last), client(owner));
    let LeaseStep::Commit { claim, .. } = &mut step else { panic!("{step:?}") };
    *claim = Claim::Held;
    site.ask(EAST, step)
}

fn is_granted(answer: LeaseAnswer) -> bool {
    matches!(answer, LeaseAnswer::Committed { .. })
}

/// When the closed addresses open, as is told.
fn opens(site: &Site) -> Option<ClusterTime> {
    match pending(&site.region.state, SUBNET) {
        Some(Pending::Until(until)) => Some(until),
        Some(Pending::NotServed) => panic!("it is served"),
        None => None,
    }
}

fn closed_until(until: ClusterTime) -> LeaseAnswer {
    LeaseAnswer::Refused(Refusal::Closed { until })
}

/// A site where .100 is the first client's, from the other server, and everything else of the range is closed.
fn cut_over() -> Site {
    let mut site = served();
    let answers = import(&mut site, 1, vec![held(100, 1, Millis::from_secs(600))]);
    assert_eq!(answers, [ForeignAnswer::Recorded]);
    site
}

pub(crate) fn serve(site: &mut Site, dhcp_on: bool) {
    let dhcp_on = Some(dhcp_on);
    site.region.run(patch(VlanPatch { dhcp_on, ..VlanPatch::default() })).unwrap();
}

fn range(site: &mut Site, first: u8, last: u8) -> IpRangeId {
    let (start_ip, end_ip, range_type) = (ip(first), ip(last), IpRangeType::Dynamic);
    let (user, comment) = (None, String::new());
    let range = IpRange { subnet: SUBNET, range_type, start_ip, end_ip, user, comment };
    IpRangeId(site.region.create(Command::IpRange(Edit::Create(range))))
}

#[test]
fn lease_of_another_server_is_its_clients_and_rests_for_that_servers_longest_lease() {
    let mut site = cut_over();
    let terms = Terms::default();
    let lease = site.recorded(ip(100)).clone();
    assert_eq!((lease.binding.owner.clone(), lease.rack), (Some(client(1)), None));
    let expires = site.region.now.after(terms.lengthened(Millis::from_secs(600)));
    assert_eq!(lease.binding.expires, expires);
    assert_eq!(lease.binding.foreign_until, expires.after(terms.lengthened(LONGEST)));
    let refused = offered(&mut site, 100, 2);
    assert_eq!(refused, LeaseAnswer::Refused(Refusal::Owned { until: expires }));
    assert!(is_granted(offered(&mut site, 100, 1)));
}

#[test]
fn closed_address_goes_to_nobody_but_who_says_that_it_has_it() {
    let mut site = cut_over();
    let until = opens(&site).unwrap();
    assert_eq!(offered(&mut site, 150, 2), closed_until(until));
    assert!(is_granted(claimed(&mut site, 150, 2)));
    // It is known now whose it is.
    let refused = claimed(&mut site, 150, 3);
    assert!(matches!(refused, LeaseAnswer::Refused(Refusal::Owned { .. })), "{refused:?}");
    let refused = claimed(&mut site, 100, 3);
    assert!(matches!(refused, LeaseAnswer::Refused(Refusal::Owned { .. })), "{refused:?}");
}

#[test]
fn closed_address_is_given_to_nobody_for_good_before_it_opens() {
    let mut site = cut_over();
    let patch = IpRangePatch { end_ip: Some(ip(149)), ..IpRangePatch::default() };
    let id = IpRangeId(1);
    site.region.run(Command::IpRange(Edit::Update { id, patch })).unwrap();
    reserve(&mut site, ip(150), 2);
    let until = opens(&site).unwrap();
    let wish = wish_for_good(&mut site, ip(150), 2);
    assert_eq!(site.ask(EAST, wish), closed_until(until));
    site.pass(site.region.now.until(until));
    let wish = wish_for_good(&mut site, ip(150), 2);
    assert!(is_granted(site.ask(EAST, wish)));
}

#[test]
fn closed_addresses_open_one_longest_lease_after_the_import_and_no_earlier() {
    let mut site = cut_over();
    let terms = Terms::default();
    let until = site.region.now.after(terms.lengthened(LONGEST)).after(terms.guard);
    assert_eq!(opens(&site), Some(until));
    site.pass(Millis(site.region.now.until(until).0 - 1));
    assert_eq!(offered(&mut site, 150, 2), closed_until(until));
    site.pass(Millis(1));
    assert_eq!(opens(&site), None);
    assert!(is_granted(offered(&mut site, 150, 2)));
}

#[test]
fn other_server_that_is_heard_again_puts_it_off() {
    let mut site = cut_over();
    let first = opens(&site).unwrap();
    site.pass(MINUTE);
    let (vlan, link, server) = (VLAN, ip(2), ip(3));
    let (rack, session) = (WEST, site.session(WEST));
    let heard = SawServer { vlan, link, server };
    let seen = site.region.now;
    site.region.run(Command::Rack(RackCommand::SawServer { rack, session, heard })).unwrap();
    let later = opens(&site).unwrap();
    let terms = Terms::default();
    let rested = seen.after(terms.lengthened(LONGEST)).after(terms.guard);
    assert_eq!(later, rested.after(SEEN_AGAIN_MILLIS).after(LOOKED_FOR_AGAIN_MILLIS));
    site.pass(site.region.now.until(first));
    assert_eq!(offered(&mut site, 150, 2), closed_until(later));
    site.pass(site.region.now.until(later));
    assert!(is_granted(offered(&mut site, 150, 2)));
}

#[test]
fn time_in_which_no_rack_serves_the_subnet_does_not_count() {
    let mut site = served();
    serve(&mut site, false);
    import(&mut site, 1, vec![held(100, 1, MINUTE)]);
    site.pass(Millis(10 * LONGEST.0));
    assert_eq!(pending(&site.region.state, SUBNET), Some(Pending::NotServed));
    serve(&mut site, true);
    let terms = Terms::default();
    let until = site.region.now.after(terms.lengthened(LONGEST)).after(terms.guard);
    assert_eq!(opens(&site), Some(until));
    // Another rack beside the first changes nothing.
    site.pass(MINUTE);
    let alone = VlanPatch { secondary_rack: Some(None), ..VlanPatch::default() };
    site.region.run(patch(alone)).unwrap();
    assert_eq!(opens(&site), Some(until));
}

#[test]
fn rack_that_is_named_and_never_came_serves_nobody() {
    let mut site = served();
    for rack in [EAST, WEST] {
        site.enrol_again(rack);
    }
    import(&mut site, 1, vec![held(100, 1, MINUTE)]);
    site.pass(Millis(10 * LONGEST.0));
    assert_eq!(pending(&site.region.state, SUBNET), Some(Pending::NotServed));
    site.open(WEST, None).unwrap();
    let terms = Terms::default();
    let until = site.region.now.after(terms.lengthened(LONGEST)).after(terms.guard);
    assert_eq!(opens(&site), Some(until));
    // A session after the first changes nothing, nor does another rack's.
    site.pass(MINUTE);
    site.open(WEST, None).unwrap();
    site.open(EAST, None).unwrap();
    assert_eq!(opens(&site), Some(until));
}

#[test]
fn range_made_after_the_import_is_open_and_blocks_come_from_it_alone() {
    let mut site = cut_over();
    range(&mut site, 200, 209);
    assert!(is_granted(offered(&mut site, 205, 2)));
    let delegate = |site: &mut Site| {
        let number = site.number();
        let (epoch, subnet, count) = (site.service().epoch, SUBNET, 4);
        site.ask(EAST, LeaseStep::Delegate { number, epoch, subnet, count })
    };
    let LeaseAnswer::Delegated { first, last, .. } = delegate(&mut site) else {
        panic!("no block")
    };
    assert!(ip(200) <= first && last <= ip(209), "{first} to {last}");
    site.region.run(Command::IpRange(Edit::Delete { id: IpRangeId(2) })).unwrap();
    assert_eq!(delegate(&mut site), LeaseAnswer::Refused(Refusal::NoBlock));
}

#[test]
fn client_whose_other_lease_has_run_out_gets_the_address_only_if_it_says_that_it_has_it() {
    let mut site = cut_over();
    let until = opens(&site).unwrap();
    let expires = site.recorded(ip(100)).binding.expires;
    site.pass(site.region.now.until(expires));
    assert_eq!(site.recorded(ip(100)).binding.held, Held::Expired);
    assert_eq!(offered(&mut site, 100, 1), closed_until(until));
    // That server may have gone on with it for this client, so nobody else is believed yet.
    let refused = claimed(&mut site, 100, 2);
    assert!(matches!(refused, LeaseAnswer::Refused(Refusal::Resting { .. })), "{refused:?}");
    assert!(is_granted(claimed(&mut site, 100, 1)));
    assert!(is_granted(offered(&mut site, 100, 1)));
}

#[test]
fn newer_copy_replaces_an_older_one_and_never_the_other_way_round() {
    let mut site = cut_over();
    let longer = Millis::from_secs(1_200);
    let newer = vec![held(100, 2, longer), held(101, 3, longer)];
    assert_eq!(import(&mut site, 2, newer), [ForeignAnswer::Recorded; 2]);
    assert_eq!(site.recorded(ip(100)).binding.owner, Some(client(2)));
    let older = vec![held(100, 1, MINUTE), held(102, 1, MINUTE)];
    assert_eq!(import(&mut site, 1, older), [ForeignAnswer::Older; 2]);
    assert_eq!(site.recorded(ip(100)).binding.owner, Some(client(2)));
    // The same copy again is no older one.
    assert_eq!(import(&mut site, 2, vec![held(100, 2, longer)]), [ForeignAnswer::Recorded]);
}

#[test]
fn longest_lease_of_all_servers_that_were_there_counts_until_addresses_open() {
    let mut site = cut_over();
    site.pass(MINUTE);
    import_of(&mut site, 2, MINUTE, vec![held(101, 2, MINUTE)]);
    let terms = Terms::default();
    let until = site.region.now.after(terms.lengthened(LONGEST)).after(terms.guard);
    assert_eq!(opens(&site), Some(until));
    site.pass(site.region.now.until(until));
    import_of(&mut site, 3, MINUTE, vec![held(101, 2, MINUTE)]);
    let until = site.region.now.after(terms.lengthened(MINUTE)).after(terms.guard);
    assert_eq!(opens(&site), Some(until));
}

#[test]
fn lease_that_an_admin_ended_is_not_brought_back_by_another_copy() {
    let mut site = cut_over();
    let (address, ending, by) = (ip(100), Ending::ClientMayBeThere, "ann".into());
    site.region.run(Command::Lease(LeaseCommand::End { address, ending, by })).unwrap();
    for as_of in [1, 2] {
        let again = import(&mut site, as_of, vec![held(100, 1, MINUTE)]);
        assert_eq!(again, [ForeignAnswer::OursSince]);
    }
    assert_eq!(site.recorded(ip(100)).binding.held, Held::Ended);
}

#[test]
fn lease_that_a_rack_gave_since_is_not_overwritten() {
    let mut site = cut_over();
    assert!(is_granted(claimed(&mut site, 100, 1)));
    assert!(is_granted(claimed(&mut site, 150, 2)));
    let before = site.recorded(ip(100)).clone();
    let newer = vec![held(100, 3, LONGEST), held(150, 3, LONGEST)];
    assert_eq!(import(&mut site, 2, newer), [ForeignAnswer::OursSince; 2]);
    assert_eq!(*site.recorded(ip(100)), before);
}

/// A site whose racks gave .100 and .101, ended to serve, and serve again after another server did for a while.
fn rolled_back_and_cut_over_again() -> (Site, Vec<ForeignAnswer>) {
    let mut site = served();
    assert!(is_granted(offered(&mut site, 100, 1)));
    assert!(is_granted(offered(&mut site, 101, 2)));
    serve(&mut site, false);
    site.pass(site.region.now.until(site.recorded(ip(100)).binding.expires));
    let longer = Millis::from_secs(600);
    let answers = import(&mut site, 1, vec![held(100, 1, longer), held(101, 3, longer)]);
    serve(&mut site, true);
    (site, answers)
}

#[test]
fn lease_of_a_server_that_came_after_ours_replaces_an_ended_one_that_no_rack_goes_on_with() {
    let (mut site, answers) = rolled_back_and_cut_over_again();
    // A rack that is cut off may still renew .101 for its own client.
    assert_eq!(answers, [ForeignAnswer::Recorded, ForeignAnswer::OursSince]);
    let lease = site.recorded(ip(100));
    assert!(lease.binding.is_live(site.region.now) && !lease.binding.autonomy.is_empty());
    assert!(is_granted(offered(&mut site, 100, 1)));
}

#[test]
fn address_from_before_another_server_came_is_closed_to_its_client_until_that_has_it_again() {
    let (mut site, _) = rolled_back_and_cut_over_again();
    let until = opens(&site).unwrap();
    assert_eq!(offered(&mut site, 101, 2), closed_until(until));
    assert!(is_granted(claimed(&mut site, 101, 2)));
    let expires = site.recorded(ip(101)).binding.expires;
    site.pass(site.region.now.until(expires));
    assert!(is_granted(offered(&mut site, 101, 2)), "a rack gave it since");
}

#[test]
fn address_in_a_racks_block_may_have_been_given_by_the_rack() {
    let mut site = served();
    let number = site.number();
    let (epoch, subnet, count) = (site.service().epoch, SUBNET, 4);
    let delegated = site.ask(EAST, LeaseStep::Delegate { number, epoch, subnet, count });
    assert!(matches!(delegated, LeaseAnswer::Delegated { .. }), "{delegated:?}");
    assert_eq!(import(&mut site, 1, vec![held(100, 1, MINUTE)]), [ForeignAnswer::OursSince]);
}

#[test]
fn block_whose_addresses_have_closed_gets_no_further_term() {
    let mut site = served();
    let number = site.number();
    let (epoch, subnet, count) = (site.service().epoch, SUBNET, 4);
    let delegated = site.ask(EAST, LeaseStep::Delegate { number, epoch, subnet, count });
    let LeaseAnswer::Delegated { first, .. } = delegated else { panic!("{delegated:?}") };
    let extended = site.ask(EAST, LeaseStep::Extend { first });
    assert!(matches!(extended, LeaseAnswer::Delegated { .. }), "{extended:?}");
    import(&mut site, 1, vec![held(150, 1, MINUTE)]);
    let refused = site.ask(EAST, LeaseStep::Extend { first });
    assert_eq!(refused, LeaseAnswer::Refused(Refusal::NotDelegated));
}

#[test]
fn block_is_found_behind_however_many_closed_addresses() {
    let mut site = served();
    let large = Subnet::new(VLAN, "10.1.0.0/16".parse().unwrap());
    let subnet = SubnetId(site.region.create(Command::Subnet(Edit::Create(large))));
    let give = |site: &mut Site, first: [u8; 4], last: [u8; 4]| {
        let (start_ip, end_ip, range_type) = (first.into(), last.into(), IpRangeType::Dynamic);
        let (user, comment) = (None, String::new());
        let range = IpRange { subnet, range_type, start_ip, end_ip, user, comment };
        site.region.create(Command::IpRange(Edit::Create(range)));
    };
    give(&mut site, [10, 1, 0, 2], [10, 1, 99, 255]);
    let lease = ForeignLease { address: [10, 1, 0, 5].into(), ..held(100, 1, MINUTE) };
    assert_eq!(import(&mut site, 1, vec![lease]), [ForeignAnswer::Recorded]);
    give(&mut site, [10, 1, 100, 0], [10, 1, 100, 255]);
    let (number, epoch, count) = (site.number(), site.service().epoch, 4);
    let delegated = site.ask(EAST, LeaseStep::Delegate { number, epoch, subnet, count });
    let LeaseAnswer::Delegated { first, .. } = delegated else { panic!("{delegated:?}") };
    assert_eq!(first, IpAddr::from([10, 1, 100, 0]));
}

#[test]
fn what_dhcp_gives_to_nobody_here_stays_behind_and_closes_nothing() {
    let mut site = served();
    let mut elsewhere = held(1, 1, MINUTE);
    elsewhere.address = IpAddr::from([192, 0, 2, 1]);
    let answers = import(&mut site, 1, vec![elsewhere, held(50, 2, MINUTE)]);
    assert_eq!(answers, [ForeignAnswer::NoSubnet, ForeignAnswer::NotGiven]);
    assert_eq!(pending(&site.region.state, SUBNET), None);
    assert!(is_granted(offered(&mut site, 150, 2)));
}

#[test]
fn address_that_the_other_server_found_in_use_is_given_to_nobody() {
    let mut site = served();
    let in_use = ForeignLease { address: ip(100), holder: None };
    assert_eq!(import(&mut site, 1, vec![in_use]), [ForeignAnswer::Recorded]);
    assert_eq!(site.recorded(ip(100)).binding.held, Held::Declined);
    let refused = claimed(&mut site, 100, 1);
    assert!(matches!(refused, LeaseAnswer::Refused(Refusal::Declined { .. })), "{refused:?}");
}

#[test]
fn racks_are_told_which_addresses_are_closed_and_when_they_open() {
    let mut site = cut_over();
    let told = |site: &Site| {
        let view = whole(&site.region.state, EAST);
        view.vlans[0].subnets[0].closed.clone()
    };
    assert_eq!(told(&site), ["10.0.0.100-10.0.0.199".parse().unwrap()]);
    let before = site.region.state.clone();
    site.pass(site.region.now.until(opens(&site).unwrap()));
    assert_eq!(told(&site), []);
    let touched = regent_core::rack_view::follow::followed(&before, &site.region.state);
    assert!(touched.vlans.get(&VLAN).is_some_and(|vlan| vlan.extent.is_some()), "{touched:?}");
}

#[test]
fn leases_from_more_than_a_day_ahead_are_refused_and_close_nothing_for_good() {
    const DAY: i64 = 24 * 60 * 60 * 1000;
    let mut site = served();
    let now = i64::try_from(site.region.now.0).unwrap();
    let leases = ForeignLeases {
        as_of: WallTime(now + 2 * DAY),
        longest: LONGEST,
        leases: vec![held(100, 1, MINUTE)],
    };
    let refused = site.region.run(Command::Lease(LeaseCommand::Import(leases))).unwrap_err();
    assert_eq!(refused.code(), "invalid");
    let answers = import(&mut site, now + DAY / 2, vec![held(100, 1, MINUTE)]);
    assert_eq!(answers, [ForeignAnswer::Recorded]);
}

#[test]
fn what_no_importer_sends_is_refused_as_a_whole() {
    let mut site = served();
    let mut long = held(100, 1, MINUTE);
    long.holder.as_mut().unwrap().client = Client::Identifier(vec![0; 256]);
    let forever = held(100, 1, Millis(u64::MAX));
    let many = vec![held(100, 1, MINUTE); FOREIGN_LEASES_MAX + 1];
    for (leases, code) in
        [(vec![long], "invalid"), (vec![forever], "invalid"), (many, "limit_reached")]
    {
        let leases = ForeignLeases { as_of: WallTime(1), longest: LONGEST, leases };
        let refused = site.region.run(Command::Lease(LeaseCommand::Import(leases))).unwrap_err();
        assert_eq!(refused.code(), code);
    }
    assert!(site.region.state.tables().leases.is_empty());
}
