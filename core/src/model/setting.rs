//! A setting of the site: MAAS's configuration, by MAAS's names.

use crate::model::parameter::ParameterValue;
use crate::object::{Key, TableKey};
use serde::{Deserialize, Serialize};

/// Bytes of the name of a setting.
pub const SETTING_NAME_BYTES_MAX: usize = 255;

/// The name of a setting.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct SettingName(pub String);

/// A setting.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Setting {
    /// Its value.
    pub value: ParameterValue,
}

impl TableKey for SettingName {
    fn to_key(&self) -> Key {
        Key::Name(self.0.clone())
    }

    fn from_key(key: &Key) -> Option<Self> {
        match key {
            Key::Name(name) => Some(Self(name.clone())),
            Key::Number(_) | Key::Address(_) => None,
        }
    }
}
