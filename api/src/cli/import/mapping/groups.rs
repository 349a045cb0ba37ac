//! What nodes and networks are grouped by: zones, pools, tags, spaces and fabrics. Names are unique among
//! each.

use crate::cli::import::mapping::mapper::Mapper;
use crate::cli::import::mapping::report::Place;
use crate::cli::import::record::Record as _;
use crate::cli::import::tables::{networks, nodes};
use regent_core::model::availability_zone::AvailabilityZone;
use regent_core::model::fabric::Fabric;
use regent_core::model::resource_pool::ResourcePool;
use regent_core::model::space::Space;
use regent_core::model::tag::Tag;
use std::collections::{BTreeMap, BTreeSet};

pub(in crate::cli::import::mapping) fn map(mapper: &mut Mapper<'_>) {
    zones(mapper);
    pools(mapper);
    tags(mapper);
    spaces(mapper);
    fabrics(mapper);
}

fn zones(mapper: &mut Mapper<'_>) {
    let mut names = BTreeSet::new();
    for row in &mapper.dump.tables.zones {
        let place = Place { table: nodes::Zone::TABLE, key: &row.id };
        if let Some(name) = new_name(mapper, place, &mut names, &row.name) {
            let description = mapper.text(place, "description", &row.description);
            let zone = AvailabilityZone { name, description };
            let dates = (row.created, row.updated);
            mapper.insert(|site| &mut site.availability_zones, place, row.id.0, dates, zone);
        }
    }
}

fn pools(mapper: &mut Mapper<'_>) {
    let mut names = BTreeSet::new();
    for row in &mapper.dump.tables.resource_pools {
        let place = Place { table: nodes::ResourcePool::TABLE, key: &row.id };
        if let Some(name) = new_name(mapper, place, &mut names, &row.name) {
            let description = mapper.text(place, "description", &row.description);
            let pool = ResourcePool { name, description };
            let dates = (row.created, row.updated);
            mapper.insert(|site| &mut site.resource_pools, place, row.id.0, dates, pool);
        }
    }
}

fn tags(mapper: &mut Mapper<'_>) {
    let mut names = BTreeSet::new();
    for row in &mapper.dump.tables.tags {
        let place = Place { table: nodes::Tag::TABLE, key: &row.id };
        if let Some(name) = new_name(mapper, place, &mut names, &row.name) {
            let kernel_opts = row.kernel_opts.as_deref().unwrap_or_default();
            let tag = Tag {
                name,
                definition: mapper.text(place, "definition", &row.definition),
                comment: mapper.text(place, "comment", &row.comment),
                kernel_opts: mapper.text(place, "kernel_opts", kernel_opts),
            };
            mapper.insert(|site| &mut site.tags, place, row.id.0, (row.created, row.updated), tag);
        }
    }
}

fn spaces(mapper: &mut Mapper<'_>) {
    let rows = &mapper.dump.tables.spaces;
    let mut given = Vec::with_capacity(rows.len());
    for row in rows {
        let place = Place { table: networks::Space::TABLE, key: &row.id };
        let name = row.name.as_deref().unwrap_or_default();
        given.push((row.id.0, mapper.name(place, "name", name)));
    }
    let mut names = names("space", &given);
    for row in rows {
        let place = Place { table: networks::Space::TABLE, key: &row.id };
        let name = take_name(mapper, place, &mut names, row.id.0);
        let description = mapper.text(place, "description", &row.description);
        let space = Space { name, description };
        mapper.insert(|site| &mut site.spaces, place, row.id.0, (row.created, row.updated), space);
    }
}

fn fabrics(mapper: &mut Mapper<'_>) {
    let rows = &mapper.dump.tables.fabrics;
    let mut given = Vec::with_capacity(rows.len());
    for row in rows {
        let place = Place { table: networks::Fabric::TABLE, key: &row.id };
        let name = row.name.as_deref().unwrap_or_default();
        given.push((row.id.0, mapper.name(place, "name", name)));
    }
    let mut names = names("fabric", &given);
    for row in rows {
        let place = Place { table: networks::Fabric::TABLE, key: &row.id };
        let name = take_name(mapper, place, &mut names, row.id.0);
        let description = mapper.text(place, "description", &row.description);
        let class_type = row.class_type.as_ref();
        let class_type = mapper.report.optional(place, "class_type", class_type);
        let fabric = Fabric { name, class_type, description };
        let dates = (row.created, row.updated);
        mapper.insert(|site| &mut site.fabrics, place, row.id.0, dates, fabric);
    }
}

/// The name of each row, and whether it is the one MAAS shows. What was given no name is shown as `NOUN-ID`, even if
/// another row was given just that name: then it needs a name of its own, for too much hangs on it to leave it out.
fn names(noun: &str, rows: &[(i64, String)]) -> BTreeMap<i64, (String, bool)> {
    let mut taken: BTreeSet<String> = BTreeSet::new();
    let mut names = BTreeMap::new();
    let is_given = |row: &&(i64, String)| !row.1.is_empty();
    let (given, unnamed): (Vec<_>, Vec<_>) = rows.iter().partition(is_given);
    for (id, name) in given.into_iter().chain(unnamed) {
        let generated = format!("{noun}-{id}");
        let wanted = if name.is_empty() { &generated } else { name };
        let mut name = wanted.clone();
        while taken.contains(&name) {
            name.push_str("-unnamed");
        }
        taken.insert(name.clone());
        let as_shown = name == *wanted;
        names.insert(*id, (name, as_shown));
    }
    names
}

fn take_name(
    mapper: &mut Mapper<'_>,
    place: Place<'_>,
    names: &mut BTreeMap<i64, (String, bool)>,
    id: i64,
) -> String {
    let (name, as_shown) = names.remove(&id).unwrap_or_default();
    if !as_shown {
        mapper.report.note(place, format!("its name is taken: it is called {name}"));
    }
    name
}

/// The name of a row, if no other of the table has it.
fn new_name(
    mapper: &mut Mapper<'_>,
    place: Place<'_>,
    names: &mut BTreeSet<String>,
    name: &str,
) -> Option<String> {
    let name = mapper.name(place, "name", name);
    if names.insert(name.clone()) {
        return Some(name);
    }
    mapper.report.skip(place, "another row of the table has the name");
    None
}
