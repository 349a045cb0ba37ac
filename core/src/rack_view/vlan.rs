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
    /// What the rack is here.
    pub role: Role,
    /// Which clients it answers at once even if it is not the primary, and which part of the free addresses it offers first.
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

/// What a rack is on a VLAN (rule R11).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Role {
    /// Answers at once.
    Primary,
    /// Answers when the primary does not, and its share of the clients.
    Secondary,
}

/// A rack's share: of clients those whose hash (RFC 3074) is `place` modulo `places`, of addresses the part at that place.
/// Nothing, if there are no places.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize,
)]
pub struct Share {
    /// Which of the places, from 0.
    pub place: u32,
    /// How many there are.
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

impl Share {
    /// No client.
    pub const NONE: Self = Self { place: 0, places: 0 };
}
