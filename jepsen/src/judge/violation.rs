//! What a cluster can do wrong.

use crate::load::record::WriteRecord;
use std::time::Duration;

/// One broken promise.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Violation {
    /// An acknowledged write has no effect.
    #[error("{write} was acknowledged and is lost: {place}")]
    Lost {
        /// Which write.
        write: String,
        /// Where it was looked for.
        place: String,
    },
    /// A write has its effect more than once.
    #[error("{write} was applied more than once: {place}")]
    Twice {
        /// Which write.
        write: String,
        /// Where it was found.
        place: String,
    },
    /// A write took effect although it was said that it would not.
    #[error("{write} was refused and yet applied: {place}")]
    Undead {
        /// Which write.
        write: String,
        /// Where it was found.
        place: String,
    },
    /// A write was acknowledged at another revision than it was applied at.
    #[error("{write} was acknowledged at revision {told} and applied at {found}")]
    Revision {
        /// Which write.
        write: String,
        /// What the client was told.
        told: u64,
        /// What the log says.
        found: u64,
    },
    /// An object does not show what was last written to it.
    #[error("{write} was acknowledged last, but its object shows {shown:?}: {place}")]
    Overwritten {
        /// Which write.
        write: String,
        /// What is there.
        shown: String,
        /// Where.
        place: String,
    },
    /// Something is there that nobody wrote.
    #[error("{mark:?} is there, and nobody wrote it: {place}")]
    Invented {
        /// What.
        mark: String,
        /// Where.
        place: String,
    },
    /// Two nodes' logs differ where both are committed.
    #[error("{node}'s log differs from {other}'s at index {index}")]
    LogsDiffer {
        /// One node.
        node: String,
        /// The other one.
        other: String,
        /// Where they first differ.
        index: u64,
    },
    /// A node's log cannot be judged.
    #[error("{node}'s log: {what}")]
    Unusable {
        /// Which node.
        node: String,
        /// Why.
        what: String,
    },
    /// A node believes to have lost its memory although nothing was lost but power.
    #[error("{node} takes itself for amnesiac: {why}")]
    Amnesia {
        /// Which node.
        node: String,
        /// What it says.
        why: String,
    },
    /// A node, or the whole group, is not what it was before.
    #[error("{node} did not come back: {why}")]
    Down {
        /// Which node.
        node: String,
        /// What it says.
        why: String,
    },
    /// A node failed inside.
    #[error("{node} says: {what}")]
    Broken {
        /// Which node.
        node: String,
        /// What it says.
        what: String,
    },
    /// An entry that only repeats an earlier one changed something.
    #[error("entry {index} repeats an earlier one and yet changes something")]
    Repeated {
        /// Which entry.
        index: u64,
    },
    /// Others took writes in place of the leader, and yet nobody was elected.
    #[error("{node} was out of the way, writes went on, and it is still term {term}")]
    SameTerm {
        /// The former leader.
        node: String,
        /// Its term.
        term: u64,
    },
    /// A write was asked when another was acknowledged, and has no higher revision.
    #[error(
        "{write} has revision {revision}, although it was asked after {before} was acknowledged at {higher}"
    )]
    Reordered {
        /// The later write.
        write: String,
        /// Its revision.
        revision: u64,
        /// The one that was acknowledged before.
        before: String,
        /// That one's revision.
        higher: u64,
    },
    /// Two objects have one address.
    #[error("{address} belongs to objects {first} and {object}: {place}")]
    HeldTwice {
        /// The address.
        address: String,
        /// One object.
        first: u64,
        /// The other one.
        object: u64,
        /// Who says so.
        place: String,
    },
    /// An object has another address than its client was told.
    #[error("object {object} was given {told} and shows {shown}: {place}")]
    OtherAddress {
        /// Which object.
        object: u64,
        /// The address its client was told.
        told: String,
        /// The one it shows.
        shown: String,
        /// Where.
        place: String,
    },
    /// A node's name service does not say what its API shows.
    #[error("{node}'s name service does not answer {name} TXT with {wanted}")]
    Misnamed {
        /// Which node.
        node: String,
        /// The name.
        name: String,
        /// What stands there.
        wanted: String,
    },
    /// Writes stay away although enough nodes are up.
    #[error(
        "no write asked of {door} was acknowledged for {patience:?}, although enough nodes were up"
    )]
    Stuck {
        /// Through which node.
        door: String,
        /// How long one was waited for.
        patience: Duration,
    },
    /// The committed log does not lead to the state that the nodes are in.
    #[error("the committed log leads to digest {replayed}, the nodes have {told} at index {index}")]
    Digest {
        /// Where.
        index: u64,
        /// What the log leads to.
        replayed: String,
        /// What the nodes say.
        told: String,
    },
}

impl Violation {
    /// Whether it shows that acknowledged writes are gone, or that a node knows its own to be.
    #[must_use]
    pub const fn is_loss(&self) -> bool {
        match self {
            Self::Lost { .. } | Self::Overwritten { .. } | Self::Amnesia { .. } => true,
            Self::Twice { .. }
            | Self::Undead { .. }
            | Self::Revision { .. }
            | Self::Invented { .. }
            | Self::LogsDiffer { .. }
            | Self::Unusable { .. }
            | Self::Down { .. }
            | Self::Broken { .. }
            | Self::Repeated { .. }
            | Self::SameTerm { .. }
            | Self::Reordered { .. }
            | Self::HeldTwice { .. }
            | Self::OtherAddress { .. }
            | Self::Misnamed { .. }
            | Self::Stuck { .. }
            | Self::Digest { .. } => false,
        }
    }
}

/// A write in words.
#[must_use]
pub fn describe(write: &WriteRecord) -> String {
    let noun = write.noun.name();
    let verb = write.target.map_or_else(|| "new".to_owned(), |id| format!("change of {id},"));
    let key = if write.key.is_some() { "with key" } else { "without key" };
    format!("{:?} ({verb} {noun}, {key}, {} attempts)", write.mark, write.attempts.len())
}
