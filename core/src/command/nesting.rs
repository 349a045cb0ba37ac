//! Keeps whoever sends bytes from nesting batches so deep that decoding them overflows the stack, and from making them
//! so long that their steps, of which the shortest takes one byte, fill the memory.
//!
//! Apply refuses any batch inside a batch and long ones; this only bounds what is taken apart before it gets there.

use serde::de::{Error as _, SeqAccess, Visitor};
use serde::{Deserialize, Deserializer};
use std::cell::Cell;
use std::fmt;
use std::marker::PhantomData;

/// Batches inside one another that are decoded at all.
const DEPTH_MAX: u32 = 4;
/// Steps of one batch that are decoded: more than are applied, so that a batch somewhat too long still gets its answer.
pub(in crate::command) const STEPS_MAX: usize = 4096;

thread_local! {
    /// Batches being decoded on this thread. Decoding is the only thing in this crate that needs to know its caller.
    static DEPTH: Cell<u32> = const { Cell::new(0) };
}

/// One level, as long as it lives.
struct Level;

impl Level {
    fn enter() -> Option<Self> {
        let depth = DEPTH.get();
        (depth < DEPTH_MAX).then(|| {
            DEPTH.set(depth + 1);
            Self
        })
    }
}

impl Drop for Level {
    fn drop(&mut self) {
        DEPTH.set(DEPTH.get().saturating_sub(1));
    }
}

/// Decodes the steps of a batch.
pub(in crate::command) fn steps<'de, T: Deserialize<'de>, D: Deserializer<'de>>(
    deserializer: D,
) -> Result<Vec<T>, D::Error> {
    let Some(_level) = Level::enter() else {
        return Err(D::Error::custom("batches inside one another"));
    };
    deserializer.deserialize_seq(Steps(PhantomData))
}

/// Takes steps one by one, so many and no more.
struct Steps<T>(PhantomData<T>);

impl<'de, T: Deserialize<'de>> Visitor<'de> for Steps<T> {
    type Value = Vec<T>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "up to {STEPS_MAX} steps")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut sequence: A) -> Result<Vec<T>, A::Error> {
        let mut steps = Vec::new();
        while let Some(step) = sequence.next_element()? {
            if steps.len() == STEPS_MAX {
                return Err(A::Error::invalid_length(STEPS_MAX + 1, &self));
            }
            steps.push(step);
        }
        Ok(steps)
    }
}

#[cfg(test)]
mod tests {
    use super::STEPS_MAX;
    use crate::codec::{from_bare, to_bare};
    use crate::command::{BATCH_STEPS_MAX, Command};

    #[test]
    fn long_batches_are_refused_before_all_of_them_is_decoded() {
        let long = |steps| to_bare(&Command::Batch(vec![Command::Tick; steps]));
        assert!(from_bare::<Command>(&long(BATCH_STEPS_MAX + 1)).is_ok(), "apply answers it");
        assert!(from_bare::<Command>(&long(STEPS_MAX)).is_ok());
        assert!(from_bare::<Command>(&long(STEPS_MAX + 1)).is_err());
    }

    #[test]
    fn deep_nesting_is_refused_and_not_followed() {
        let mut command = Command::Tick;
        for _ in 0..4 {
            command = Command::Batch(vec![command]);
        }
        assert_eq!(from_bare::<Command>(&to_bare(&command)).unwrap(), command);
        assert!(from_bare::<Command>(&to_bare(&Command::Batch(vec![command.clone()]))).is_err());
        let batch_of_one = &to_bare(&Command::Batch(vec![Command::Tick]))[..2];
        assert!(from_bare::<Command>(&batch_of_one.repeat(1_000_000)).is_err());
        assert_eq!(from_bare::<Command>(&to_bare(&command)).unwrap(), command);
    }
}
