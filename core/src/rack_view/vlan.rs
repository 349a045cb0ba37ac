//! A VLAN as the region knows it. The rack's own address there is known to the rack alone.

use crate::id::VlanId;
use crate::model::boot::BootSettings;
use crate::net::address_range::AddressRange;
use crate::rack_view::setting::Settings;
use crate::rack_view::subnet::Subnet;
use serde::{Deserialize, Serialize};

/// A VLAN a rack serves, directly or through relays, without hosts and leases.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct VlanTold {
    /// Its id.
    pub id: VlanId,
    /// The epoch of its service, which stands in what the rack asks (rule R10).
    pub epoch: u64,
    /// The rack's place among those that serve it, which clients it answers at once wherever that is, and which part of the
    /// free addresses it offers first.
    pub share: Share,
    /// Its subnets, best first.
    pub subnets: Vec<Subnet>,
    /// Blocks the region has down for this rack.
    pub own_blocks: Vec<AddressRange>,
    /// How clients boot.
    pub boot: Option<BootSettings>,
    /// What an admin set for all of it.
    pub settings: Settings,
    /// Whether addresses are tried before they are offered.
    pub probing: Probing,
}

/// The place of a rack among those that serve a VLAN, and its share: of clients those whose hash (RFC 3074) is `place` modulo
/// `places` (rule R11), of addresses the part at that place. Nothing, if there are no places.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize,
)]
pub struct Share {
    /// How many racks come before it: the primary has place 0, and answers every client at once.
    pub place: u32,
    /// How many racks there are.
    pub places: u32,
}

/// Whether addresses are tried on the wire before they are offered (rule R14).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Probing {
    /// They are, unless the client had the address last.
    On,
    /// They are not.
    Off,
}
