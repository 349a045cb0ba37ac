//! What befalls a rack, and when.

use crate::lab::rack::Rack;
use rustix::process::Signal;

/// What befalls it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    /// Nothing, to compare with.
    Nothing,
    /// Its process is killed.
    Killed,
    /// Its process is stopped, and goes on later.
    Stopped,
    /// Its cable to the clients is cut; the region does not notice.
    Cut,
}

/// When it does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Moment {
    /// Just before a new client begins.
    BeforeDiscover,
    /// When it has made an offer that the client has not taken yet.
    AfterOffer,
}

/// What there is time for with every change.
pub const SHORT: [(Fault, Moment); 4] = [
    (Fault::Nothing, Moment::BeforeDiscover),
    (Fault::Killed, Moment::BeforeDiscover),
    (Fault::Cut, Moment::BeforeDiscover),
    (Fault::Killed, Moment::AfterOffer),
];
/// Everything.
pub const FULL: [(Fault, Moment); 7] = [
    (Fault::Nothing, Moment::BeforeDiscover),
    (Fault::Killed, Moment::BeforeDiscover),
    (Fault::Stopped, Moment::BeforeDiscover),
    (Fault::Cut, Moment::BeforeDiscover),
    (Fault::Killed, Moment::AfterOffer),
    (Fault::Stopped, Moment::AfterOffer),
    (Fault::Cut, Moment::AfterOffer),
];

impl Fault {
    /// In a table.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Nothing => "nothing",
            Self::Killed => "killed",
            Self::Stopped => "stopped",
            Self::Cut => "cut",
        }
    }

    /// Does it to a rack.
    ///
    /// # Errors
    /// If it cannot be done.
    pub async fn strike(self, rack: &mut Rack) -> anyhow::Result<()> {
        match self {
            Self::Nothing => Ok(()),
            Self::Killed => rack.kill().await,
            Self::Stopped => rack.signal(Signal::STOP),
            Self::Cut => rack.to_clients.cut(),
        }
    }

    /// Undoes it.
    ///
    /// # Errors
    /// If it cannot be undone.
    pub fn heal(self, rack: &mut Rack) -> anyhow::Result<()> {
        match self {
            Self::Nothing => Ok(()),
            Self::Killed => rack.start(),
            Self::Stopped => rack.signal(Signal::CONT),
            Self::Cut => rack.to_clients.mend(),
        }
    }
}

impl Moment {
    /// In a table.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::BeforeDiscover => "before the DISCOVER",
            Self::AfterOffer => "after the OFFER",
        }
    }
}
