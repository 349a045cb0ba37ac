//! An object as clients see it: its fields by name, in the order they are declared.

use serde::ser::SerializeMap as _;
use serde::{Serialize, Serializer};
use serde_json::Value;

/// Bytes of a number, a truth or nothing, about.
const PLAIN_BYTES: usize = 8;
/// Bytes of what stands around a name or a text.
const PUNCTUATION_BYTES: usize = 4;

/// An object's fields.
#[derive(Clone, Debug, PartialEq)]
pub struct View {
    /// The revision that changed it last.
    pub revision: u64,
    /// Its fields.
    pub fields: Vec<(&'static str, Value)>,
    /// A field that this answer has and no later one: no part of what the object's entity tag stands for.
    pub once: Option<(&'static str, Value)>,
}

impl View {
    /// The view as later answers have it.
    #[must_use]
    pub fn lasting(&self) -> Self {
        Self { once: None, ..self.clone() }
    }

    /// The view with these fields only.
    #[must_use]
    pub fn only(mut self, names: &[String]) -> Self {
        self.fields.retain(|(name, _)| names.iter().any(|wanted| wanted == name));
        self
    }

    /// About how many bytes it takes as JSON.
    #[must_use]
    pub fn bytes(&self) -> usize {
        let field = |(name, value): &(&str, Value)| name.len() + PUNCTUATION_BYTES + bytes(value);
        self.fields.iter().chain(&self.once).map(field).sum::<usize>() + 2
    }

    /// The view as a JSON value, where the order of its fields does not matter.
    #[must_use]
    pub fn into_value(self) -> Value {
        let fields = self.fields.into_iter().chain(self.once);
        fields.map(|(name, value)| (name.to_owned(), value)).collect()
    }
}

/// About how many bytes a value takes as JSON, found without writing it; texts with much to escape take more.
fn bytes(value: &Value) -> usize {
    match value {
        Value::Null | Value::Bool(_) | Value::Number(_) => PLAIN_BYTES,
        Value::String(text) => text.len() + PUNCTUATION_BYTES,
        Value::Array(items) => items.iter().map(|item| bytes(item) + 1).sum::<usize>() + 2,
        Value::Object(fields) => {
            let field =
                |(name, value): (&String, &Value)| name.len() + PUNCTUATION_BYTES + bytes(value);
            fields.iter().map(field).sum::<usize>() + 2
        }
    }
}

impl Serialize for View {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let fields = self.fields.iter().chain(&self.once);
        let mut map = serializer.serialize_map(Some(fields.clone().count()))?;
        for (name, value) in fields {
            map.serialize_entry(name, value)?;
        }
        map.end()
    }
}
