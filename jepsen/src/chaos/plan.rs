//! What is to be done to a cluster, and when: written before the run, so that it can be done again.
//!
//! A plan names no node but by its part (the leader, a minority); the `dice` of a fault choose where there is a choice.
//! Processes have their own timing, so the same plan need not find the same leader again.

use crate::lab::packet_queue::Manner;
use clap::ValueEnum;
use serde::{Deserialize, Serialize};
use std::time::Duration;

/// A run.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Plan {
    /// What it came from.
    pub seed: u64,
    /// Nodes of the cluster.
    pub nodes: usize,
    /// Seconds of faults.
    pub seconds: u64,
    /// What nodes keep of their logs.
    pub logs: Logs,
    /// Whether two racks serve DHCP clients meanwhile.
    pub racks: bool,
    /// Faults, in the order in which each track does them.
    pub faults: Vec<Planned>,
}

/// What nodes keep of their logs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Logs {
    /// Everything.
    Whole,
    /// Little, so that who was away needs a snapshot; all but the last node, which no fault but those of all takes.
    Purged,
    /// The same, and they make snapshots all the time.
    Storm,
}

/// A fault to come.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Planned {
    /// Faults of one track follow each other, those of different tracks may overlap.
    pub track: usize,
    /// Not before so many milliseconds of the run.
    pub at_ms: u64,
    /// For so many milliseconds.
    pub for_ms: u64,
    /// Which of several possible targets.
    pub dice: u64,
    /// What.
    pub fault: Fault,
}

/// What is done.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "kebab-case", deny_unknown_fields)]
pub enum Fault {
    /// SIGKILL, later a start.
    Kill {
        /// To whom.
        whom: Whom,
    },
    /// SIGSTOP, later SIGCONT.
    Pause {
        /// To whom.
        whom: Whom,
    },
    /// Disks lose what was not synced, processes end; later a start.
    PowerOff {
        /// To whom.
        whom: Whom,
    },
    /// Packets between some and some others are dropped.
    Cut {
        /// Between whom.
        shape: Shape,
        /// Which packets.
        wire: Wire,
    },
    /// A part of the packets between some and some others is dropped, by chance.
    Loss {
        /// Between whom.
        shape: Shape,
        /// Which packets.
        wire: Wire,
        /// So many of a hundred.
        percent: u8,
    },
    /// Packets between some and some others come late.
    Delay {
        /// Between whom.
        shape: Shape,
        /// Which packets.
        wire: Wire,
        /// By up to so many milliseconds.
        late_ms: u32,
    },
    /// Packets between some and some others come late and overtake each other, and some of them get lost or come twice.
    Flaky {
        /// Between whom.
        shape: Shape,
        /// Which packets.
        wire: Wire,
        /// What becomes of them.
        manner: Manner,
    },
    /// Little goes through a cable, and what goes through waits.
    SlowLink {
        /// Whose.
        whom: Whom,
        /// Kilobits a second, each way.
        kbit: u32,
    },
    /// A file fills the disk.
    DiskFull {
        /// Whose.
        whom: Whom,
        /// Mebibytes left.
        left_mib: u64,
    },
    /// What is written reaches the disk late.
    DiskSlow {
        /// Whose.
        whom: Whom,
        /// Milliseconds that each sync takes longer.
        sync_ms: u32,
    },
    /// The disk says that it failed; the node has to end, and starts again when the disk works.
    DiskFails {
        /// Whose.
        whom: Whom,
        /// What it fails to do.
        what: DiskCall,
    },
    /// The log of a node that was killed is damaged; if the node notices, it leaves and joins anew.
    Damage {
        /// What was done to it.
        how: Harm,
    },
    /// The wall clock jumps; later it jumps back.
    ClockJump {
        /// Whose.
        whom: Whom,
        /// By so many seconds.
        seconds: i64,
    },
    /// A node is taken out of the region and comes back as another member.
    Replace {
        /// How it leaves.
        leave: Leave,
    },
    /// Members change, and somebody who is needed for it is killed meanwhile.
    HalfChange {
        /// Who, and in which half.
        half: Half,
    },
    /// Every node is stopped in order and started again, one after the other.
    Rolling,
    /// Something is done to a rack.
    Rack {
        /// What.
        what: RackFault,
    },
    /// Other sites come in, one in place of the other, and the leader is killed meanwhile.
    Import,
}

/// What a disk may fail to do.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum DiskCall {
    /// To keep what was written.
    Sync,
    /// To take what is written.
    Write,
}

/// Damage at rest.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Harm {
    /// One bit is another one.
    BitFlip,
    /// The end is gone.
    Truncated,
    /// A block is zero.
    Zeroed,
}

/// What is done to a rack.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum RackFault {
    /// Its agent is killed, later started.
    Kill,
    /// Its agent stands still.
    Pause,
    /// Its cable to the region is cut.
    Cut,
    /// Its machine boots anew, its clocks begin at zero, and the region is away.
    Reboot,
}

/// Kinds of fault.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, ValueEnum)]
pub enum Kind {
    /// Processes are killed.
    Kill,
    /// Processes stand still.
    Pause,
    /// Power goes.
    PowerOff,
    /// The network is cut.
    Cut,
    /// Packets get lost.
    Loss,
    /// Packets come late.
    Delay,
    /// Packets come late, overtake each other, get lost or come twice.
    Flaky,
    /// Cables are slow.
    SlowLink,
    /// Disks are full.
    DiskFull,
    /// Disks are slow.
    DiskSlow,
    /// Disks fail.
    DiskFails,
    /// Disks have forgotten something.
    Damage,
    /// Wall clocks jump.
    ClockJump,
    /// Members change.
    Replace,
    /// Members change, and one is killed meanwhile.
    HalfChange,
    /// Orderly restarts.
    Rolling,
    /// A rack dies, stands still or is cut off.
    Rack,
    /// A rack's machine boots anew and is cut off for longer than it may do anything alone.
    RackReboot,
    /// Other sites take the place of this one.
    Import,
}

