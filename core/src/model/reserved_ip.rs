//! A reserved IP: the address a MAC address gets by DHCP, always.

use crate::id::SubnetId;
use crate::net::mac::MacAddr;
use serde::{Deserialize, Serialize};
use std::net::IpAddr;

/// A reserved IP.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReservedIp {
    /// The subnet the address lies in.
    pub subnet: SubnetId,
    /// The address; reserved once.
    pub ip: IpAddr,
    /// Whose it is; once a subnet.
    pub mac_address: MacAddr,
    /// Free text for people.
    pub comment: String,
}
