//! Keeps whoever sends bytes from nesting batches so deep that decoding them overflows the stack.
//!
//! Apply refuses any batch inside a batch; this only bounds what is taken apart before it gets there.

use serde::{Deserialize, Deserializer, de::Error as _};
use std::cell::Cell;

/// Batches inside one another that are decoded at all.
const DEPTH_MAX: u32 = 4;

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
    Vec::deserialize(deserializer)
}

#[cfg(test)]
mod tests {
    use crate::codec::{from_bare, to_bare};
    use crate::command::Command;

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
