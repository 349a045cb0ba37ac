//! Linking interfaces to subnets, which makes and removes static IP addresses.

use crate::id::{InterfaceId, StaticIpAddressId, SubnetId};
use crate::model::static_ip_address::LinkMode;
use serde::{Deserialize, Serialize};
use std::net::IpAddr;

/// A change of the links of one interface.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum LinkCommand {
    /// One more.
    Link {
        /// The interface.
        interface: InterfaceId,
        /// How it is configured there.
        mode: LinkMode,
        /// Where; only DHCP and LINK_UP can do without.
        subnet: Option<SubnetId>,
        /// The address, for STATIC; the next free one if absent.
        ip_address: Option<IpAddr>,
    },
    /// One less.
    Unlink {
        /// The interface.
        interface: InterfaceId,
        /// The link, which is an address.
        address: StaticIpAddressId,
    },
}
