//! What befalls a server, and when.

use crate::lab::kea_pair::KeaServer;
use crate::lab::lan::Cable;
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
    /// When it has just given the client an address, which the client wants to renew with it later.
    BeforeRenewal,
}

/// What there is time for with every change.
pub const SHORT: [(Fault, Moment); 5] = [
    (Fault::Nothing, Moment::BeforeDiscover),
    (Fault::Killed, Moment::BeforeDiscover),
    (Fault::Cut, Moment::BeforeDiscover),
    (Fault::Killed, Moment::AfterOffer),
    (Fault::Cut, Moment::AfterOffer),
];
/// Everything.
pub const FULL: [(Fault, Moment); 10] = [
    (Fault::Nothing, Moment::BeforeDiscover),
    (Fault::Killed, Moment::BeforeDiscover),
    (Fault::Stopped, Moment::BeforeDiscover),
    (Fault::Cut, Moment::BeforeDiscover),
    (Fault::Killed, Moment::AfterOffer),
    (Fault::Stopped, Moment::AfterOffer),
    (Fault::Cut, Moment::AfterOffer),
    (Fault::Killed, Moment::BeforeRenewal),
    (Fault::Stopped, Moment::BeforeRenewal),
    (Fault::Cut, Moment::BeforeRenewal),
];

/// What things can befall.
pub trait Server {
    /// Kills its process.
    fn kill(&mut self) -> impl Future<Output = anyhow::Result<()>>;

    /// Starts its process.
    ///
    /// # Errors
    /// If it cannot be started.
    fn start(&mut self) -> anyhow::Result<()>;

    /// Sends its process a signal.
    ///
    /// # Errors
    /// If it does not run.
    fn signal(&self, signal: Signal) -> anyhow::Result<()>;

    /// Its cable to the clients.
    fn to_clients(&self) -> &Cable;
}

impl Server for Rack {
    fn kill(&mut self) -> impl Future<Output = anyhow::Result<()>> {
        Self::kill(self)
    }

    fn start(&mut self) -> anyhow::Result<()> {
        Self::start(self)
    }

    fn signal(&self, signal: Signal) -> anyhow::Result<()> {
        Self::signal(self, signal)
    }

    fn to_clients(&self) -> &Cable {
        &self.to_clients
    }
}

impl Server for KeaServer {
    fn kill(&mut self) -> impl Future<Output = anyhow::Result<()>> {
        Self::kill(self)
    }

    fn start(&mut self) -> anyhow::Result<()> {
        Self::start(self)
    }

    fn signal(&self, signal: Signal) -> anyhow::Result<()> {
        Self::signal(self, signal)
    }

    fn to_clients(&self) -> &Cable {
        Self::to_clients(self)
    }
}

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

    /// Does it to a server.
    ///
    /// # Errors
    /// If it cannot be done.
    pub async fn strike(self, server: &mut impl Server) -> anyhow::Result<()> {
        match self {
            Self::Nothing => Ok(()),
            Self::Killed => server.kill().await,
            Self::Stopped => server.signal(Signal::STOP),
            Self::Cut => server.to_clients().cut(),
        }
    }

    /// Undoes it.
    ///
    /// # Errors
    /// If it cannot be undone.
    pub fn heal(self, server: &mut impl Server) -> anyhow::Result<()> {
        match self {
            Self::Nothing => Ok(()),
            Self::Killed => server.start(),
            Self::Stopped => server.signal(Signal::CONT),
            Self::Cut => server.to_clients().mend(),
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
            Self::BeforeRenewal => "before the renewal",
        }
    }
}
