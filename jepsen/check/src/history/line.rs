//! The lines of a history. Field names are those of the format and therefore short.
//!
//! Values that clients read and write are plain JSON: the format does not know what they mean.

use serde::{Deserialize, Deserializer, Serialize};
use serde_json::{Map, Value};

/// Name and version of the format, in the first line of every history.
pub const FORMAT: &str = "regent-history/1";

/// The first line.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Header {
    format: &'static str,
    /// Seed of the run, so that it can be repeated.
    pub seed: u64,
    /// What else describes the run: commit, nodes, configuration.
    #[serde(flatten)]
    pub about: Map<String, Value>,
}

impl Header {
    /// The header of a run with this seed and these further facts.
    #[must_use]
    pub const fn new(seed: u64, about: Map<String, Value>) -> Self {
        Self { format: FORMAT, seed, about }
    }
}

/// Nanoseconds on the one monotonic clock of the harness.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Instant(pub u64);

/// One strictly sequential client.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Process(pub u64);

/// A revision of the store.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Revision(pub u64);

/// One operation of one client, from request to answer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Operation {
    /// Who asked.
    #[serde(rename = "p")]
    pub process: Process,
    /// What was asked.
    #[serde(rename = "f")]
    pub function: Function,
    /// What it works on: a name, an address pool, a subnet, a prefix.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub key: Option<String>,
    /// What was sent.
    #[serde(rename = "in", skip_serializing_if = "Option::is_none")]
    pub input: Option<Value>,
    /// What came back.
    #[serde(rename = "out", skip_serializing_if = "Option::is_none")]
    pub output: Option<Value>,
    /// When it was asked.
    #[serde(rename = "t0")]
    pub asked: Instant,
    /// When the answer came; `None` if none did.
    #[serde(rename = "t1")]
    pub answered: Option<Instant>,
    /// What is certain about its effect.
    #[serde(rename = "r")]
    pub verdict: Verdict,
    /// The revision the answer carried: created by a write, seen by a read.
    #[serde(rename = "rev", skip_serializing_if = "Option::is_none")]
    pub revision: Option<Revision>,
    /// Reads only: how fresh the answer had to be.
    #[serde(flatten)]
    pub level: Option<Level>,
    /// Which region node answered.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub node: Option<String>,
    /// Idempotency key. A retry is a further line with the same one.
    #[serde(rename = "rid", skip_serializing_if = "Option::is_none")]
    pub request_id: Option<String>,
    /// Whether this read was taken after the last fault was healed and the cluster had converged.
    #[serde(rename = "fin", skip_serializing_if = "Phase::is_under_faults")]
    pub phase: Phase,
}

impl Operation {
    /// What it works on; empty if it does not say.
    #[must_use]
    pub fn key_or_empty(&self) -> &str {
        self.key.as_deref().unwrap_or_default()
    }

    /// Whether it was answered, and well.
    #[must_use]
    pub fn is_ok(&self) -> bool {
        self.verdict == Verdict::Ok
    }

    /// Whether it has to show all that was acknowledged before it was asked: it is linearizable, or one of the last.
    #[must_use]
    pub fn is_fresh(&self) -> bool {
        self.is_linearizable() || self.phase == Phase::Final
    }

    /// Whether no weaker level was asked for.
    #[must_use]
    pub const fn is_linearizable(&self) -> bool {
        matches!(self.level, None | Some(Level::Lin))
    }
}

/// Kinds of operation.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Function {
    /// Read one value; the output is `null` if there is none.
    Read,
    /// Write one value.
    Write,
    /// Delete one value.
    Delete,
    /// Compare and set; the output says whether it did.
    Cas,
    /// Ask for an address.
    Alloc,
    /// Extend the hold on an address.
    Renew,
    /// Give an address back.
    Release,
    /// Add an element to a set.
    Add,
    /// Read a set.
    ReadSet,
    /// Add to a counter.
    Apply,
    /// Read a counter.
    ReadCtr,
    /// Read how full a subnet is.
    Usage,
    /// One connection of a change feed.
    Watch,
    /// One DNS query.
    Dns,
    /// Read the digest of the whole state.
    Digest,
}

