//! The three things that can be asked about most nouns.

use serde::{Deserialize, Serialize};

/// A plain change of one object: `T` is the noun, `P` its patch, `I` its id.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Edit<T, P, I> {
    /// A new one. What the state machine decides (ids, names left empty) is filled in there.
    Create(T),
    /// Other values for some fields.
    Update {
        /// Which.
        id: I,
        /// The fields and their values.
        patch: P,
    },
    /// Gone, if nothing that must stay depends on it.
    Delete {
        /// Which.
        id: I,
    },
}
