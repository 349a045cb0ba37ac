//! Commands about the site as a whole.

use crate::id::{AvailabilityZoneId, DomainId};
use crate::model::dns_name::DomainName;
use serde::{Deserialize, Serialize};

/// A change of the site.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum SiteCommand {
    /// What every MAAS site has from the start: default domain, zone, pool, fabric with its VLAN. Once only.
    Bootstrap {
        /// The name of the default domain; MAAS says `maas`.
        domain: DomainName,
    },
    /// Other defaults for new objects.
    SetDefaults {
        /// The domain of nodes that name none.
        domain: Option<DomainId>,
        /// The zone of nodes that name none.
        zone: Option<AvailabilityZoneId>,
    },
}
