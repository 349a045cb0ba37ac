//! Commands about settings of the site.

use crate::model::parameter::ParameterValue;
use crate::model::setting::SettingName;
use serde::{Deserialize, Serialize};

/// A change of the settings.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum SettingCommand {
    /// A new or changed setting.
    Set {
        /// Which.
        name: SettingName,
        /// Its value.
        value: ParameterValue,
    },
    /// Back to what is built in.
    Unset {
        /// Which.
        name: SettingName,
    },
}
