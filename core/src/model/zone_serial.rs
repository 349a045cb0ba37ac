//! The serial of one DNS zone: part of the state, so that every node tells the same one for the same content.

use crate::model::dns_name::DomainName;
use crate::model::serial::Serial;
use crate::object::{Key, TableKey};
use serde::{Deserialize, Serialize};

/// The name of a zone in lower case.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct ZoneName(DomainName);

/// The serial of a zone.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ZoneSerial {
    /// The serial its SOA record has.
    pub serial: Serial,
}

impl ZoneName {
    /// The key of a zone, whatever the case of its name: two keys that are equal must have the same bytes.
    #[must_use]
    pub fn new(apex: &DomainName) -> Self {
        let labels: Vec<Vec<u8>> = apex.labels().map(<[u8]>::to_ascii_lowercase).collect();
        let lower = DomainName::from_labels(labels.iter().map(Vec::as_slice));
        Self(lower.expect("lower case is as long"))
    }

    /// The zone's name.
    #[must_use]
    pub const fn as_name(&self) -> &DomainName {
        &self.0
    }
}

impl TableKey for ZoneName {
    fn to_key(&self) -> Key {
        Key::Name(self.0.to_string())
    }

    fn from_key(key: &Key) -> Option<Self> {
        match key {
            Key::Name(name) => name.parse().ok().map(|name| Self::new(&name)),
            Key::Number(_) | Key::Address(_) => None,
        }
    }
}
