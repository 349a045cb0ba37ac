//! Fields of a patch that may be set to nothing: absent leaves them, `null` empties them.

use serde::{Deserialize, Deserializer};

/// Reads a field that is present: `null` as `Some(None)`.
///
/// # Errors
/// When the value is neither null nor a `T`.
pub fn read<'de, T, D>(deserializer: D) -> Result<Option<Option<T>>, D::Error>
where
    T: Deserialize<'de>,
    D: Deserializer<'de>,
{
    Option::<T>::deserialize(deserializer).map(Some)
}
