//! What is under way between racks and the region. A message may arrive at any later step, or never.

use regent_core::lease::adopt::Remaining;
use regent_core::lease::server::Server;
use regent_core::time::{ClusterTime, Millis};
use regent_rack_agent::lease::rack_time::RackTime;

/// A message under way.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Message {
    /// From a rack to the region.
    Question(Question),
    /// From the region to a rack.
    Answer(Answer),
}

/// What a rack asks or tells.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Question {
    /// The rack in its present life.
    pub server: Server,
    /// The rack's own number of the message.
    pub number: u64,
    /// The address it is about.
    pub address: usize,
    /// When it was sent, by the rack's clock.
    pub sent: RackTime,
    /// Whether the process that asked still runs: another does not know what to do with an answer.
    pub is_awaited: bool,
    /// What it says.
    pub subject: Subject,
}

/// What a rack asks or tells of an address.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Subject {
    /// May this host have it?
    Commit {
        /// The host.
        host: usize,
        /// Which of the host's requests this serves.
        exchange: u8,
        /// Whether the rack knows that the host has it.
        attested: bool,
    },
    /// The rack gave its right up.
    Relinquish {
        /// The host it last acknowledged the address to.
        host: usize,
        /// How long that still runs.
        remaining: Millis,
    },
    /// The host gave it back, and the rack its right.
    Release {
        /// The host.
        host: usize,
    },
    /// The rack gave it to this host.
    Adopt {
        /// The host.
        host: usize,
        /// How long that still runs.
        remaining: Remaining,
        /// The latest the rack knows of the region's time.
        as_of: ClusterTime,
    },
    /// May the rack have the block?
    Delegate,
    /// May the rack keep the block?
    Extend,
    /// All the rack gave, after a restore. Its numbers count from that of the message.
    TellAll {
        /// By address: the host and how long it still runs.
        given: Vec<Option<(usize, Remaining)>>,
        /// The latest the rack knows of the region's time.
        as_of: ClusterTime,
    },
}

/// What the region answers. It does not say no here: a rack treats that like silence.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Answer {
    /// The rack in the life that asked.
    pub server: Server,
    /// Number of the question.
    pub number: u64,
    /// The address it is about.
    pub address: usize,
    /// When the question was sent.
    pub sent: RackTime,
    /// What it grants.
    pub grant: Grant,
}

/// What the region grants.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Grant {
    /// The address, to this host.
    Address {
        /// The host.
        host: usize,
        /// Which of the host's requests this serves.
        exchange: u8,
    },
    /// A term of the block.
    Block,
}

impl Message {
    /// The rack it comes from or goes to.
    #[must_use]
    pub const fn server(&self) -> Server {
        match self {
            Self::Question(question) => question.server,
            Self::Answer(answer) => answer.server,
        }
    }

    /// The number of the question.
    #[must_use]
    pub const fn number(&self) -> u64 {
        match self {
            Self::Question(question) => question.number,
            Self::Answer(answer) => answer.number,
        }
    }

    /// The number of the question, to be changed.
    pub const fn number_mut(&mut self) -> &mut u64 {
        match self {
            Self::Question(question) => &mut question.number,
            Self::Answer(answer) => &mut answer.number,
        }
    }
}
