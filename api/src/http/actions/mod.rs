//! What is done to objects beside showing and changing their fields.

pub mod addresses;
pub mod annotations;
pub mod defaults;
pub mod leases;
pub mod life;
pub mod links;
pub mod rack_tokens;
pub mod vlan_dhcp;

use crate::http::route::Route;

/// The routes.
pub fn routes() -> Vec<Route> {
    [
        life::routes(),
        links::routes(),
        annotations::routes(),
        addresses::routes(),
        leases::routes(),
        defaults::routes(),
        rack_tokens::routes(),
        vlan_dhcp::routes(),
    ]
    .into_iter()
    .flatten()
    .collect()
}
