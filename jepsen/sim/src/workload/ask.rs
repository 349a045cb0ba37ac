//! A question of a client, and what came of it.

use regent_check::history::line::{Function, Level, Revision as Seen, Verdict};
use regent_core::command::{Command, Guard};
use regent_core::id::StaticIpAddressId;
use regent_core::revision::Revision;
use serde_json::Value;
use std::net::IpAddr;

/// What a client asks for.
#[derive(Clone, Debug, PartialEq)]
pub enum Ask {
    /// A write of some kind.
    Write(Box<AskedWrite>),
    /// A read of some kind.
    Read {
        /// Which kind.
        function: Function,
        /// What it is about; `None` for the whole state.
        key: Option<String>,
        /// How fresh.
        level: Level,
    },
}

/// A write that is asked for.
#[derive(Clone, Debug, PartialEq)]
pub struct AskedWrite {
    /// Which kind.
    pub function: Function,
    /// What it works on, as the history calls it.
    pub key: String,
    /// What the history says was sent.
    pub input: Option<Value>,
    /// What must hold.
    pub guards: Vec<Guard>,
    /// What is done.
    pub command: Command,
    /// By what it is known again.
    pub request_id: String,
}

/// What came of a question.
#[derive(Clone, Debug, PartialEq)]
pub struct Answer {
    /// What is certain.
    pub verdict: Verdict,
    /// What came back.
    pub output: Option<Value>,
    /// The revision it carried.
    pub revision: Option<Seen>,
    /// How old the node said its state was, in milliseconds.
    pub age_ms: Option<u64>,
    /// What the history does not tell and a later question needs.
    pub learnt: Learnt,
}

/// What a client knows from an answer.
#[derive(Clone, Debug, Default, PartialEq)]
pub enum Learnt {
    /// Nothing it could use.
    #[default]
    Nothing,
    /// At which revision the register that was read was last written; `None` if it has no value.
    Written(Option<Revision>),
    /// Which address it was given, and the object that says so.
    Given(IpAddr, StaticIpAddressId),
}

impl Answer {
    /// Nobody knows what came of it.
    pub const UNKNOWN: Self = Self::of(Verdict::Unknown);
    /// It certainly had no effect.
    pub const NONE: Self = Self::of(Verdict::Fail);

    /// An answer that says nothing but this.
    #[must_use]
    pub const fn of(verdict: Verdict) -> Self {
        Self { verdict, output: None, revision: None, age_ms: None, learnt: Learnt::Nothing }
    }
}

/// What a client knows of a register: its value, and the revision that wrote it; `None` if there was none.
#[derive(Clone, Debug, PartialEq)]
pub struct Known {
    /// The register.
    pub key: String,
    /// Its value.
    pub value: Option<String>,
    /// Which revision wrote it.
    pub written: Option<Revision>,
}

/// An address that a client holds.
#[derive(Clone, Debug, PartialEq)]
pub struct Held {
    /// In whose name.
    pub holder: String,
    /// The address.
    pub address: IpAddr,
    /// The object that says so.
    pub object: StaticIpAddressId,
}
