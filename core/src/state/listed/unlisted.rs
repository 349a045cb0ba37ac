//! Kinds that are found by their own key alone and refer to nothing that must stay.

use crate::id::{EventId, NodeId, SubnetId, VlanId};
use crate::model::dhcp_service::DhcpService;
use crate::model::event::Event;
use crate::model::foreign_dhcp::ForeignDhcp;
use crate::model::pool_level::PoolLevel;
use crate::model::rack_key::RackKey;
use crate::model::secret::{Secret, SecretKey};
use crate::model::setting::{Setting, SettingName};
use crate::model::zone_serial::{ZoneName, ZoneSerial};
use crate::state::index::{Indexed, Listing};

impl Indexed<SubnetId> for PoolLevel {
    fn index(&self, _: &SubnetId, _: &mut Listing<'_>) {}
}

impl Indexed<VlanId> for DhcpService {
    fn index(&self, _: &VlanId, _: &mut Listing<'_>) {}
}

impl Indexed<VlanId> for ForeignDhcp {
    fn index(&self, _: &VlanId, _: &mut Listing<'_>) {}
}

impl Indexed<EventId> for Event {
    fn index(&self, _: &EventId, _: &mut Listing<'_>) {}
}

impl Indexed<NodeId> for RackKey {
    fn index(&self, _: &NodeId, _: &mut Listing<'_>) {}
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
