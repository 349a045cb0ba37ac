//! What can go wrong in a simulation, and whom it meets.

use crate::network::weather::Weather;
use serde::{Deserialize, Serialize};

/// A fault.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Fault {
    /// Processes are killed and started again when it is healed.
    Kill {
        /// Whose.
        whom: Whom,
    },
    /// Hosts lose power, and with it what was not synced; they start again when it is healed.
    Power {
        /// Which.
        whom: Whom,
    },
    /// Processes stand still.
    Freeze {
        /// Whose.
        whom: Whom,
    },
    /// Hosts reach the others no more, or are not reached by them.
    Cut {
        /// Which.
        whom: Whom,
        /// Which of their ways.
        ways: Ways,
    },
    /// The log's disk is slow.
    SlowDisk {
        /// Whose.
        whom: Whom,
        /// What a group takes to become durable, in milliseconds.
        group_takes_ms: u64,
    },
    /// A host loses power, and a bit of its log is another when it comes back: its node may not start, and is replaced.
    Damage {
        /// Which host; of several only the first.
        whom: Whom,
    },
    /// All messages take longer, or are lost on the way.
    Storm {
        /// How it is then.
        weather: Weather,
    },
    /// Nodes make a snapshot and purge their log.
    Snapshot {
        /// Which.
        whom: Whom,
    },
    /// The leader hands over.
    HandOver,
    /// A new node joins, and a voter is removed for it.
    Replace {
        /// Who goes.
        whom: Whom,
    },
}

/// Whom a fault meets; chosen when it comes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Whom {
    /// Whoever leads.
    Leader,
    /// A voter that does not: the one at this place, counted round.
    Follower(u8),
    /// Voters without the leader, as many as a minority has.
    Minority,
    /// As many voters as a majority has, the leader among them.
    Majority,
    /// Every voter.
    All,
}

/// Ways between some hosts and the others.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Ways {
    /// To them and from them.
    Both,
    /// To them.
    In,
    /// From them.
    Out,
}

impl Fault {
    /// The names of all kinds.
    pub const KINDS: [&'static str; 10] = [
        "kill",
        "power",
        "freeze",
        "cut",
        "slow_disk",
        "damage",
        "storm",
        "snapshot",
        "hand_over",
        "replace",
    ];

    /// Its name in histories.
    #[must_use]
    pub const fn kind(&self) -> &'static str {
        match self {
            Self::Kill { .. } => "kill",
            Self::Power { .. } => "power",
            Self::Freeze { .. } => "freeze",
            Self::Cut { .. } => "cut",
            Self::SlowDisk { .. } => "slow_disk",
            Self::Damage { .. } => "damage",
            Self::Storm { .. } => "storm",
            Self::Snapshot { .. } => "snapshot",
            Self::HandOver => "hand_over",
            Self::Replace { .. } => "replace",
        }
    }
}
