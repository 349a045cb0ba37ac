//! How fresh a read must be: `?consistency=`, `?max_stale=`, `?min_revision=`, `?wait=`.

use crate::duration;
use crate::http::context::Context;
use crate::http::parameters::Parameters;
use crate::http::problem::Problem;
use regent_core::revision::Revision;
use regent_raft::state_machine::published::Published;
use std::sync::{Arc, OnceLock};
use std::time::{Duration, Instant};

/// Longest time a read may wait.
const WAIT_MAX: Duration = Duration::from_secs(60);

/// How fresh the answer must be.
#[derive(Clone, Debug, Default)]
pub struct ReadParameters {
    /// Everything acknowledged before the read (the default), or what this node has.
    pub consistency: Level,
    /// With `stale`: refuse if this node's state may be older, or it cannot tell.
    pub max_stale: Option<Duration>,
    /// Wait until this node has this revision.
    pub min_revision: Option<u64>,
    /// How long to wait for it.
    pub wait: Option<Duration>,
    /// When the leader was heard last before the state was loaded; unset while it is not, or without a leader.
    heard: OnceLock<Instant>,
}

/// The names of the parameters with what they mean, for documents.
pub const READ_PARAMETERS: [(&str, &str); 4] = [
    (
        "consistency",
        "`linearizable` (the default): everything acknowledged before the read. `stale`: what this node has.",
    ),
    ("max_stale", "With `stale`: refuse if this node's state may be older, as `5s`."),
    ("min_revision", "Wait until this node has this revision."),
    ("wait", "How long to wait, as `10s`; at most a minute."),
];

/// What a read promises.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
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
    /// Takes them out of a request's.
    ///
    /// # Errors
    /// [`Problem`] naming the one that is wrong.
    pub fn take(parameters: &mut Parameters) -> Result<Self, Problem> {
        let consistency = match parameters.take("consistency")?.as_deref() {
            None | Some("linearizable") => Level::Linearizable,
            Some("stale") => Level::Stale,
            Some(other) => {
                let message = format!("{other:?} is not linearizable or stale");
                return Err(Problem::invalid("consistency", message));
            }
        };
        let max_stale = parse_duration("max_stale", parameters.take("max_stale")?.as_deref())?;
        if max_stale.is_some() && consistency != Level::Stale {
            return Err(Problem::invalid("max_stale", "goes with consistency=stale only"));
        }
        let min_revision = parameters.take_number("min_revision")?;
        let wait = parse_duration("wait", parameters.take("wait")?.as_deref())?;
        Ok(Self { consistency, max_stale, min_revision, wait, heard: OnceLock::new() })
    }

    /// The state that is fresh enough.
    ///
    /// # Errors
    /// [`Problem`] if there is none in time, never something older than asked for.
    pub async fn load(&self, context: &Context) -> Result<Arc<Published>, Problem> {
        let deadline = self.deadline(context);
        let region = &context.region;
        self.reach(context).await?;
        match self.consistency {
            Level::Linearizable => Ok(region.linearizable(deadline).await?),
            Level::Stale => {
                // Before the state is taken, so that it is never told to be fresher than it is.
                let heard = region.state_age().and_then(|age| Instant::now().checked_sub(age));
                if let Some(heard) = heard {
                    self.heard.get_or_init(|| heard);
                }
                Ok(region.stale(self.max_stale)?)
            }
        }
    }

    /// Waits until this node has the revision that is wanted at least.
    ///
    /// # Errors
    /// [`Problem`] if it has not in time.
    pub async fn reach(&self, context: &Context) -> Result<(), Problem> {
        if let Some(revision) = self.min_revision {
            context.region.at_least(Revision(revision), self.deadline(context)).await?;
        }
        Ok(())
    }

    fn deadline(&self, context: &Context) -> Instant {
        self.wait.map_or_else(|| context.deadline(), |wait| Instant::now() + wait.min(WAIT_MAX))
    }

    /// How old a stale answer is by now, as far as the node could tell before it was loaded.
    #[must_use]
    pub fn age(&self) -> Option<Duration> {
        self.heard.get().map(Instant::elapsed)
    }
}

/// A length of time as clients write it: `250ms`, `5s`, `2m`, `1h`.
///
/// # Errors
/// [`Problem`] naming the parameter.
pub fn parse_duration(name: &str, text: Option<&str>) -> Result<Option<Duration>, Problem> {
    let read = |text: &str| {
        duration::parse(text).map_err(|want| Problem::invalid(name, format!("{text:?}: {want}")))
    };
    text.map(read).transpose()
}
