//! Random numbers: the system's, or those of a simulation's seed.

use crate::runtime::simulated;
use rand::distr::{Distribution, StandardUniform};
use rand::{Rng as _, RngExt as _, TryRng};
use std::convert::Infallible;

/// The source of all random numbers.
#[derive(Clone, Copy, Debug, Default)]
pub struct Chance;

impl TryRng for Chance {
    type Error = Infallible;

    fn try_next_u32(&mut self) -> Result<u32, Infallible> {
        Ok(simulated::draw(|seeded| seeded.next_u32()).unwrap_or_else(|| rand::rng().next_u32()))
    }

    fn try_next_u64(&mut self) -> Result<u64, Infallible> {
        Ok(simulated::draw(|seeded| seeded.next_u64()).unwrap_or_else(|| rand::rng().next_u64()))
    }

    fn try_fill_bytes(&mut self, bytes: &mut [u8]) -> Result<(), Infallible> {
        if simulated::draw(|seeded| seeded.fill_bytes(bytes)).is_none() {
            rand::rng().fill_bytes(bytes);
        }
        Ok(())
    }
}

/// A random value, each as likely as any other. Nobody can guess it who does not know the seed.
#[must_use]
pub fn random<T>() -> T
where
    StandardUniform: Distribution<T>,
{
    Chance.random()
}

#[cfg(test)]
mod tests {
    use super::random;
    use crate::runtime::simulated::{Simulated, is_simulated};

    fn drawn(seed: u64) -> [u64; 4] {
        let _simulated = Simulated::from_seed(seed);
        [random(), random::<u32>().into(), random::<u64>(), random::<u16>().into()]
    }

    #[test]
    fn chance_of_a_simulation_is_its_seed() {
        assert_eq!(drawn(7), drawn(7));
        assert_ne!(drawn(7), drawn(8));
    }

    #[test]
    fn chance_outside_of_a_simulation_is_the_systems() {
        let _ = drawn(7);
        assert!(!is_simulated());
        assert_ne!(random::<u128>(), random::<u128>());
    }
}
