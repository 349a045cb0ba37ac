//! What is recorded of one address: whose it is, and which racks may still act on it alone.

use crate::lease::refusal::Refusal;
use crate::lease::server::Server;
use crate::lease::terms::Terms;
use crate::net::mac::MacAddr;
use crate::time::{ClusterTime, Millis};
use serde::{Deserialize, Serialize};
use std::fmt;

/// Who is one client on a VLAN.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Client {
    /// A card with an Ethernet address. Its client identifier does not count: firmware, installer and installed system
    /// of one machine send different ones and have to keep the address.
    Card(MacAddr),
    /// A client without such an address, by its client identifier (RFC 4390).
    Identifier(Vec<u8>),
}

impl fmt::Display for Client {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Card(mac) => write!(f, "{mac}"),
            Self::Identifier(identifier) => {
                f.write_str("client ")?;
                identifier.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
            }
        }
    }
}

/// For how long a client gets an address.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize,
)]
pub enum Tenure {
    /// For the length of a lease, which it has to renew.
    #[default]
    Leased,
    /// For good: it is a client from before DHCP, which knows no leases (rule R17). Only an admin ends that.
    ForGood,
}

/// What became of an address last.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Held {
    /// Given to its owner until it expires.
    Bound,
    /// Ran out.
    Expired,
    /// Given back by its owner.
    Released,
    /// Found in use by somebody unknown: nobody gets it until it expires.
    Declined,
    /// Taken from its owner by an admin. What the owner or a rack may still do with it runs out as it would have; the owner
    /// gets no more of it before anybody else may have it.
    Ended,
}

/// What one rack may do with an address without the region.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Autonomy {
    /// The rack.
    pub server: Server,
    /// When it surely has stopped to renew it for the owner; none once it has said that it gave the right up.
    pub until: Option<ClusterTime>,
    /// Number of its last message about the address that was heeded. Whatever it sent before that comes too late: an
    /// older request would give back a right that it has given up, an older waiver would take one that it has got.
    pub heard: u64,
}

/// What is recorded of an address.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Binding {
    /// Whose it is, or was last: a client that comes back gets it again. None if nobody known to us ever had it.
    pub owner: Option<Client>,
    /// What became of it.
    pub held: Held,
    /// When the owner, by the region's record, has to have let go; when a declined address may be tried again.
    /// [`ClusterTime::NEVER`] once the owner got it for good: nothing but an admin takes that back.
    pub expires: ClusterTime,
    /// Racks that may act on it alone, or might, in order. Few: a VLAN has few racks.
    pub autonomy: Vec<Autonomy>,
    /// The rack that acknowledged it last, as far as is known: only through that one can the owner give it back early.
    pub acknowledged_by: Option<Server>,
    /// Until when a server that is not ours may have promised it to somebody.
    pub foreign_until: ClusterTime,
}

impl Binding {
    /// A record of an address that was its owner's until now.
    #[must_use]
    pub fn new(owner: Option<Client>, held: Held, now: ClusterTime) -> Self {
        let foreign_until = ClusterTime::default();
        let (autonomy, acknowledged_by) = (Vec::new(), None);
        Self { owner, held, expires: now, autonomy, acknowledged_by, foreign_until }
    }

    /// Whether its owner has the address now, by the region's record.
    #[must_use]
    pub fn is_live(&self, now: ClusterTime) -> bool {
        self.held == Held::Bound && now < self.expires
    }

    /// For how long its owner was given it at the most, and unless an admin ended that.
    #[must_use]
    pub fn tenure(&self) -> Tenure {
        if self.expires == ClusterTime::NEVER { Tenure::ForGood } else { Tenure::Leased }
    }

    /// Whether it is, or was last, this client's.
    #[must_use]
    pub fn belongs_to(&self, client: &Client) -> bool {
        self.held != Held::Declined && self.owner.as_ref() == Some(client)
    }

    /// The first moment at which, as things stand, another client may have the address (rule R3).
    #[must_use]
    pub fn free_from(&self, terms: &Terms) -> ClusterTime {
        let ends = self.autonomy.iter().filter_map(|autonomy| autonomy.until);
        let last = ends.fold(self.expires, ClusterTime::max);
        last.after(terms.guard).max(self.foreign_until)
    }

    /// Whether this rack has, or had, anything to do with the address.
    #[must_use]
    pub fn knows(&self, server: Server) -> bool {
        self.autonomy.iter().any(|autonomy| autonomy.server == server)
    }

    /// Checks that a message of this rack comes after what it said before about the address.
    ///
    /// # Errors
    /// [`Refusal::Outdated`].
    pub fn check_order(&self, server: Server, number: u64) -> Result<(), Refusal> {
        let own = self.autonomy.iter().find(|autonomy| autonomy.server == server);
        let heard = own.map_or(0, |autonomy| autonomy.heard);
        if number > heard { Ok(()) } else { Err(Refusal::Outdated { number, heard }) }
    }

    /// The rack may act alone until then, or longer if it may already (rule R2).
    pub(in crate::lease) fn grant(&mut self, server: Server, until: ClusterTime) {
        let autonomy = self.autonomy_of(server);
        autonomy.until = autonomy.until.max(Some(until));
    }

    /// The rack has given its right up, durably (rule R4).
    pub(in crate::lease) fn withdraw(&mut self, server: Server) {
        self.autonomy_of(server).until = None;
    }

    /// What the rack sent before this message is void.
    pub(in crate::lease) fn hear(&mut self, server: Server, number: u64) {
        self.autonomy_of(server).heard = number;
    }

    /// The owner may have it for so long by a rack's clock.
    pub(in crate::lease) fn hold_for(
        &mut self,
        remaining: Millis,
        now: ClusterTime,
        terms: &Terms,
    ) {
        if remaining > Millis(0) && self.held == Held::Expired {
            self.held = Held::Bound;
        }
        self.expires = self.expires.max(now.after(terms.lengthened(remaining)));
    }

    fn autonomy_of(&mut self, server: Server) -> &mut Autonomy {
        let found = self.autonomy.binary_search_by_key(&server, |autonomy| autonomy.server);
        let place = found.unwrap_or_else(|place| {
            self.autonomy.insert(place, Autonomy { server, until: None, heard: 0 });
            place
        });
        self.autonomy.get_mut(place).expect("it was found or put there")
    }
}
