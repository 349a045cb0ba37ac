//! Commands about subnets.

use crate::command::edit::Edit;
use crate::command::patch::patch;
use crate::id::{SubnetId, VlanId};
use crate::model::boot::BootSettings;
use crate::model::subnet::{RdnsMode, Subnet};
use crate::net::cidr::Cidr;
use std::net::IpAddr;

/// A change of the subnets.
pub type SubnetCommand = Edit<Subnet, SubnetPatch, SubnetId>;

patch! {
    /// Changed fields of a subnet.
    SubnetPatch of Subnet {
        /// Its prefix.
        cidr: Cidr,
        /// Its name.
        name: String,
        /// Free text for people.
        description: String,
        /// The VLAN it is on.
        vlan: VlanId,
        /// The router its hosts use.
        gateway_ip: Option<IpAddr>,
        /// Name servers its hosts use.
        dns_servers: Vec<IpAddr>,
        /// What reverse DNS is made for it.
        rdns_mode: RdnsMode,
        /// Whether its hosts may ask our name servers.
        allow_dns: bool,
        /// Whether its hosts may use our proxy.
        allow_proxy: bool,
        /// Whether it is scanned for hosts.
        active_discovery: bool,
        /// Whether addresses come from all of it.
        managed: bool,
        /// Boot methods not offered on it.
        disabled_boot_architectures: Vec<String>,
        /// How its clients boot, where that differs from the VLAN.
        boot: Option<BootSettings>,
    }
}
