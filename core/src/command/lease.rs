//! Recording leases as they are known elsewhere. The lease protocol itself is not here.

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
}
