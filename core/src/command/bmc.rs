//! Commands about BMCs.

use crate::command::edit::Edit;
use crate::command::patch::patch;
use crate::id::{BmcId, StaticIpAddressId};
use crate::model::bmc::Bmc;
use crate::model::parameter::Parameters;

/// A change of the BMCs.
pub type BmcCommand = Edit<Bmc, BmcPatch, BmcId>;

patch! {
    /// Changed fields of a BMC.
    BmcPatch of Bmc {
        /// The driver that speaks to it.
        power_type: String,
        /// What the driver needs to know. Secrets among it are kept apart; those not named stay as they are.
        power_parameters: Parameters,
        /// The address it is reached at.
        ip_address: Option<StaticIpAddressId>,
        /// Whether its machine told of it.
        created_by_commissioning: bool,
    }
}
