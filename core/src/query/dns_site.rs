//! What holds for all DNS zones of the site: the default domain and the default time to live.

use crate::dns::view::Site;
use crate::model::domain::{Domain, TTL_SECONDS_MAX};
use crate::model::global_defaults::{GLOBAL_DEFAULTS, GlobalDefaults};
use crate::model::parameter::ParameterValue;
use crate::model::setting::{Setting, SettingName};
use crate::state::State;

/// MAAS's name for the setting with the default time to live.
pub const DEFAULT_DNS_TTL: &str = "default_dns_ttl";
/// Time to live where that setting is absent, in seconds: MAAS's default.
const DEFAULT_TTL_SECONDS: u32 = 30;

/// What holds for all zones.
#[must_use]
pub fn dns_site(state: &State) -> Site {
    let defaults = state.get::<GlobalDefaults>(&GLOBAL_DEFAULTS);
    let domain = defaults.and_then(|row| state.get::<Domain>(&row.value.domain));
    Site {
        default_domain: domain.map(|row| row.value.name.clone()),
        default_ttl: default_ttl(state),
    }
}

fn default_ttl(state: &State) -> u32 {
    let setting = state.get::<Setting>(&SettingName(DEFAULT_DNS_TTL.to_owned()));
    let seconds = setting.and_then(|row| match &row.value.value {
        ParameterValue::Integer(seconds) => u32::try_from(*seconds).ok(),
        ParameterValue::Text(text) | ParameterValue::Json(text) => text.parse().ok(),
        ParameterValue::Null | ParameterValue::Bool(_) | ParameterValue::Texts(_) => None,
    });
    seconds.filter(|seconds| *seconds <= TTL_SECONDS_MAX).unwrap_or(DEFAULT_TTL_SECONDS)
}
