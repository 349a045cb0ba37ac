//! A node of the region's Raft group, as the state remembers it: so that ids are never reused and a node that was
//! removed can be told so (DESIGN D20).

use crate::model::hostname::{Hostname, HostnameError};
use serde::{Deserialize, Serialize};

/// A region node, present or removed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Member {
    /// The name its operator gave it.
    pub name: String,
    /// The identity of its data directory; another under the same id is refused.
    pub store: String,
    /// Whether it still belongs to the group.
    pub standing: Standing,
}

/// Whether a node belongs to the group.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Standing {
    /// It does.
    Present,
    /// It did. Its id is never given out again.
    Removed,
}

/// Why a text is no name of a region node.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NameError {
    /// Names stand in configuration files, in URLs and beside host names.
    #[error(transparent)]
    Hostname(#[from] HostnameError),
    /// Where a node is named, its number will do as well.
    #[error("digits alone are a node's number, not its name")]
    Number,
}

/// Whether a node may be called this: as a host is (RFC 1123 section 2.1), but not by digits alone.
///
/// # Errors
/// [`NameError`].
pub fn check_name(name: &str) -> Result<(), NameError> {
    Hostname::new(name)?;
    if name.bytes().all(|octet| octet.is_ascii_digit()) {
        return Err(NameError::Number);
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::{NameError, check_name};
    use crate::model::hostname::HostnameError;

    #[test]
    fn node_names_are_labels_and_no_numbers() {
        for name in ["r1", "1a", "region-2"] {
            assert_eq!(check_name(name), Ok(()), "{name}");
        }
        for (name, error) in [
            ("", NameError::Hostname(HostnameError::Empty)),
            ("2", NameError::Number),
            ("a b", NameError::Hostname(HostnameError::Character { character: ' ', column: 2 })),
        ] {
            assert_eq!(check_name(name), Err(error), "{name}");
        }
    }
}
