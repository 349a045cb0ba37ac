//! What new objects get where nothing else is said. One row; what it names cannot be deleted.

use crate::id::{AvailabilityZoneId, DomainId, FabricId, GlobalDefaultsId, ResourcePoolId, VlanId};
use serde::{Deserialize, Serialize};

/// The id of the one row.
pub const GLOBAL_DEFAULTS: GlobalDefaultsId = GlobalDefaultsId(0);

/// The default zone's id in a new site.
pub const DEFAULT_ZONE: AvailabilityZoneId = AvailabilityZoneId(1);
/// The default pool's id in every site.
pub const DEFAULT_POOL: ResourcePoolId = ResourcePoolId(0);
/// The default domain's id in a new site.
pub const DEFAULT_DOMAIN: DomainId = DomainId(0);
/// The default fabric's id in every site.
pub const DEFAULT_FABRIC: FabricId = FabricId(0);
/// The id of the default fabric's default VLAN in a new site.
pub const DEFAULT_VLAN: VlanId = VlanId(5001);

/// The defaults of the site.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct GlobalDefaults {
    /// The domain of nodes that name none.
    pub domain: DomainId,
    /// The zone of nodes that name none.
    pub zone: AvailabilityZoneId,
    /// The pool of machines that name none.
    pub pool: ResourcePoolId,
    /// The fabric of subnets that name none.
    pub fabric: FabricId,
}
