//! When a DHCP server that is not ours was last heard on a VLAN.

use crate::id::VlanId;
use crate::model::foreign_dhcp::ForeignDhcp;
use crate::state::State;
use crate::time::ClusterTime;

/// When any of them was heard there last, by a rack of this region. None if none ever was: an import or an admin may have
/// named one all the same.
#[must_use]
pub fn foreign_dhcp_seen(state: &State, vlan: VlanId) -> Option<ClusterTime> {
    state.get::<ForeignDhcp>(&vlan)?.value.last_seen()
}
