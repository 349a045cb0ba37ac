//! What a replacement would change in the region: counted by kind, with a few examples of each sort.
//!
//! The region compares; here the coming site is cut into stretches and what comes back is added up, so that neither
//! side holds more than one stretch at a time.

use crate::cli::failure::Failure;
use crate::cli::import::delivery::Delivery;
use regent_core::object::Kind;
use regent_core::query::site_difference::{
    EXAMPLES_MAX, RowId, STRETCH_ROWS_MAX, StretchDifference, name_of, site_kinds, stretch,
};
use regent_core::state::State;
use serde_json::{Map, Value, json};
use std::io::{self, Write};

/// The difference between two sites.
#[derive(Clone, Debug, Default)]
pub struct SiteDifference(Vec<KindDifference>);

/// The difference between two tables.
#[derive(Clone, Debug)]
struct KindDifference {
    kind: Kind,
    added: Sort,
    changed: Sort,
    removed: Sort,
    unchanged: u64,
}

/// Objects with the same fate.
#[derive(Clone, Debug, Default)]
struct Sort {
    count: u64,
    examples: Vec<String>,
}

impl Sort {
    fn add(&mut self, count: u64, examples: impl IntoIterator<Item = String>) {
        self.count += count;
        let room = EXAMPLES_MAX.saturating_sub(self.examples.len());
        self.examples.extend(examples.into_iter().take(room));
    }
}

impl SiteDifference {
    /// Asks the region how its site differs from `state`, which would replace it.
    ///
    /// # Errors
    /// [`Failure`].
    pub async fn ask(region: &Delivery, state: &State) -> Result<Self, Failure> {
        let mut kinds = Vec::new();
        for kind in site_kinds(state) {
            kinds.push(KindDifference::ask(region, state, kind).await?);
        }
        kinds.retain(|found| found.is_any() || found.unchanged > 0);
        Ok(Self(kinds))
    }

    /// Whether there is none.
    #[must_use]
    pub fn is_nothing(&self) -> bool {
        !self.0.iter().any(KindDifference::is_any)
    }

    /// For people.
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn write(&self, out: &mut impl Write) -> io::Result<()> {
        let [added, changed, removed, unchanged] = ["ADDED", "CHANGED", "REMOVED", "UNCHANGED"];
        writeln!(out, "\nwhat is replaced:")?;
        writeln!(out, "{:<20} {added:>9} {changed:>9} {removed:>9} {unchanged:>9}", "WHAT")?;
        for found in &self.0 {
            let KindDifference { kind, added, changed, removed, unchanged } = found;
            let [added, changed, removed] = [added, changed, removed].map(|sort| sort.count);
            let noun = kind.noun();
            writeln!(out, "{noun:<20} {added:>9} {changed:>9} {removed:>9} {unchanged:>9}")?;
        }
        if self.is_nothing() {
            return writeln!(out, "\nnothing differs");
        }
        writeln!(out, "\nsuch as:")?;
        for found in &self.0 {
            for (word, sort) in found.sorts().into_iter().filter(|(_, sort)| sort.count > 0) {
                let more = if sort.count > sort.examples.len() as u64 { ", …" } else { "" };
                let noun = found.kind.noun();
                writeln!(out, "  {word:<8} {noun:<18} {}{more}", sort.examples.join(", "))?;
            }
        }
        Ok(())
    }

    /// For programs: by noun.
    #[must_use]
    pub fn json(&self) -> Value {
        self.0.iter().map(|found| (found.kind.noun().to_owned(), found.json())).collect()
    }
}

impl KindDifference {
    async fn ask(region: &Delivery, state: &State, kind: Kind) -> Result<Self, Failure> {
        let [added, changed, removed] = [(); 3].map(|()| Sort::default());
        let mut sum = Self { kind, added, changed, removed, unchanged: 0 };
        let mut after = None;
        loop {
            let stretch = stretch(state, kind, after.as_ref(), STRETCH_ROWS_MAX);
            sum.add(state, region.compare(&stretch).await?);
            match stretch.until {
                Some(until) => after = Some(until),
                None => return Ok(sum),
            }
        }
    }

    fn add(&mut self, state: &State, part: StretchDifference) {
        let name = |id: &RowId| name_of(state, self.kind, id);
        self.added.add(part.added, part.added_ids.iter().filter_map(name));
        self.changed.add(part.changed, part.changed_ids.iter().filter_map(name));
        self.removed.add(part.removed, part.removed_names);
        self.unchanged += part.unchanged;
    }

    fn is_any(&self) -> bool {
        self.sorts().iter().any(|(_, sort)| sort.count > 0)
    }

    const fn sorts(&self) -> [(&'static str, &Sort); 3] {
        [("added", &self.added), ("changed", &self.changed), ("removed", &self.removed)]
    }

    fn json(&self) -> Value {
        let mut told = Map::new();
        told.insert("unchanged".to_owned(), self.unchanged.into());
        for (word, Sort { count, examples }) in self.sorts() {
            told.insert(word.to_owned(), json!({ "count": count, "such_as": examples }));
        }
        Value::Object(told)
    }
}

#[cfg(test)]
mod tests {
    use super::{KindDifference, SiteDifference, Sort};
    use regent_core::object::Kind;

    fn told(removed: u64, examples: &[&str]) -> String {
        let mut sort = Sort::default();
        sort.add(removed, examples.iter().map(|name| (*name).to_owned()));
        let [added, changed] = [(); 2].map(|()| Sort::default());
        let tags = KindDifference { kind: Kind::Tag, added, changed, removed: sort, unchanged: 7 };
        let mut text = Vec::new();
        SiteDifference(vec![tags]).write(&mut text).unwrap();
        String::from_utf8(text).unwrap()
    }

    #[test]
    fn counts_stand_in_a_table_and_a_few_examples_below() {
        let expected = "
what is replaced:
WHAT                     ADDED   CHANGED   REMOVED UNCHANGED
tag                          0         0         5         7

such as:
  removed  tag                1 (a), 2 (b), 3 (c), …
";
        assert_eq!(told(5, &["1 (a)", "2 (b)", "3 (c)", "4 (d)"]), expected);
        assert!(told(1, &["1 (a)"]).ends_with("  removed  tag                1 (a)\n"));
    }

    #[test]
    fn equal_sites_are_said_to_be_equal() {
        assert!(told(0, &[]).ends_with("\nnothing differs\n"));
    }
}