/// Nodes by their part.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Whom {
    /// Whoever leads.
    Leader,
    /// One that does not.
    Follower,
    /// As many as the region can do without.
    Minority,
    /// One more.
    Majority,
    /// Every one.
    All,
}

/// Between whom the network is cut.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Shape {
    /// A minority and the rest, wherever the leader is.
    Halves,
    /// The leader, with as many as make a minority with it, and the rest.
    LeaderAlone,
    /// Two halves that do not hear each other, and one node that hears both.
    Bridge,
    /// Everybody hears two neighbours only.
    Ring,
    /// A minority can speak but does not hear.
    Deaf,
    /// A minority hears but cannot speak.
    Mute,
}

/// Which packets.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Wire {
    /// Those between nodes.
    Peers,
    /// Those between nodes and clients: of the shape only the first group counts.
    Api,
    /// Those between nodes and racks, the same way.
    Racks,
    /// All of them.
    All,
}

/// How a node leaves.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Leave {
    /// It is removed, hears of it and ends; later it joins with an empty disk.
    Removed,
    /// It loses its disk; then its old self is removed, and it joins.
    Wiped,
}

/// Where a change of members is cut short.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Half {
    /// The leader is killed while it takes a node out.
    LeaderGone,
    /// Another voter is killed when a new node has joined and does not vote yet.
    VoterGone,
}

impl Fault {
    /// What kind it is.
    #[must_use]
    pub const fn kind(&self) -> Kind {
        match self {
            Self::Kill { .. } => Kind::Kill,
            Self::Pause { .. } => Kind::Pause,
            Self::PowerOff { .. } => Kind::PowerOff,
            Self::Cut { .. } => Kind::Cut,
            Self::Loss { .. } => Kind::Loss,
            Self::Delay { .. } => Kind::Delay,
            Self::Flaky { .. } => Kind::Flaky,
            Self::SlowLink { .. } => Kind::SlowLink,
            Self::DiskFull { .. } => Kind::DiskFull,
            Self::DiskSlow { .. } => Kind::DiskSlow,
            Self::DiskFails { .. } => Kind::DiskFails,
            Self::Damage { .. } => Kind::Damage,
            Self::ClockJump { .. } => Kind::ClockJump,
            Self::Replace { .. } => Kind::Replace,
            Self::HalfChange { .. } => Kind::HalfChange,
            Self::Rolling => Kind::Rolling,
            Self::Import => Kind::Import,
            Self::Rack { what: RackFault::Reboot } => Kind::RackReboot,
            Self::Rack { what: RackFault::Kill | RackFault::Pause | RackFault::Cut } => Kind::Rack,
        }
    }
}

impl Kind {
    /// Its name, here and in histories.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Kill => "kill",
            Self::Pause => "pause",
            Self::PowerOff => "power-off",
            Self::Cut => "cut",
            Self::Loss => "loss",
            Self::Delay => "delay",
            Self::Flaky => "flaky",
            Self::SlowLink => "slow-link",
            Self::DiskFull => "disk-full",
            Self::DiskSlow => "disk-slow",
            Self::DiskFails => "disk-fails",
            Self::Damage => "damage",
            Self::ClockJump => "clock-jump",
            Self::Replace => "replace",
            Self::HalfChange => "half-change",
            Self::Rolling => "rolling",
            Self::Rack => "rack",
            Self::RackReboot => "rack-reboot",
            Self::Import => "import",
        }
    }
}

impl Planned {
    /// Not before this time of the run.
    #[must_use]
    pub const fn at(&self) -> Duration {
        Duration::from_millis(self.at_ms)
    }

    /// For so long.
    #[must_use]
    pub const fn hold(&self) -> Duration {
        Duration::from_millis(self.for_ms)
    }
}

impl Plan {
    /// Whether it has a fault of this kind.
    #[must_use]
    pub fn has(&self, kind: Kind) -> bool {
        self.faults.iter().any(|planned| planned.fault.kind() == kind)
    }

    /// The faults of one track.
    pub fn of_track(&self, track: usize) -> impl Iterator<Item = &Planned> {
        self.faults.iter().filter(move |planned| planned.track == track)
    }
}

#[cfg(test)]
mod tests {
    use super::{Fault, Logs, Plan, Planned, Shape, Wire};

    #[test]
    fn plan_is_read_as_it_was_written() {
        let fault = Fault::Cut { shape: Shape::LeaderAlone, wire: Wire::Peers };
        let planned = Planned { track: 1, at_ms: 2000, for_ms: 500, dice: 7, fault };
        let plan = Plan {
            seed: 3,
            nodes: 5,
            seconds: 60,
            logs: Logs::Whole,
            racks: false,
            faults: vec![planned],
        };
        let text = serde_json::to_string(&plan).unwrap();
        assert!(text.contains(r#""kind":"cut","shape":"leader-alone","wire":"peers""#), "{text}");
        assert_eq!(serde_json::from_str::<Plan>(&text).unwrap(), plan);
    }

    #[test]
    fn plan_with_a_field_that_nobody_knows_is_refused() {
        let text =
            r#"{"seed":1,"nodes":3,"seconds":9,"logs":"whole","racks":false,"faults":[],"so":1}"#;
        assert!(serde_json::from_str::<Plan>(text).is_err());
    }
}
