//! Any JSON value as something with a place in one total order.

use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::net::IpAddr;

/// Bytes of a text that count for its place in a list.
const TEXT_BYTES_MAX: usize = 256;

/// A value's place: nothing first, then truths, numbers, addresses, texts.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum SortKey {
    /// Nothing.
    Null,
    /// False before true.
    Bool(bool),
    /// Whole numbers.
    Number(i128),
    /// IP addresses by number, not by digits.
    Address(IpAddr),
    /// Texts by bytes; lists and objects by their JSON.
    Text(String),
}

impl SortKey {
    /// The place in lists: of long texts only the beginning counts, so that it fits into a cursor.
    #[must_use]
    pub fn shortened(self) -> Self {
        match self {
            Self::Text(mut text) => {
                text.truncate(text.floor_char_boundary(TEXT_BYTES_MAX));
                Self::Text(text)
            }
            Self::Null | Self::Bool(_) | Self::Number(_) | Self::Address(_) => self,
        }
    }

    /// The place of a value.
    #[must_use]
    pub fn of(value: &Value) -> Self {
        match value {
            Value::Null => Self::Null,
            Value::Bool(truth) => Self::Bool(*truth),
            Value::Number(number) => {
                let signed = number.as_i64().map(i128::from);
                let whole = signed.or_else(|| number.as_u64().map(i128::from));
                whole.map_or_else(|| Self::Text(number.to_string()), Self::Number)
            }
            Value::String(text) => Self::of_text(text),
            Value::Array(_) | Value::Object(_) => Self::Text(value.to_string()),
        }
    }

    /// The place of a text that is no number.
    #[must_use]
    pub fn of_text(text: &str) -> Self {
        text.parse().map_or_else(|_| Self::Text(text.to_owned()), Self::Address)
    }

    /// The place of what a client wrote, to be compared with a value.
    #[must_use]
    pub fn of_operand(text: &str, value: &Value) -> Self {
        match value {
            Value::Number(_) => text.parse().map_or_else(|_| Self::of_text(text), Self::Number),
            Value::Bool(_) => text.parse().map_or_else(|_| Self::of_text(text), Self::Bool),
            Value::Null | Value::String(_) | Value::Array(_) | Value::Object(_) => {
                Self::of_text(text)
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::SortKey;
    use serde_json::json;

    #[test]
    fn addresses_and_numbers_are_ordered_by_value_not_by_digits() {
        assert!(SortKey::of(&json!("10.0.0.9")) < SortKey::of(&json!("10.0.0.10")));
        assert!(SortKey::of(&json!(9)) < SortKey::of(&json!(10)));
        assert!(SortKey::of(&json!(null)) < SortKey::of(&json!(false)));
    }
}
