//! Recording leases as they are known elsewhere, and ending them. What racks ask of the lease protocol is not here.

use crate::lease::give_up::Ending;
use crate::model::lease::Lease;
use serde::{Deserialize, Serialize};
use std::net::IpAddr;

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
}
