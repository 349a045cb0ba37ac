//! What one of many runs tries: three and five nodes by turns, with and without racks, all kinds of fault or some.

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
        dice.shuffle(&mut kinds);
        let some = dice.between(KINDS_MIN, kinds.len() as u64);
        kinds.truncate(usize::try_from(some).unwrap_or_default());
        Self {
            seed,
            nodes: if number.is_multiple_of(2) { 3 } else { 5 },
            racks: number % 4 >= 2,
            kinds: if number.is_multiple_of(3) { Vec::new() } else { kinds },
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
        let all = Terrain::kinds(Tier::Netns).len();
        let some = mixes.iter().filter(|mix| !mix.kinds.is_empty());
        assert!(some.clone().all(|mix| (2..all).contains(&mix.kinds.len())));
        assert!(some.clone().any(|mix| mix.kinds != mixes[1].kinds), "they differ");
        assert!(mixes.iter().all(|mix| !mix.kinds.contains(&Kind::Delay)), "machines have none");
    }
}
