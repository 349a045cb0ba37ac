//! How full dynamic ranges are, for `/metrics`. Subnets are labels only while they run dry, and few of them: a site may have
//! thousands.

use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::registry::Registry;
use regent_core::model::pool_level::PoolLevel;
use regent_core::model::subnet::Subnet;
use regent_core::state::State;

/// Subnets that are named, those with the lowest ids.
const NAMED_SUBNETS_MAX: usize = 64;

type Labels = Vec<(&'static str, String)>;

/// Adds the figures.
pub fn register(registry: &mut Registry, state: &State) {
    let pools = &state.indexes().dynamic_pools;
    let (mut addresses, mut taken) = (0_u128, 0_u128);
    for (_, fill) in pools.subnets() {
        addresses = addresses.saturating_add(fill.addresses);
        taken = taken.saturating_add(fill.taken);
    }
    register_figure(registry, "dhcp_dynamic_addresses", "Dynamic addresses", addresses);
    let help = "Dynamic addresses that are leased, rest, were declined, or are kept";
    register_figure(registry, "dhcp_dynamic_addresses_taken", help, taken);
    let at = |level: PoolLevel| {
        let told = state.tables().pool_levels.iter();
        told.filter(|(_, row)| row.value >= level).count() as u128
    };
    let help = "Subnets of whose dynamic addresses 90 percent were taken";
    register_figure(registry, "dhcp_subnets_nearly_full", help, at(PoolLevel::NearlyFull));
    let help = "Subnets of whose dynamic addresses 99 percent were taken";
    register_figure(registry, "dhcp_subnets_full", help, at(PoolLevel::Full));
    let named: Family<Labels, Gauge> = Family::default();
    for (subnet, _) in state.tables().pool_levels.iter().take(NAMED_SUBNETS_MAX) {
        let cidr = state.get::<Subnet>(subnet).map(|row| row.value.cidr.to_string());
        let Some((cidr, fill)) = cidr.zip(pools.of_subnet(*subnet)) else { continue };
        let permille = fill.taken.saturating_mul(1000) / fill.addresses.max(1);
        named.get_or_create(&vec![("subnet", cidr)]).set(number(permille));
    }
    let help = "Dynamic addresses that are taken, in thousandths, of subnets that run dry";
    registry.register("dhcp_subnet_taken_permille", help, named);
}

fn register_figure(registry: &mut Registry, name: &str, help: &str, value: u128) {
    let gauge = Gauge::<i64>::default();
    gauge.set(number(value));
    registry.register(name, help, gauge);
}

fn number(value: u128) -> i64 {
    i64::try_from(value).unwrap_or(i64::MAX)
}
