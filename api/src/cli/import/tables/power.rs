//! BMCs and secrets.

use crate::cli::import::record::record;
use crate::cli::import::tables::ids::{BmcId, StaticIpAddressId};
use crate::cli::import::value::Hidden;
use regent_core::time::WallTime;
use serde_json::Value as Json;

record! {
    /// A BMC, or until 3.7 also a VM host.
    Bmc in "maasserver_bmc" by "id" {
        id: BmcId,
        created: WallTime,
        updated: WallTime,
        /// 0 BMC, 1 VM host; the column is gone in 3.8, where all are BMCs.
        bmc_type: i64 = 0,
        power_type: String,
        /// Without the secret ones, which stand in [`Secret`] under `bmc/<id>/power-parameters`.
        power_parameters: Hidden<Json>,
        ip_address_id: Option<StaticIpAddressId>,
        created_by_commissioning: Option<bool> = None,
    }
}

record! {
    /// A secret. Never to be logged or shown.
    Secret in "maasserver_secret" by "path" {
        path: String,
        value: Hidden<Json>,
    }
}

record! {
    /// The path of a secret that lies in Vault, out of reach of a dump.
    VaultSecret in "maasserver_vaultsecret" by "path" {
        path: String,
    }
}
