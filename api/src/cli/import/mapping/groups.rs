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
        if is_new(mapper, place, &mut names, &row.name) {
            let description = mapper.text(place, "description", &row.description);
            let zone = AvailabilityZone { name: row.name.clone(), description };
            let dates = (row.created, row.updated);
            mapper.insert(|site| &mut site.availability_zones, place, row.id.0, dates, zone);
        }
    }
}

fn pools(mapper: &mut Mapper<'_>) {
    let mut names = BTreeSet::new();
    for row in &mapper.dump.tables.resource_pools {
        let place = Place { table: nodes::ResourcePool::TABLE, key: &row.id };
        if is_new(mapper, place, &mut names, &row.name) {
            let description = mapper.text(place, "description", &row.description);
            let pool = ResourcePool { name: row.name.clone(), description };
            let dates = (row.created, row.updated);
            mapper.insert(|site| &mut site.resource_pools, place, row.id.0, dates, pool);
        }
    }
}

fn tags(mapper: &mut Mapper<'_>) {
    let mut names = BTreeSet::new();
    for row in &mapper.dump.tables.tags {
        let place = Place { table: nodes::Tag::TABLE, key: &row.id };
        if is_new(mapper, place, &mut names, &row.name) {
            let tag = Tag {
                name: row.name.clone(),
                definition: mapper.text(place, "definition", &row.definition),
                comment: mapper.text(place, "comment", &row.comment),
                kernel_opts: row.kernel_opts.clone().unwrap_or_default(),
            };
            mapper.insert(|site| &mut site.tags, place, row.id.0, (row.created, row.updated), tag);
        }
    }
}

fn spaces(mapper: &mut Mapper<'_>) {
    let rows = &mapper.dump.tables.spaces;
    let given = rows.iter().map(|row| (row.id.0, row.name.as_deref()));
    let mut names = names("space", given);
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
    let given = rows.iter().map(|row| (row.id.0, row.name.as_deref()));
    let mut names = names("fabric", given);
    for row in rows {
        let place = Place { table: networks::Fabric::TABLE, key: &row.id };
        let name = take_name(mapper, place, &mut names, row.id.0);
        let description = mapper.text(place, "description", &row.description);
        let fabric = Fabric { name, class_type: row.class_type.clone(), description };
        let dates = (row.created, row.updated);
        mapper.insert(|site| &mut site.fabrics, place, row.id.0, dates, fabric);
    }
}

/// The name of each row, and whether it is the one MAAS shows. What was given no name is shown as `NOUN-ID`, even if
/// another row was given just that name: then it needs a name of its own, for too much hangs on it to leave it out.
fn names<'a>(
    noun: &str,
    rows: impl Iterator<Item = (i64, Option<&'a str>)>,
) -> BTreeMap<i64, (String, bool)> {
    let rows: Vec<_> = rows.collect();
    let mut taken: BTreeSet<String> = BTreeSet::new();
    let mut names = BTreeMap::new();
    let is_given = |row: &&(i64, Option<&str>)| row.1.is_some_and(|name| !name.is_empty());
    let (given, unnamed): (Vec<_>, Vec<_>) = rows.iter().partition(is_given);
    for (id, name) in given.into_iter().chain(unnamed) {
        let generated = format!("{noun}-{id}");
        let wanted = name.filter(|name| !name.is_empty()).unwrap_or(&generated);
        let mut name = wanted.to_owned();
        while taken.contains(&name) {
            name.push_str("-unnamed");
        }
        taken.insert(name.clone());
        let as_shown = name == wanted;
        names.insert(id, (name, as_shown));
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

fn is_new(
    mapper: &mut Mapper<'_>,
    place: Place<'_>,
    names: &mut BTreeSet<String>,
    name: &str,
) -> bool {
    let is_new = names.insert(name.to_owned());
    if !is_new {
        mapper.report.skip(place, "another row of the table has the name");
    }
    is_new
}
