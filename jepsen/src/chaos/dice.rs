//! Chance from a seed, the same on every machine and with every version of what we use (SplitMix64, Steele et al. 2014).

/// A source of numbers.
#[derive(Clone, Debug)]
pub struct Dice(u64);

impl Dice {
    /// From a seed.
    #[must_use]
    pub const fn new(seed: u64) -> Self {
        Self(seed)
    }

    /// The next number.
    pub const fn number(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        mixed ^ (mixed >> 31)
    }

    /// One of `low..high`; `low` if that is empty.
    pub const fn between(&mut self, low: u64, high: u64) -> u64 {
        let number = self.number();
        if high > low { low + number % (high - low) } else { low }
    }

    /// One of some things.
    ///
    /// # Panics
    /// If there are none.
    pub fn one<T: Copy>(&mut self, of: &[T]) -> T {
        let number = self.between(0, of.len() as u64);
        of[usize::try_from(number).unwrap_or_default()]
    }

    /// Puts things in another order.
    pub fn shuffle<T>(&mut self, things: &mut [T]) {
        for last in (1..things.len()).rev() {
            let other = self.between(0, last as u64 + 1);
            things.swap(last, usize::try_from(other).unwrap_or_default());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Dice;

    #[test]
    fn numbers_of_a_seed_are_those_its_authors_published() {
        let mut dice = Dice::new(1_234_567);
        assert_eq!(dice.number(), 6_457_827_717_110_365_317);
        assert_eq!(dice.number(), 3_203_168_211_198_807_973);
    }

    #[test]
    fn shuffled_things_are_the_same_things() {
        let mut things: Vec<u64> = (0..20).collect();
        Dice::new(1).shuffle(&mut things);
        assert_ne!(things, (0..20).collect::<Vec<_>>());
        things.sort_unstable();
        assert_eq!(things, (0..20).collect::<Vec<_>>());
    }
}
