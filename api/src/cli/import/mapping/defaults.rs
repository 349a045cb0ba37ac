//! What new objects get where nothing else is said, and what every site has even if the dump has it not.

use crate::cli::import::mapping::accounts::UNDATED;
use crate::cli::import::mapping::mapper::Mapper;
use crate::cli::import::mapping::site::{Arrival, Arrivals, id};
use regent_core::id::{AvailabilityZoneId, DomainId};
use regent_core::model::availability_zone::AvailabilityZone;
use regent_core::model::domain::Domain;
use regent_core::model::fabric::Fabric;
use regent_core::model::global_defaults::{
    DEFAULT_DOMAIN, DEFAULT_FABRIC, DEFAULT_POOL, DEFAULT_VLAN, DEFAULT_ZONE, GLOBAL_DEFAULTS,
    GlobalDefaults,
};
use regent_core::model::resource_pool::ResourcePool;
use regent_core::model::vlan::Vlan;
use regent_core::state::tables::Stored;

/// The zone of nodes that name none.
pub(in crate::cli::import::mapping) fn zone(mapper: &mut Mapper<'_>) -> AvailabilityZoneId {
    if mapper.site.availability_zones.first().is_none() {
        let zone = AvailabilityZone { name: "default".into(), description: String::new() };
        put(&mut mapper.site.availability_zones, DEFAULT_ZONE, zone);
    }
    let zones = &mapper.site.availability_zones;
    let named = mapper.dump.tables.default_resources.first().and_then(|row| id(row.zone_id.0));
    let named = named.filter(|id| zones.get(id).is_some());
    named.or(zones.first().copied()).unwrap_or(DEFAULT_ZONE)
}

/// The row of defaults, with what it names. Comes last.
pub(in crate::cli::import::mapping) fn map(mapper: &mut Mapper<'_>, zone: AvailabilityZoneId) {
    let domain = domain(mapper);
    let site = &mut mapper.site;
    if site.resource_pools.get(&DEFAULT_POOL).is_none() && site.resource_pools.first().is_none() {
        let pool = ResourcePool { name: "default".into(), description: "Default pool".into() };
        put(&mut site.resource_pools, DEFAULT_POOL, pool);
    }
    if site.fabrics.first().is_none() {
        let fabric =
            Fabric { name: "fabric-0".into(), class_type: None, description: String::new() };
        put(&mut site.fabrics, DEFAULT_FABRIC, fabric);
        put(&mut site.vlans, DEFAULT_VLAN, Vlan::new(DEFAULT_FABRIC, 0));
    }
    let pool = site.resource_pools.first().copied().unwrap_or(DEFAULT_POOL);
    let fabric = site.fabrics.first().copied().unwrap_or(DEFAULT_FABRIC);
    let defaults = GlobalDefaults { domain, zone, pool, fabric };
    put(&mut site.global_defaults, GLOBAL_DEFAULTS, defaults);
}

fn domain(mapper: &mut Mapper<'_>) -> DomainId {
    if mapper.site.domains.first().is_none() {
        let name = "maas".parse().expect("a valid name");
        put(&mut mapper.site.domains, DEFAULT_DOMAIN, Domain::new(name));
    }
    let domains = &mapper.site.domains;
    let named = mapper.dump.tables.global_defaults.first().and_then(|row| id(row.domain_id.0));
    let named = named.filter(|id| domains.get(id).is_some());
    named.or(domains.first().copied()).unwrap_or(DEFAULT_DOMAIN)
}

/// Takes in what no row of the dump stands for.
fn put<T: Stored>(table: &mut Arrivals<T>, id: T::Id, value: T) {
    let (created, updated) = UNDATED;
    let arrival = Arrival { created, updated, value };
    table.insert(id, arrival).expect("it is small, and nothing else has its id");
}
