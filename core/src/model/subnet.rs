//! A subnet: a network prefix on a VLAN, and what its hosts are told.

use crate::id::VlanId;
use crate::model::boot::BootSettings;
use crate::net::cidr::Cidr;
use serde::{Deserialize, Serialize};
use std::net::IpAddr;

/// What reverse DNS is made for a subnet. Numbers are MAAS's.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum RdnsMode {
    /// None.
    Disabled = 0,
    /// Reverse zones at octet or nibble boundaries.
    Enabled = 1,
    /// As `Enabled`, and RFC 2317 delegations for small prefixes.
    #[default]
    Rfc2317 = 2,
}

/// A subnet.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Subnet {
    /// Its prefix. No other subnet has the same, and a new one overlaps none; imported ones may lie within each other.
    pub cidr: Cidr,
    /// Its name. Left empty it becomes the prefix.
    pub name: String,
    /// Free text for people.
    pub description: String,
    /// The VLAN it is on.
    pub vlan: VlanId,
    /// The router its hosts use: inside the prefix, or IPv6 link-local.
    pub gateway_ip: Option<IpAddr>,
    /// Name servers its hosts use, before ours.
    pub dns_servers: Vec<IpAddr>,
    /// What reverse DNS is made for it.
    pub rdns_mode: RdnsMode,
    /// Whether its hosts may ask our name servers.
    pub allow_dns: bool,
    /// Whether its hosts may use our proxy.
    pub allow_proxy: bool,
    /// Whether it is scanned for hosts.
    pub active_discovery: bool,
    /// Whether addresses come from all of it; if not, only from its reserved ranges.
    pub managed: bool,
    /// Boot methods not offered on it.
    pub disabled_boot_architectures: Vec<String>,
    /// How its clients boot, where that differs from the VLAN.
    pub boot: Option<BootSettings>,
}

impl Subnet {
    /// A subnet with MAAS's defaults.
    #[must_use]
    pub fn new(vlan: VlanId, cidr: Cidr) -> Self {
        Self {
            cidr,
            name: String::new(),
            description: String::new(),
            vlan,
            gateway_ip: None,
            dns_servers: Vec::new(),
            rdns_mode: RdnsMode::default(),
            allow_dns: true,
            allow_proxy: true,
            active_discovery: false,
            managed: true,
            disabled_boot_architectures: Vec::new(),
            boot: None,
        }
    }
}
