//! Who serves DHCP on a VLAN.

use crate::id::VlanId;
use crate::model::dhcp_service::DhcpService;
use crate::model::vlan::Vlan;
use crate::state::State;

/// The racks of a VLAN, or of the VLAN to which a relay brings its clients.
#[must_use]
pub fn dhcp_service_of(state: &State, vlan: VlanId) -> Option<&DhcpService> {
    let served = state.get::<Vlan>(&vlan)?.value.relay_vlan.unwrap_or(vlan);
    state.get::<DhcpService>(&served).map(|row| &row.value)
}
