//! A lease as another server wrote it down, whichever that is.

use regent_core::lease::binding::Client;
use regent_core::net::mac::MacAddr;
use regent_core::time::{Millis, WallTime};
use std::net::Ipv4Addr;

/// Longest host name that is kept; the protocol has no room for more.
pub const HOSTNAME_BYTES_MAX: usize = 255;
/// Longest client identifier (RFC 2132 section 9.14).
pub const IDENTIFIER_BYTES_MAX: usize = 255;

/// When the client has to have let go, by the other server's clock.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Ends {
    /// At this moment.
    At(WallTime),
    /// Never.
    Never,
}

/// What the other server has down for an address.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum State {
    /// It is the client's until it ends.
    Held,
    /// Somebody unknown was found to use it.
    InUse,
    /// It is nobody's.
    Free,
}

/// The last word of a server about an address.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ForeignLease {
    /// The address.
    pub address: Ipv4Addr,
    /// What it has down for it.
    pub state: State,
    /// The client's Ethernet address, if it has one.
    pub card: Option<MacAddr>,
    /// The identifier the client sent; empty if none.
    pub client_id: Vec<u8>,
    /// The host name the client sent; empty if none.
    pub hostname: String,
    /// When the client was last heard.
    pub heard: WallTime,
    /// When it ends.
    pub ends: Ends,
}

impl ForeignLease {
    /// Who is the client, in the way racks know clients: by its card, else by what it calls itself.
    #[must_use]
    pub fn client(&self) -> Option<Client> {
        let identifier = || Some(self.client_id.clone()).filter(|it| !it.is_empty());
        self.card.map(Client::Card).or_else(|| identifier().map(Client::Identifier))
    }

    /// For how long it was given; none if for good, or not at all.
    #[must_use]
    pub fn length(&self) -> Option<Millis> {
        let Ends::At(ends) = self.ends else { return None };
        let length = u64::try_from(ends.0.saturating_sub(self.heard.0)).unwrap_or(0);
        Some(Millis(length)).filter(|length| *length > Millis(0))
    }
}

/// A host name as far as there is room for one. Bytes that are no text are replaced.
#[must_use]
pub fn hostname(bytes: &[u8]) -> String {
    let mut name = String::from_utf8_lossy(bytes).into_owned();
    name.truncate(name.floor_char_boundary(HOSTNAME_BYTES_MAX));
    name
}
