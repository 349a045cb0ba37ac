//! Revisions: the one clock clients order things by.

use crate::object::{Key, TableKey};
use serde::{Deserialize, Serialize};
use std::fmt;

/// The number every change of the state gets: the log index it was applied at, plus what restores added (DESIGN D6).
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize,
)]
#[serde(transparent)]
pub struct Revision(pub u64);

impl fmt::Display for Revision {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.0)
    }
}

impl TableKey for Revision {
    fn to_key(&self) -> Key {
        Key::Number(self.0)
    }

    fn from_key(key: &Key) -> Option<Self> {
        match key {
            Key::Number(number) => Some(Self(*number)),
            Key::Address(_) | Key::Name(_) => None,
        }
    }
}
