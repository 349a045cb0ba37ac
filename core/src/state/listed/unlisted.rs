//! Kinds that are found by their own key alone and refer to nothing that must stay.

use crate::id::{EventId, NodeId, VlanId};
use crate::model::dhcp_service::DhcpService;
use crate::model::event::Event;
use crate::model::lease_block::LeaseBlock;
use crate::model::rack_session::RackSession;
use crate::model::secret::{Secret, SecretKey};
use crate::model::setting::{Setting, SettingName};
use crate::model::zone_serial::{ZoneName, ZoneSerial};
use crate::state::index::{Indexed, Listing};
use std::net::IpAddr;

impl Indexed<VlanId> for DhcpService {
    fn index(&self, _: &VlanId, _: &mut Listing<'_>) {}
}

impl Indexed<EventId> for Event {
    fn index(&self, _: &EventId, _: &mut Listing<'_>) {}
}

impl Indexed<SecretKey> for Secret {
    fn index(&self, _: &SecretKey, _: &mut Listing<'_>) {}
}

impl Indexed<SettingName> for Setting {
    fn index(&self, _: &SettingName, _: &mut Listing<'_>) {}
}

impl Indexed<ZoneName> for ZoneSerial {
    fn index(&self, _: &ZoneName, _: &mut Listing<'_>) {}
}

impl Indexed<NodeId> for RackSession {
    fn index(&self, _: &NodeId, _: &mut Listing<'_>) {}
}

/// Blocks do not overlap, so the last one that begins before an address is the only one that may hold it.
impl Indexed<IpAddr> for LeaseBlock {
    fn index(&self, _: &IpAddr, _: &mut Listing<'_>) {}
}
