//! What the small worlds show that CI has time for. The larger ones: `bash .ci/long lease-model`.

use regent_lease_model::check::check;
use regent_lease_model::configurations::{SHORT, without};
use regent_lease_model::model::NO_ADDRESS_TWICE;
use regent_lease_model::mutation::Mutation;
use regent_lease_model::setting::Setting;
use regent_lease_model::witness::Witness;
use std::num::NonZeroUsize;

/// The tests themselves run side by side.
const THREADS: NonZeroUsize = NonZeroUsize::MIN;

#[test]
fn no_address_has_two_holders_and_no_adoption_contradicts() {
    for scenario in SHORT {
        let verdict = check(Setting::new(scenario, None), THREADS);
        if let Some(found) = verdict.violation {
            panic!("{}: violated: {}\n{}", scenario.name, found.property, found.steps);
        }
        assert_eq!(verdict.missing, [], "{}: this never happened", scenario.name);
    }
}

#[test]
fn without_any_one_of_the_rules_an_address_has_two_holders() {
    for mutation in Mutation::ALL {
        let verdict = check(Setting::new(without(mutation), Some(mutation)), THREADS);
        let violated = verdict.violation.map(|found| found.property);
        assert_eq!(violated, Some(NO_ADDRESS_TWICE), "without {}", mutation.name());
    }
}

#[test]
fn nothing_of_matter_is_forgotten_to_make_fewer_worlds() {
    for name in ["A renewal", "B moves", "C disk"] {
        let scenario = SHORT.into_iter().find(|world| world.name == name).expect("it is there");
        let verdict = check(Setting::new(scenario, None).remembering(), THREADS);
        assert!(verdict.violation.is_none(), "{name}");
        assert_eq!(verdict.missing, [], "{name}");
    }
}

#[test]
fn whatever_has_to_be_possible_is_looked_for_in_some_world() {
    let is_shown = |witness: &Witness| SHORT.iter().any(|world| world.shows.contains(witness));
    let forgotten: Vec<Witness> = Witness::ALL.into_iter().filter(|seen| !is_shown(seen)).collect();
    assert_eq!(forgotten, []);
}
