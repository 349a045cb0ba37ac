//! What a DHCP client remembers of one exchange.

use regent_core::net::mac::MacAddr;
use regent_rack_agent::simulated_client::Hold;
use std::time::{Duration, Instant};

/// From the first DISCOVER to the ACK.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Exchange {
    /// Whose.
    pub card: MacAddr,
    /// When it first asked.
    pub asked: Instant,
    /// Messages it sent; two if nothing went wrong.
    pub messages: u32,
    /// How often it was refused.
    pub refusals: u32,
    /// What it got; none if it gave up.
    pub got: Option<Got>,
}

/// An address.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Got {
    /// When the REQUEST it answers was last sent: from then on the client counts.
    pub requested: Instant,
    /// When the ACK came.
    pub acknowledged: Instant,
    /// The address, and for how long.
    pub hold: Hold,
}

impl Exchange {
    /// How long the client was without an address.
    #[must_use]
    pub fn wait(&self) -> Option<Duration> {
        self.got.map(|got| got.acknowledged - self.asked)
    }
}
