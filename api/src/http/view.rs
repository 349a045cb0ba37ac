//! An object as clients see it: its fields by name, in the order they are declared.

use serde::ser::SerializeMap as _;
use serde::{Serialize, Serializer};
use serde_json::Value;

/// An object's fields.
#[derive(Clone, Debug, PartialEq)]
pub struct View {
    /// The revision that changed it last.
    pub revision: u64,
    /// Its fields.
    pub fields: Vec<(&'static str, Value)>,
}

impl View {
    /// The view with these fields only.
    #[must_use]
    pub fn only(mut self, names: &[String]) -> Self {
        self.fields.retain(|(name, _)| names.iter().any(|wanted| wanted == name));
        self
    }

    /// The view as a JSON value, where the order of its fields does not matter.
    #[must_use]
    pub fn into_value(self) -> Value {
        self.fields.into_iter().map(|(name, value)| (name.to_owned(), value)).collect()
    }
}

impl Serialize for View {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(Some(self.fields.len()))?;
        for (name, value) in &self.fields {
            map.serialize_entry(name, value)?;
        }
        map.end()
    }
}
