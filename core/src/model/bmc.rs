//! A BMC: the controller that switches a machine's power. What must stay secret of it is kept elsewhere.

use crate::id::StaticIpAddressId;
use crate::model::parameter::Parameters;
use serde::{Deserialize, Serialize};

/// A BMC.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Bmc {
    /// The driver that speaks to it: `ipmi`, `redfish` and so on.
    pub power_type: String,
    /// What the driver needs to know, secrets excepted.
    pub power_parameters: Parameters,
    /// The address it is reached at.
    pub ip_address: Option<StaticIpAddressId>,
    /// Whether its machine told of it, and not a person.
    pub created_by_commissioning: bool,
}
