//! What kinds of things the state holds, and how one of them is pointed at in changes, refusals and outcomes.

use crate::id::Id;
use serde::{Deserialize, Serialize, de::DeserializeOwned};
use std::fmt;
use std::net::IpAddr;

/// One table of the state. The numbers are part of every format: never change or reuse one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[repr(u8)]
pub enum Kind {
    /// A DNS domain.
    Domain = 1,
    /// A machine, device or controller.
    Node = 2,
    /// A network interface.
    Interface = 3,
    /// A client session; internal.
    Session = 4,
    /// The kept outcome of one write of a session; internal.
    SessionReply = 5,
    /// The kept outcome of one idempotency key; internal.
    IdempotencyKey = 6,
    /// The changes of one revision; internal.
    RevisionChanges = 7,
    /// A node of the region's Raft group, present or removed.
    Member = 8,
}

impl Kind {
    /// The noun in messages, singular, as MAAS says it.
    #[must_use]
    pub const fn noun(self) -> &'static str {
        match self {
            Self::Domain => "domain",
            Self::Node => "node",
            Self::Interface => "interface",
            Self::Session => "session",
            Self::SessionReply => "session reply",
            Self::IdempotencyKey => "idempotency key",
            Self::RevisionChanges => "revision",
            Self::Member => "region node",
        }
    }
}

/// What an object of a kind is found by.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Key {
    /// An integer id.
    Number(u64),
    /// An IP address.
    Address(IpAddr),
    /// A name.
    Name(String),
}

/// Points at one object: what watchers, rejections and outcomes speak of.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct ObjectRef {
    /// Its kind.
    pub kind: Kind,
    /// Which one of that kind.
    pub key: Key,
}

impl fmt::Display for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Number(number) => write!(f, "{number}"),
            Self::Address(address) => write!(f, "{address}"),
            Self::Name(name) => f.write_str(name),
        }
    }
}

impl fmt::Display for ObjectRef {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.kind.noun(), self.key)
    }
}

impl ObjectRef {
    /// Points at the object of `kind` with this integer id.
    pub fn numbered(kind: Kind, id: impl Id) -> Self {
        Self { kind, key: id.to_key() }
    }
}

/// What rows of a table are found by.
pub trait TableKey: Clone + Ord + fmt::Debug + Serialize + DeserializeOwned {
    /// Its form in references, changes and messages.
    fn to_key(&self) -> Key;

    /// Back from that form; `None` if it is the key of another kind of table.
    fn from_key(key: &Key) -> Option<Self>;
}

impl<I: Id> TableKey for I {
    fn to_key(&self) -> Key {
        Key::Number(u64::from(self.number()))
    }

    fn from_key(key: &Key) -> Option<Self> {
        match key {
            Key::Number(number) => u32::try_from(*number).ok().map(Self::from_number),
            Key::Address(_) | Key::Name(_) => None,
        }
    }
}
