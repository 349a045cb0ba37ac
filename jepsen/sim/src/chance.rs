//! Chance, from the seed alone. Each part of a run has a source of its own, so that a plan with one fault less leaves
//! the dice of the others as they were.

use rand::rngs::StdRng;
use rand::{RngExt as _, SeedableRng as _};
use std::ops::RangeInclusive;

/// Which part of a run rolls the dice.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Part {
    /// What goes wrong, and when.
    Plan = 1,
    /// How long messages take.
    Network = 2,
    /// What disks lose.
    Disks = 3,
    /// What clients ask.
    Clients = 4,
    /// The product's own.
    Product = 5,
    /// Racks, what goes wrong with them, and their clients.
    Racks = 6,
}

/// A source of chance.
#[derive(Debug)]
pub struct Chance(StdRng);

impl Chance {
    /// The source of one part of the run with this seed.
    #[must_use]
    pub fn of(seed: u64, part: Part) -> Self {
        Self(StdRng::seed_from_u64(mixed(seed, part as u64)))
    }

    /// The source of the `number`th of equals within this part.
    #[must_use]
    pub fn nth(&mut self, number: u64) -> Self {
        Self(StdRng::seed_from_u64(mixed(self.0.random(), number)))
    }

    /// A number of this range, each as likely as any other.
    pub fn within(&mut self, range: RangeInclusive<u64>) -> u64 {
        self.0.random_range(range)
    }

    /// An index below `count`, which must not be 0.
    pub fn below(&mut self, count: usize) -> usize {
        self.0.random_range(0..count)
    }

    /// Whether something happens that does so this often in a hundred times.
    pub fn percent(&mut self, percent: u8) -> bool {
        self.0.random_range(0..100) < percent
    }

    /// One of these, of which there must be some.
    pub fn one_of<T: Clone>(&mut self, of: &[T]) -> T {
        of[self.below(of.len())].clone()
    }
}

/// A seed that has nothing to do with its neighbours' (the finaliser of SplitMix64).
const fn mixed(seed: u64, part: u64) -> u64 {
    let mut z = seed.wrapping_mul(0x9e37_79b9_7f4a_7c15).wrapping_add(part);
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}
