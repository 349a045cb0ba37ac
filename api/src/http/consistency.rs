//! How fresh a read must be: `?consistency=`, `?max_stale=`, `?min_revision=`, `?wait=`.

use crate::http::context::{Context, REQUEST_TIMEOUT};
use crate::http::problem::Problem;
use regent_core::revision::Revision;
use regent_raft::state_machine::published::Published;
use serde::Deserialize;
use std::sync::Arc;
use std::time::{Duration, Instant};
use utoipa::{IntoParams, ToSchema};

/// Longest time a read may wait.
const WAIT_MAX: Duration = Duration::from_secs(60);

/// How fresh the answer must be.
#[derive(Clone, Debug, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct ReadParameters {
    /// Everything acknowledged before the read (the default), or what this node has.
    #[serde(default)]
    pub consistency: Level,
    /// With `stale`: refuse if this node heard from the leader longer ago, e.g. `5s`.
    pub max_stale: Option<String>,
    /// Wait until this node has this revision.
    pub min_revision: Option<u64>,
    /// How long to wait for it, e.g. `10s`.
    pub wait: Option<String>,
}

/// What a read promises.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Level {
    /// Everything acknowledged before the read began is in it.
    #[default]
    Linearizable,
    /// Some past state, which says how old it is.
    Stale,
}

impl Level {
    /// As in requests and headers.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Linearizable => "linearizable",
            Self::Stale => "stale",
        }
    }
}

impl ReadParameters {
    /// The state that is fresh enough.
    ///
    /// # Errors
    /// [`Problem`] if there is none in time, never something older than asked for.
    pub async fn load(&self, context: &Context) -> Result<Arc<Published>, Problem> {
        let wait = parse_duration("wait", self.wait.as_deref())?.unwrap_or(REQUEST_TIMEOUT);
        let deadline = Instant::now() + wait.min(WAIT_MAX);
        let region = &context.region;
        if let Some(revision) = self.min_revision {
            region.at_least(Revision(revision), deadline).await?;
        }
        match self.consistency {
            Level::Linearizable => Ok(region.linearizable(deadline).await?),
            Level::Stale => {
                let max_stale = parse_duration("max_stale", self.max_stale.as_deref())?;
                Ok(region.stale(max_stale)?)
            }
        }
    }
}

/// A length of time as clients write it: `250ms`, `5s`, `2m`, `1h`.
///
/// # Errors
/// [`Problem`] naming the parameter.
pub fn parse_duration(name: &str, text: Option<&str>) -> Result<Option<Duration>, Problem> {
    let Some(text) = text else { return Ok(None) };
    let digits = text.bytes().take_while(u8::is_ascii_digit).count();
    let (number, unit) = text.split_at(digits);
    let unit_ms = match unit {
        "ms" => 1,
        "s" => 1000,
        "m" => 60_000,
        "h" => 3_600_000,
        _ => 0,
    };
    let millis = number.parse::<u64>().ok().and_then(|number| number.checked_mul(unit_ms));
    match millis {
        Some(millis) if unit_ms > 0 => Ok(Some(Duration::from_millis(millis))),
        Some(_) | None => Err(Problem::invalid(
            name,
            format!("{text:?} is no length of time like 250ms, 5s, 2m or 1h"),
        )),
    }
}

#[cfg(test)]
mod tests {
    use super::parse_duration;
    use std::time::Duration;

    #[test]
    fn lengths_of_time_need_a_number_and_a_unit() {
        let parse = |text| parse_duration("wait", Some(text));
        assert_eq!(parse("250ms").unwrap(), Some(Duration::from_millis(250)));
        assert_eq!(parse("2m").unwrap(), Some(Duration::from_secs(120)));
        for wrong in ["", "5", "s", "-1s", "5 s", "1.5s", "99999999999999999999h", "1d"] {
            assert!(parse(wrong).is_err(), "{wrong}");
        }
    }
}
