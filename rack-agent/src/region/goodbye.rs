//! Why a region node ends a session, and what the rack makes of it.

use regent_proto::rack::GoodbyeCode as Code;
use std::time::Duration;

/// A node ends the session, or does not begin one.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the region node says: {text} ({})", code.as_str_name())]
pub struct Goodbye {
    /// Why.
    pub code: Code,
    /// The same for people, by the node.
    pub text: String,
    /// Before that the rack need not come back to this node.
    pub retry_after: Duration,
}

/// What a rack makes of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Consequence {
    /// Try another node.
    Elsewhere,
    /// Try nobody for a while: another process has this rack's identity.
    Yield,
    /// Try again, but not soon: what is wrong will hardly be right in a moment.
    Later,
    /// Begin another life.
    AnotherLife,
    /// Once all nodes that answer say so: stop, and let people do something about it.
    Stop(&'static str),
}

impl Goodbye {
    /// What follows.
    #[must_use]
    pub const fn consequence(&self) -> Consequence {
        match self.code {
            Code::GoodbyeUnspecified
            | Code::GoodbyeElsewhere
            | Code::GoodbyeSlow
            | Code::GoodbyeNoQuorum => Consequence::Elsewhere,
            Code::GoodbyeReplaced => Consequence::Yield,
            Code::GoodbyeMalformed => Consequence::Later,
            Code::GoodbyeLifeOver => Consequence::AnotherLife,
            Code::GoodbyeOtherCluster => Consequence::Stop(
                "the region is another one than this rack belongs to: correct `regions` in the \
                 configuration, or let the rack join that region",
            ),
            Code::GoodbyeUnknownRack => Consequence::Stop(
                "the region knows no such rack, or has given its place to another machine: make a \
                 token with `regent token create rack --for RACK` and join again with it",
            ),
        }
    }
}
