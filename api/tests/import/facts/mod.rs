//! Expected facts held against what a region shows, wherever it was asked.

mod accounts;
mod addresses;
mod counts;
mod networks;
mod nodes;
pub(crate) mod oddities;
mod texts;

use crate::expected::Expected;
use crate::facts::oddities::Reported;
use crate::imported::Imported;
use crate::shown::Shown;
use regent_api::cli::import::dump::Dump;
use serde_json::Value as Json;
use std::collections::BTreeSet;

/// A site to be judged.
pub(crate) struct Site<'a> {
    /// What the region shows.
    pub(crate) shown: &'a Shown,
    /// Where it came from.
    pub(crate) dump: &'a Dump,
    /// What the import said about single rows.
    pub(crate) reported: &'a Reported,
}

/// Holds everything that is expected against what the rehearsal of an import comes to; tells how many facts there were.
pub(crate) fn check_rehearsed(imported: &mut Imported, facts: &Expected) -> usize {
    let shown = Shown::of_state(&imported.state);
    let reported = Reported::parse(&imported.report());
    Site { shown: &shown, dump: &imported.dump, reported: &reported }.check(facts)
}

impl Site<'_> {
    /// Holds everything that is expected against it; tells how many facts there were.
    pub(crate) fn check(&self, facts: &Expected) -> usize {
        counts::check(self, facts);
        oddities::check(self, facts);
        self.check_facts(facts)
    }

    fn check_facts(&self, facts: &Expected) -> usize {
        let (mut checked, mut commits) = (0, BTreeSet::new());
        for fact in facts.all() {
            match fact["kind"].as_str().expect("a kind") {
                "node" => nodes::check(self.shown, fact),
                "vlan" => networks::check_vlan(self.shown, fact),
                "subnet" => networks::check_subnet(self.shown, fact),
                "dhcp_snippet" => networks::check_snippet(self.shown, fact),
                "lease" => commits.extend(addresses::check_lease(self.shown, fact, facts)),
                "reservation" => addresses::check_reservation(self.shown, fact),
                "api_token" => accounts::check_token(self.shown, fact),
                "bmc" => accounts::check_bmc(self.shown, fact),
                "text" => texts::check(self, fact),
                other => panic!("facts of kind {other} are unknown"),
            }
            checked += 1;
        }
        assert!(commits.len() <= 1, "leases run on from several moments: {commits:?}");
        checked
    }
}

/// Each field of `told` is as the fact says.
fn check_fields(told: &Json, fact: &Json) {
    for (field, told) in told.as_object().expect("an object") {
        assert_eq!(&fact[field], told, "{field} of {fact}");
    }
}
