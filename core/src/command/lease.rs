//! Recording leases as they are known elsewhere, and ending them. What racks ask of the lease protocol is not here.

use crate::command::rack::ClientFacts;
use crate::lease::binding::Client;
use crate::lease::give_up::Ending;
use crate::model::lease::Lease;
use crate::time::{Millis, WallTime};
use serde::{Deserialize, Serialize};
use std::net::IpAddr;

/// Leases of another DHCP server in one command.
pub const FOREIGN_LEASES_MAX: usize = 256;

/// A change of the recorded leases.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum LeaseCommand {
    /// The lease of an address is this now.
    Record {
        /// The address.
        address: IpAddr,
        /// Its lease.
        lease: Lease,
    },
    /// There is no lease of an address.
    Forget {
        /// The address.
        address: IpAddr,
    },
    /// The lease of an address ends now, whatever its client wants.
    End {
        /// The address.
        address: IpAddr,
        /// What is known of the client.
        ending: Ending,
        /// Who says so: for people.
        by: String,
    },
    /// Leases of another DHCP server come in, for racks of ours to go on with.
    Import(ForeignLeases),
}

/// What another DHCP server has down for some addresses.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ForeignLeases {
    /// The last moment it wrote down for any address, by its own clock.
    pub as_of: WallTime,
    /// The longest lease it gives.
    pub longest: Millis,
    /// The addresses, each once; at most [`FOREIGN_LEASES_MAX`].
    pub leases: Vec<ForeignLease>,
}

/// What another DHCP server has down for an address.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ForeignLease {
    /// The address.
    pub address: IpAddr,
    /// Whose it is; none if somebody unknown was found to use it.
    pub holder: Option<ForeignHolder>,
}

/// Who has an address of another DHCP server.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ForeignHolder {
    /// The client.
    pub client: Client,
    /// What is known of it besides.
    pub facts: ClientFacts,
    /// For how long it still has the address.
    pub remaining: Millis,
}
