//! A secret of another object: kept in a table of its own, so that no list, reply or event can show it by mistake.

use crate::object::{Key, ObjectRef, TableKey};
use serde::{Deserialize, Serialize};
use std::fmt;

/// Which secret of which object.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct SecretKey {
    /// The object; with it goes the secret.
    pub owner: ObjectRef,
    /// What the secret is called there.
    pub name: String,
}

/// A secret. Its text shows only where [`Self::reveal`] is written.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Secret(String);

impl Secret {
    /// Wraps a text that must not be shown.
    #[must_use]
    pub const fn new(text: String) -> Self {
        Self(text)
    }

    /// The text, for whoever must use it.
    #[must_use]
    pub fn reveal(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret(…)")
    }
}

impl TableKey for SecretKey {
    fn to_key(&self) -> Key {
        Key::Name(format!("{}/{}", self.owner, self.name))
    }

    /// Secrets are never pointed at from outside.
    fn from_key(_: &Key) -> Option<Self> {
        None
    }
}

#[cfg(test)]
mod tests {
    use super::Secret;

    #[test]
    fn secret_does_not_show_in_debug_output() {
        assert!(!format!("{:?}", Secret::new("hunter2".into())).contains("hunter2"));
    }
}
