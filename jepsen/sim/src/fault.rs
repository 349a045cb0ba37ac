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
    /// A node loses its process just behind a certain step, and has it back soon.
    CutShort(CutShort),
    /// Hosts lose power while their log is being written, between any two calls of the disk.
    PowerAmidWrite {
        /// Which.
        whom: Whom,
        /// Calls that still succeed.
        calls: u64,
    },
    /// Wall clocks show another time.
    ClockJump {
        /// Whose.
        whom: Whom,
        /// By how much they go ahead; back if it is negative.
        by_ms: i64,
    },
    /// A host loses power, and a byte of its newest snapshot is another when it comes back.
    Rot {
        /// Which host; of several only the first.
        whom: Whom,
    },
}

/// When and how a node loses its process behind a step.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CutShort {
    /// Behind which step, whoever takes it first.
    pub moment: Moment,
    /// How long behind it, in microseconds.
    pub after_us: u64,
    /// By what it loses it.
    pub loss: Loss,
    /// Whether who gets the answer hears nobody else from then on, nor is heard, as long as the fault lasts: then only the
    /// node that answered, if anybody, can tell the others that it did.
    #[serde(default)]
    pub asker_cut: bool,
}

/// A step of the protocol between nodes, behind which a process can end.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Moment {
    /// A node has answered who asked for its vote.
    Vote,
    /// A node has begun to answer a leader that it did not follow before.
    Append,
    /// A node has answered who sent a snapshot.
    Snapshot,
    /// A node has given another one its place.
    Join,
    /// A leader has applied that the group changes from one set of voters to another, and not yet that it has.
    Joint,
}

/// What a host loses its process by.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Loss {
    /// The process is killed.
    Kill,
    /// The power goes; what was not synced is lost, in part or all of it.
    Power,
}

impl Moment {
    /// The method whose answer it is; none if it is no answer.
    #[must_use]
    pub const fn method(self) -> Option<&'static str> {
        match self {
            Self::Vote => Some("Vote"),
            Self::Append => Some("Append"),
            Self::Snapshot => Some("Snapshot"),
            Self::Join => Some("Join"),
            Self::Joint => None,
        }
    }
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
    /// The host that was made last, voter or not.
    Newest,
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
    pub const KINDS: [&'static str; 14] = [
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
        "cut_short",
        "power_amid_write",
        "clock_jump",
        "rot",
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
            Self::CutShort(_) => "cut_short",
            Self::PowerAmidWrite { .. } => "power_amid_write",
            Self::ClockJump { .. } => "clock_jump",
            Self::Rot { .. } => "rot",
        }
    }
}
