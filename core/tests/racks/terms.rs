//! Terms are settings of the site; a change of them takes back nothing that was promised.

use crate::region::Region;
use crate::region::staged::import_with;
use crate::site::{EAST, EPOCH, SUBNET, Site, WEST, client, ip, served};
use regent_core::command::Command;
use regent_core::command::rack::LeaseStep;
use regent_core::command::setting::SettingCommand;
use regent_core::lease::refusal::Refusal;
use regent_core::lease::terms::Terms;
use regent_core::model::lease_block::LeaseBlock;
use regent_core::model::parameter::ParameterValue;
use regent_core::model::setting::SettingName;
use regent_core::outcome::LeaseAnswer;
use regent_core::query::terms::{AUTONOMY, BLOCK_TERM, LIFE, longest_terms_of, terms_of};
use regent_core::rejection::Rejection;
use regent_core::time::Millis;
use std::net::IpAddr;

const HOUR: Millis = Millis::from_secs(3_600);

fn set_to(site: &mut Site, name: &str, value: ParameterValue) -> Result<(), Rejection> {
    let name = SettingName(name.to_owned());
    let set = Command::Setting(SettingCommand::Set { name, value });
    site.region.run(set).map(drop)
}

fn set(site: &mut Site, name: &str, seconds: i64) {
    set_to(site, name, ParameterValue::Integer(seconds)).unwrap();
}

fn unset(site: &mut Site, name: &str) {
    let name = SettingName(name.to_owned());
    site.region.run(Command::Setting(SettingCommand::Unset { name })).unwrap();
}

/// What the region says to a wish for so long a lease.
fn wish(site: &mut Site, address: IpAddr, wanted: Millis) -> LeaseAnswer {
    let mut commit = site.commit(address, client(1));
    let LeaseStep::Commit { life, .. } = &mut commit else { panic!("{commit:?}") };
    *life = wanted;
    site.ask(EAST, commit)
}

#[test]
fn terms_are_the_usual_ones_until_the_site_says_otherwise() {
    let mut site = served();
    assert_eq!(terms_of(&site.region.state), Terms::default());
    set(&mut site, LIFE.name, 3_600);
    set(&mut site, AUTONOMY.name, 60);
    set(&mut site, BLOCK_TERM.name, 120);
    let terms = terms_of(&site.region.state);
    let chosen = (terms.life, terms.autonomy, terms.block_term);
    assert_eq!(chosen, (HOUR, Millis::from_secs(60), Millis::from_secs(120)));
    let answer = wish(&mut site, ip(100), HOUR);
    let LeaseAnswer::Committed { autonomy, .. } = answer else { panic!("{answer:?}") };
    assert_eq!(autonomy, Millis::from_secs(60));
    let longer = wish(&mut site, ip(101), Millis(HOUR.0 + 1));
    assert_eq!(longer, LeaseAnswer::Refused(Refusal::Life));
    unset(&mut site, LIFE.name);
    assert_eq!(terms_of(&site.region.state).life, Terms::default().life);
}

#[test]
fn only_whole_seconds_within_bounds_are_terms() {
    let mut site = served();
    for setting in [LIFE, AUTONOMY, BLOCK_TERM] {
        let bound = |length: Millis| i64::try_from(length.0 / 1000).unwrap();
        let (least, most) = (bound(setting.least), bound(setting.most));
        let numbers = [-1, 0, least - 1, most + 1, i64::MAX].map(ParameterValue::Integer);
        let others = [ParameterValue::Null, ParameterValue::Text("600".into())];
        for wrong in numbers.into_iter().chain(others) {
            let refused = set_to(&mut site, setting.name, wrong.clone()).unwrap_err();
            assert_eq!(refused.code(), "invalid", "{} {wrong:?}", setting.name);
        }
        set(&mut site, setting.name, least);
        set(&mut site, setting.name, most);
    }
}

#[test]
fn lease_of_longer_terms_keeps_its_address_when_they_become_shorter() {
    let mut site = served();
    set(&mut site, LIFE.name, 3_600);
    set(&mut site, AUTONOMY.name, 14_400);
    assert!(matches!(wish(&mut site, ip(100), HOUR), LeaseAnswer::Committed { .. }));
    set(&mut site, LIFE.name, 120);
    set(&mut site, AUTONOMY.name, 60);
    let guard = terms_of(&site.region.state).guard;
    site.pass(Millis(HOUR.0 * 5 + guard.0 - 1));
    let next = |site: &mut Site| {
        let mut commit = site.commit(ip(100), client(2));
        let LeaseStep::Commit { life, .. } = &mut commit else { panic!("{commit:?}") };
        *life = Millis::from_secs(120);
        site.ask(WEST, commit)
    };
    let answer = next(&mut site);
    assert!(matches!(answer, LeaseAnswer::Refused(Refusal::Resting { .. })), "{answer:?}");
    site.pass(Millis(1));
    assert!(matches!(next(&mut site), LeaseAnswer::Committed { .. }));
}

#[test]
fn what_was_given_alone_under_longer_terms_is_heard_after_they_became_shorter() {
    let mut site = served();
    set(&mut site, LIFE.name, 3_600);
    set(&mut site, LIFE.name, 120);
    let told = site.adopt(ip(100), client(1), HOUR);
    assert_eq!(site.ask(EAST, told), LeaseAnswer::Done);
    let longest = Terms::default().lengthened(HOUR);
    let told = site.adopt(ip(101), client(1), Millis(longest.0 + 1));
    assert_eq!(site.ask(EAST, told), LeaseAnswer::Refused(Refusal::Life));
}

#[test]
fn block_that_is_extended_under_shorter_terms_does_not_end_earlier() {
    let mut site = served();
    let number = site.number();
    let ask = LeaseStep::Delegate { number, epoch: EPOCH, subnet: SUBNET, count: 4 };
    let answer = site.ask(EAST, ask);
    let LeaseAnswer::Delegated { first, until, .. } = answer else { panic!("{answer:?}") };
    set(&mut site, BLOCK_TERM.name, 120);
    let answer = site.ask(EAST, LeaseStep::Extend { first });
    assert!(matches!(answer, LeaseAnswer::Delegated { until: told, .. } if told == until));
    assert_eq!(site.region.state.get::<LeaseBlock>(&first).unwrap().value.block.until, until);
}

#[test]
fn life_that_ends_is_remembered_for_the_longest_terms_there_ever_were() {
    let mut site = served();
    set(&mut site, AUTONOMY.name, 14_400);
    set(&mut site, AUTONOMY.name, 60);
    assert_eq!(longest_terms_of(&site.region.state).autonomy, Millis(14_400_000));
    site.open(EAST, None).unwrap();
    let longest = longest_terms_of(&site.region.state);
    let all = longest.everything_over(site.region.state.meta().now);
    let rest = site.region.state.meta().now.until(all);
    site.pass(Millis(rest.0 - 1));
    assert_eq!(site.region.state.tables().rack_lives.len(), 3);
    site.pass(Millis(1));
    assert_eq!(site.region.state.tables().rack_lives.len(), 2);
}

#[test]
fn longest_terms_outlive_the_settings_of_a_site_that_is_replaced() {
    let mut site = served();
    set(&mut site, AUTONOMY.name, 14_400);
    for step in import_with(&Region::founded().state, &[]) {
        site.region.run(step).unwrap();
    }
    assert_eq!(terms_of(&site.region.state), Terms::default());
    assert_eq!(longest_terms_of(&site.region.state).autonomy, Millis(14_400_000));
}
