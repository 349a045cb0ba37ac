//! Commands about IP addresses in use.

use crate::command::edit::Edit;
use crate::command::patch::patch;
use crate::id::{InterfaceId, StaticIpAddressId, SubnetId, UserId};
use crate::model::static_ip_address::{AllocType, StaticIpAddress};
use crate::time::ClusterTime;
use std::collections::BTreeSet;
use std::net::IpAddr;

/// A change of the IP addresses in use.
pub type StaticIpAddressCommand = Edit<StaticIpAddress, StaticIpAddressPatch, StaticIpAddressId>;

patch! {
    /// Changed fields of an IP address in use.
    StaticIpAddressPatch of StaticIpAddress {
        /// The address.
        ip: Option<IpAddr>,
        /// How it came to be.
        alloc_type: AllocType,
        /// The subnet it is on.
        subnet: Option<SubnetId>,
        /// The interfaces that have it.
        interfaces: BTreeSet<InterfaceId>,
        /// Whose it is.
        user: Option<UserId>,
        /// Seconds a lease runs.
        lease_time: u32,
        /// When it is given up unless confirmed.
        temp_expires_on: Option<ClusterTime>,
        /// Free text for people.
        comment: String,
    }
}
