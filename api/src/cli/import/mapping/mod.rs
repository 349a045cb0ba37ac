//! From a dump to Regent's own model: every row comes in, comes in with a note, or is told to stay behind.
//!
//! Nothing here stops an import. A row that breaks a rule which the state machine holds to is left out; one that only
//! breaks a rule for new objects (an address outside its subnet, host names that differ in case) comes in as it was.

pub mod mapper;
pub mod report;
pub mod site;

mod accounts;
mod addresses;
mod bounds;
mod defaults;
mod dns;
mod groups;
mod interfaces;
mod networks;
mod nodes;
mod parameters;
mod power;
mod settings;

use crate::cli::import::dump::Dump;
use crate::cli::import::mapping::mapper::Mapper;
use crate::cli::import::mapping::report::Report;
use crate::cli::import::mapping::site::Site;
use crate::cli::import::tables::TableKind;
use regent_core::model::import::Continues;
use regent_core::object::Kind;
use regent_core::time::WallTime;
use std::collections::BTreeMap;

/// What comes of a dump.
pub struct Mapped {
    /// Everything that comes in.
    pub site: Site,
    /// Counters that go on.
    pub continues: Continues,
    /// What is to be told of single rows.
    pub report: Report,
    /// Leases that are left out because they had run out at the moment that counts as now.
    pub leases_run_out: u64,
    /// Tables of which nothing comes in, with their rows.
    pub left_out: BTreeMap<String, u64>,
}

/// Maps a dump; leases run from `as_of`.
#[must_use]
pub fn map(dump: &Dump, as_of: WallTime) -> Mapped {
    let mut mapper = Mapper::new(dump, as_of);
    let on = &mut mapper;
    accounts::map(on);
    groups::map(on);
    networks::map(on);
    dns::domains(on);
    power::map(on);
    let zone = defaults::zone(on);
    nodes::map(on, zone);
    networks::racks(on);
    interfaces::map(on);
    addresses::map(on);
    nodes::attach(on);
    power::attach(on);
    addresses::reserved(on);
    dns::resources(on);
    dns::data(on);
    addresses::note_unused(on);
    settings::map(on);
    defaults::map(on, zone);
    let Mapper { site, report, leases_run_out, .. } = mapper;
    let (continues, left_out) = (continues(dump), left_out(dump));
    Mapped { site, continues, report, leases_run_out, left_out }
}

fn left_out(dump: &Dump) -> BTreeMap<String, u64> {
    let is_read = |name: &str| TableKind::of(name).is_some();
    let rows = dump.row_counts.iter().filter(|(name, rows)| **rows > 0 && !is_read(name));
    rows.map(|(name, rows)| (name.clone(), *rows)).collect()
}

/// Ids go on after the highest ever given out, deleted rows' included; so do zone serials.
fn continues(dump: &Dump) -> Continues {
    const SEQUENCES: &[(Kind, TableKind)] = &[
        (Kind::Domain, TableKind::Domain),
        (Kind::Node, TableKind::Node),
        (Kind::Interface, TableKind::Interface),
        (Kind::DnsResource, TableKind::DnsResource),
        (Kind::DnsData, TableKind::DnsData),
        (Kind::AvailabilityZone, TableKind::Zone),
        (Kind::ResourcePool, TableKind::ResourcePool),
        (Kind::Tag, TableKind::Tag),
        (Kind::Space, TableKind::Space),
        (Kind::Fabric, TableKind::Fabric),
        (Kind::Vlan, TableKind::Vlan),
        (Kind::Subnet, TableKind::Subnet),
        (Kind::IpRange, TableKind::IpRange),
        (Kind::StaticRoute, TableKind::StaticRoute),
        (Kind::ReservedIp, TableKind::ReservedIp),
        (Kind::StaticIpAddress, TableKind::StaticIpAddress),
        (Kind::Bmc, TableKind::Bmc),
        (Kind::DhcpSnippet, TableKind::DhcpSnippet),
        (Kind::User, TableKind::User),
        (Kind::ApiToken, TableKind::Token),
        (Kind::Event, TableKind::Event),
    ];
    let last = |(kind, table): &(Kind, TableKind)| {
        let next = dump.sequences.get(&format!("{}_id_seq", table.name()))?;
        Some((*kind as u8, u32::try_from(next - 1).ok()?))
    };
    Continues {
        zone_serial: dump.dns_serial.and_then(|serial| u32::try_from(serial).ok()),
        last_ids: SEQUENCES.iter().filter_map(last).collect(),
    }
}
