//! Three racks, the region, many clients and everything that can fail, from a seed: at no moment two clients have one address.

mod client;
mod clock;
pub(crate) mod dice;
mod faults;
mod lines;
mod machine;
mod mistake;
mod wires;
mod world;

use crate::simulation::mistake::Mistake;
use crate::simulation::world::{Tally, World};

const HOUR: u64 = 3_600_000;
/// Real time of one history.
const HISTORY_MILLIS: u64 = 10 * HOUR;
/// So many histories are lived through, unless this variable says another number: `bash .ci/long rack-simulation`.
const HISTORIES: u64 = 4;
const HISTORIES_VARIABLE: &str = "REGENT_HISTORIES";
/// So many histories are tried to find what a mistake does.
const SEARCHED_HISTORIES_MAX: u64 = 40;

#[test]
fn no_address_has_two_holders_whatever_fails() {
    let mut all = Tally::default();
    let histories = std::env::var(HISTORIES_VARIABLE).map(|number| number.parse().unwrap());
    for seed in 1..=histories.unwrap_or(HISTORIES) {
        match World::new(seed, Mistake::None).run(HISTORY_MILLIS) {
            Ok(tally) => {
                assert_eq!(tally.contradictions, 0, "seed {seed}: an incident is raised in vain");
                all.add(&tally);
            }
            Err(two) => panic!("seed {seed}: {two:?}"),
        }
    }
    assert!(all.acked > 3_000 && all.acked_alone > 300 && all.passed_on > 500, "{all:?}");
    assert!(all.faults.iter().all(|times| *times > 1), "{all:?}");
}

fn assert_found(mistake: Mistake) {
    let mut seeds = 1..=SEARCHED_HISTORIES_MAX;
    let found = seeds.find(|seed| World::new(*seed, mistake).run(HISTORY_MILLIS).is_err());
    assert!(found.is_some(), "{mistake:?} is not found in {SEARCHED_HISTORIES_MAX} histories");
}

#[test]
fn two_holders_are_found_if_the_disk_says_too_early_that_it_has_something() {
    assert_found(Mistake::DiskForgets);
}

#[test]
fn two_holders_are_found_if_nobody_notices_that_a_machine_stood_still() {
    assert_found(Mistake::PauseUnnoticed);
}

#[test]
fn two_holders_are_found_if_another_boot_is_taken_for_the_same() {
    assert_found(Mistake::RebootUnnoticed);
}

#[test]
fn two_holders_are_found_if_nobody_says_that_the_region_was_restored() {
    assert_found(Mistake::RestoreUnsaid);
}
