//! How an idempotency key is found.

use crate::object::{Key, TableKey};
use serde::{Deserialize, Serialize};

/// A key of one principal.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct KeyId {
    /// Whose key it is: two principals may use the same text.
    pub principal: String,
    /// The text the client sent.
    pub key: String,
}

impl TableKey for KeyId {
    fn to_key(&self) -> Key {
        Key::Name(format!("{}\n{}", self.principal, self.key))
    }

    fn from_key(key: &Key) -> Option<Self> {
        let Key::Name(text) = key else { return None };
        let (principal, key) = text.split_once('\n')?;
        Some(Self { principal: principal.to_owned(), key: key.to_owned() })
    }
}
