//! BMCs, and what must stay secret of them.

use crate::cli::import::mapping::accounts::{keep, leave_out, secret};
use crate::cli::import::mapping::mapper::Mapper;
use crate::cli::import::mapping::parameters::{take_secrets, values};
use crate::cli::import::mapping::report::Place;
use crate::cli::import::mapping::site::id;
use crate::cli::import::record::Record as _;
use crate::cli::import::tables::power as rows;
use regent_core::id::BmcId;
use regent_core::model::bmc::Bmc;
use regent_core::object::{Kind, ObjectRef};
use serde_json::Value as Json;
use std::collections::BTreeSet;

/// MAAS's number of a BMC; the others are VM hosts.
const BMC: i64 = 0;

pub(in crate::cli::import::mapping) fn map(mapper: &mut Mapper<'_>) {
    for row in &mapper.dump.tables.bmcs {
        let place = Place { table: rows::Bmc::TABLE, key: &row.id };
        if row.bmc_type != BMC {
            mapper.report.skip(place, "it is a VM host, not a BMC");
            continue;
        }
        let given = Some(&row.power_parameters.0);
        let mut power_parameters = values(&mut mapper.report, place, "power_parameters", given);
        let hidden = take_secrets(&mut power_parameters);
        if let Some(id) = id::<BmcId>(row.id.0) {
            for (name, text) in hidden {
                keep(mapper, ObjectRef::numbered(Kind::Bmc, id), &name, text);
            }
        }
        let bmc = Bmc {
            power_type: mapper.name(place, "power_type", &row.power_type),
            power_parameters,
            ip_address: None,
            created_by_commissioning: row.created_by_commissioning.unwrap_or(false),
        };
        mapper.insert(|site| &mut site.bmcs, place, row.id.0, (row.created, row.updated), bmc);
    }
    secrets(mapper);
}

fn secrets(mapper: &mut Mapper<'_>) {
    for row in &mapper.dump.tables.secrets {
        let place = Place { table: rows::Secret::TABLE, key: &row.path };
        let Some(number) = bmc_number(&row.path) else {
            mapper.report.skip(place, "Regent has no use for this secret");
            continue;
        };
        let bmcs = &mapper.site.bmcs;
        let Some(bmc) = bmcs.require(&mut mapper.report, place, "path", number) else { continue };
        let Json::Object(parameters) = &row.value.0 else {
            mapper.report.skip(place, "it holds no named values");
            continue;
        };
        for (name, value) in parameters {
            let text = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
            keep_newer(mapper, bmc, name, text);
        }
    }
    for row in &mapper.dump.tables.vault_secrets {
        let place = Place { table: rows::VaultSecret::TABLE, key: &row.path };
        mapper.report.skip(place, "it lies in Vault, which a dump does not reach");
    }
    note_without_secret(mapper);
}

/// Keeps a secret of the store. MAAS reads that one; what an earlier version left among the parameters is out of date.
fn keep_newer(mapper: &mut Mapper<'_>, bmc: BmcId, name: &str, text: String) {
    let owner = ObjectRef::numbered(Kind::Bmc, bmc);
    let (key, arrival) = secret(owner.clone(), name, text);
    let newer = arrival.value.clone();
    let older = match mapper.site.secrets.replace(key, arrival) {
        Ok(older) => older,
        Err(refusal) => return leave_out(mapper, &owner, name, refusal),
    };
    if older.is_some_and(|older| older != newer) {
        let place = Place { table: rows::Bmc::TABLE, key: &bmc };
        let reason = format!("{name} is that of the secret store, not of power_parameters");
        mapper.report.note(place, reason);
    }
}

/// The BMC whose secret lies under a path.
fn bmc_number(path: &str) -> Option<i64> {
    path.strip_prefix("bmc/")?.strip_suffix("/power-parameters")?.parse().ok()
}

/// Drivers that log in without a secret are told, too: MAAS did not know one either.
fn note_without_secret(mapper: &mut Mapper<'_>) {
    let owners: BTreeSet<_> = mapper.site.secrets.iter().map(|(key, _)| &key.owner).collect();
    let has_secret = |id: &BmcId| owners.contains(&ObjectRef::numbered(Kind::Bmc, *id));
    let bmcs = mapper.site.bmcs.iter();
    let without: Vec<BmcId> = bmcs
        .filter(|(id, bmc)| !has_secret(id) && bmc.power_type != "manual")
        .map(|(id, _)| *id)
        .collect();
    for id in without {
        let place = Place { table: rows::Bmc::TABLE, key: &id };
        mapper.report.note(place, "no secret of it is in the dump");
    }
}

/// The addresses BMCs are reached at, once addresses are known.
pub(in crate::cli::import::mapping) fn attach(mapper: &mut Mapper<'_>) {
    for row in &mapper.dump.tables.bmcs {
        let place = Place { table: rows::Bmc::TABLE, key: &row.id };
        let Some(own) = id::<BmcId>(row.id.0) else { continue };
        if mapper.site.bmcs.get(&own).is_none() {
            continue;
        }
        let number = row.ip_address_id.map(|id| id.0);
        let addresses = &mapper.site.static_ip_addresses;
        let address = addresses.link(&mut mapper.report, place, "ip_address", number);
        if let Some(bmc) = mapper.site.bmcs.get_mut(&own) {
            bmc.ip_address = address;
        }
    }
}
