//! What the region tells of the site, as it comes: the whole of it, or what is different now.

use crate::dhcp::view::boot::BootFile;
use crate::dhcp::view::host::Host;
use crate::dhcp::view::lease_list::Lease;
use crate::dhcp::view::server::{Role, Shares};
use crate::dhcp::view::setting::Settings;
use crate::dhcp::view::site::Probing;
use crate::dhcp::view::subnet::Subnet;
use regent_core::id::VlanId;
use regent_core::lease::binding::Client;
use regent_core::net::address_range::AddressRange;
use std::collections::BTreeMap;
use std::net::Ipv4Addr;

/// A change of the view, to be brought in force at once.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ViewChange {
    /// The cluster's epoch.
    pub epoch: u64,
    /// The region's revision this brings the view to.
    pub revision: u64,
    /// Whether all that was told before is forgotten first.
    pub whole: bool,
    /// VLANs as they are now, without hosts and leases, which stay.
    pub vlans: Vec<VlanTold>,
    /// VLANs that are not the rack's any more.
    pub removed: Vec<VlanId>,
    /// Clients something is kept for now, or nothing any more.
    pub hosts: Vec<(VlanId, Client, Option<Host>)>,
    /// Addresses somebody has or had, or nobody any more.
    pub leases: Vec<(VlanId, Ipv4Addr, Option<Lease>)>,
}

/// A VLAN as the region knows it. The rack's own address there is known to the rack alone.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct VlanTold {
    /// Its id.
    pub id: VlanId,
    /// The epoch of its service, which stands in what the rack asks (rule R10).
    pub epoch: u64,
    /// What the rack is here.
    pub role: Role,
    /// Which clients it answers at once though it is not the primary.
    pub shares: Shares,
    /// Its subnets, best first.
    pub subnets: Vec<Subnet>,
    /// Blocks the region has down for this rack.
    pub own_blocks: Vec<AddressRange>,
    /// How clients boot.
    pub boot: Option<BootTold>,
    /// What an admin set for all of it.
    pub settings: Settings,
    /// Whether addresses are tried before they are offered.
    pub probing: Probing,
}

/// How clients boot.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct BootTold {
    /// The boot server; the rack's own address if none.
    pub server: Option<Ipv4Addr>,
    /// Files by architecture.
    pub files: BTreeMap<u16, BootFile>,
    /// The script iPXE loads, as a URL.
    pub ipxe_script: Option<String>,
    /// URLs for firmware that boots over HTTP, by architecture.
    pub http: BTreeMap<u16, String>,
}