/// What an operation does to the store, or learns of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Nature {
    /// Changes it, through the log.
    Write,
    /// Reads it, as fresh as its level demands.
    Read,
    /// Observes what one node has, however old.
    Local,
}

impl Function {
    /// What it does.
    #[must_use]
    pub const fn nature(self) -> Nature {
        match self {
            Self::Write | Self::Delete | Self::Cas | Self::Add | Self::Apply => Nature::Write,
            Self::Alloc | Self::Renew | Self::Release => Nature::Write,
            Self::Read | Self::ReadSet | Self::ReadCtr | Self::Usage => Nature::Read,
            Self::Watch | Self::Dns | Self::Digest => Nature::Local,
        }
    }
}

/// What is certain about the effect of an operation.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    /// It was answered.
    Ok,
    /// It had no effect and never will.
    Fail,
    /// Anything else: it may take effect later, or never.
    Unknown,
}

/// How fresh the answer of a read had to be.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(tag = "lvl", rename_all = "snake_case")]
pub enum Level {
    /// Linearizable, which a read without a level is too.
    Lin,
    /// At least this revision, and never backwards within one client.
    Session {
        /// The lowest acceptable revision.
        #[serde(rename = "min_rev")]
        min_revision: Revision,
    },
    /// From whatever the node had.
    Stale {
        /// How old the node said its state was, in milliseconds.
        age_ms: u64,
    },
}

/// When in a run an operation was asked.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Phase {
    /// While faults may be injected.
    #[default]
    UnderFaults,
    /// After the last fault was healed and the cluster had converged.
    Final,
}

impl Phase {
    const fn is_under_faults(&self) -> bool {
        matches!(self, Self::UnderFaults)
    }
}

impl Serialize for Phase {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_bool(!self.is_under_faults())
    }
}

/// A line that is not an operation.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "f", rename_all = "snake_case", deny_unknown_fields)]
pub enum Note {
    /// An entry of the committed log, read from a node's disk after the run.
    Log {
        /// The idempotency key the entry carries.
        #[serde(rename = "rid")]
        request_id: String,
        /// The revision it was applied at.
        #[serde(rename = "rev")]
        revision: Revision,
    },
    /// A fault that was to be injected.
    Fault {
        /// Which kind of fault.
        kind: String,
        /// The node that suffered it.
        node: String,
        /// From when.
        #[serde(rename = "t0")]
        began: Instant,
        /// Until when; `None` if it was never healed.
        #[serde(rename = "t1", deserialize_with = "present_or_null")]
        healed: Option<Instant>,
        /// Whether it really was.
        #[serde(default)]
        outcome: FaultOutcome,
    },
    /// A node was found to lead (ours, see FORMAT.md).
    Leader {
        /// Which node.
        node: String,
        /// The term it leads in.
        term: u64,
        /// When that was seen.
        #[serde(rename = "t0")]
        seen: Instant,
    },
    /// A node installed a snapshot that another one sent (ours, see FORMAT.md).
    Snapshot {
        /// Which node.
        node: String,
        /// The revision it holds.
        #[serde(rename = "rev")]
        revision: Revision,
        /// When that was seen.
        #[serde(rename = "t0")]
        seen: Instant,
    },
    /// The last line: the history is complete.
    End,
}

/// What became of a fault.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FaultOutcome {
    /// It was done, which a fault without outcome was too.
    #[default]
    Installed,
    /// It was not done, or its condition did not hold.
    Skipped,
    /// Nobody can say.
    Indeterminate,
}

/// A field that may be `null` but not missing.
pub(crate) fn present_or_null<'de, D: Deserializer<'de>>(
    value: D,
) -> Result<Option<Instant>, D::Error> {
    Option::deserialize(value)
}
