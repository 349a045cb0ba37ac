//! Parameters: named values MAAS keeps as JSON (of interfaces, BMCs, settings), flat and of bounded depth.

use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// Bytes of all values of one object.
pub const PARAMETERS_BYTES_MAX: usize = 32 << 10;

/// One value. Numbers are whole: the state holds no floats.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum ParameterValue {
    /// Nothing.
    Null,
    /// Yes or no.
    Bool(bool),
    /// A whole number.
    Integer(i64),
    /// A text.
    Text(String),
    /// A list of texts.
    Texts(Vec<String>),
    /// Anything else, as the JSON text it came as.
    Json(String),
}

/// Values by name.
pub type Parameters = BTreeMap<String, ParameterValue>;

impl ParameterValue {
    /// How many bytes it takes, about.
    #[must_use]
    pub fn size_bytes(&self) -> usize {
        match self {
            Self::Null | Self::Bool(_) => 1,
            Self::Integer(_) => 8,
            Self::Text(text) | Self::Json(text) => text.len(),
            Self::Texts(texts) => texts.iter().map(|text| text.len() + 1).sum(),
        }
    }
}
