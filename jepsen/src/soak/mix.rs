//! What one of many runs tries: three and five nodes by turns, with and without racks, all kinds of fault, some, or one alone.

use crate::chaos::arguments::Tier;
use crate::chaos::dice::Dice;
use crate::chaos::plan::Kind;
use crate::chaos::terrain::Terrain;
use std::fmt;

/// Kinds of fault in a mix of some, at least.
const KINDS_MIN: u64 = 2;

/// What a run tries.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mix {
    /// What its plan comes from.
    pub seed: u64,
    /// Nodes of the region.
    pub nodes: usize,
    /// Whether racks serve DHCP clients meanwhile.
    pub racks: bool,
    /// Kinds of fault; all if empty.
    pub kinds: Vec<Kind>,
}

impl Mix {
    /// What the run of this number, counted from nought, tries with this seed.
    #[must_use]
    pub fn draw(number: u64, seed: u64) -> Self {
        let mut dice = Dice::new(seed);
        let mut kinds = Terrain::kinds(Tier::Netns);
        // It takes more time than a run of many has.
        kinds.retain(|kind| *kind != Kind::RackReboot);
        dice.shuffle(&mut kinds);
        let some = match number % 3 {
            0 => 0,
            1 => dice.between(KINDS_MIN, kinds.len() as u64),
            _ => 1,
        };
        kinds.truncate(usize::try_from(some).unwrap_or_default());
        Self {
            seed,
            nodes: if number.is_multiple_of(2) { 3 } else { 5 },
            racks: number % 4 >= 2 || kinds == [Kind::Rack],
            kinds,
        }
    }
}

impl fmt::Display for Mix {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let names: Vec<_> = self.kinds.iter().map(|kind| kind.name()).collect();
        let kinds = if names.is_empty() { "all kinds".to_owned() } else { names.join(",") };
        let racks = if self.racks { ", racks" } else { "" };
        write!(formatter, "seed {}: {} nodes{racks}, {kinds}", self.seed, self.nodes)
    }
}

#[cfg(test)]
mod tests {
    use super::Mix;
    use crate::chaos::arguments::Tier;
    use crate::chaos::plan::Kind;
    use crate::chaos::terrain::Terrain;

    #[test]
    fn a_dozen_runs_have_both_sizes_with_racks_and_without_and_all_kinds() {
        let mixes: Vec<_> = (0..12).map(|number| Mix::draw(number, 1_000 + number)).collect();
        for nodes in [3, 5] {
            for racks in [true, false] {
                assert!(mixes.iter().any(|mix| (mix.nodes, mix.racks) == (nodes, racks)));
            }
        }
        assert_eq!(mixes.iter().filter(|mix| mix.kinds.is_empty()).count(), 4);
        assert_eq!(mixes.iter().filter(|mix| mix.kinds.len() == 1).count(), 4);
        let some = mixes.iter().filter(|mix| mix.kinds.len() > 1);
        assert!(some.clone().any(|mix| mix.kinds != mixes[1].kinds), "they differ");
    }

    #[test]
    fn each_kind_can_be_had_and_is_tried_alone_sooner_or_later() {
        let mixes: Vec<_> = (0..1_000).map(|number| Mix::draw(number, number)).collect();
        let possible = Terrain::kinds(Tier::Netns);
        assert!(mixes.iter().flat_map(|mix| &mix.kinds).all(|kind| possible.contains(kind)));
        for kind in possible.into_iter().filter(|kind| *kind != Kind::RackReboot) {
            let alone = mixes.iter().find(|mix| mix.kinds == [kind]);
            assert!(alone.is_some_and(|mix| mix.racks || kind != Kind::Rack), "{kind:?}");
        }
    }
}
