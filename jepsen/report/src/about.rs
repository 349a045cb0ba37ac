//! What run it was: not what came of it.

use crate::date::utc;
use crate::source::Source;
use serde::{Deserialize, Serialize};
use std::fmt;
use std::time::{Duration, SystemTime};

/// What run it was.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct About {
    /// How much of it was real.
    pub tier: Tier,
    /// What its plan came from.
    pub seed: u64,
    /// Nodes of the region.
    pub nodes: u64,
    /// What was tried.
    pub source: Source,
    /// When it began, UTC.
    pub started: String,
    /// How long it took, in milliseconds of a clock on the wall.
    pub wall_ms: u64,
    /// How long it was for those inside; missing where that is the same.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub virtual_ms: Option<u64>,
}

/// How much of a run is real.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Tier {
    /// One process, virtual time.
    Sim,
    /// Processes on one machine.
    Local,
    /// Processes with a machine each.
    Netns,
}

impl Tier {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Sim, Self::Local, Self::Netns];

    /// Its name.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Sim => "sim",
            Self::Local => "local",
            Self::Netns => "netns",
        }
    }

    /// The tier of this name.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|tier| tier.name() == name)
    }
}

impl fmt::Display for Tier {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.pad(self.name())
    }
}

impl About {
    /// A run that began then and took so long.
    #[must_use]
    pub fn new(tier: Tier, seed: u64, nodes: u64, began: SystemTime, took: Duration) -> Self {
        Self {
            tier,
            seed,
            nodes,
            source: Source::here(),
            started: utc(began),
            wall_ms: milliseconds(took),
            virtual_ms: None,
        }
    }

    /// The same, in which another time went by for those inside.
    #[must_use]
    pub fn inside(self, took: Duration) -> Self {
        Self { virtual_ms: Some(milliseconds(took)), ..self }
    }

    /// How long the region was tried: what counts as its hours, in milliseconds.
    #[must_use]
    pub fn tried_ms(&self) -> u64 {
        self.virtual_ms.unwrap_or(self.wall_ms)
    }
}

fn milliseconds(time: Duration) -> u64 {
    u64::try_from(time.as_millis()).unwrap_or(u64::MAX)
}
