//! Settings, DHCP snippets and events.

use crate::cli::import::mapping::accounts::UNDATED;
use crate::cli::import::mapping::mapper::Mapper;
use crate::cli::import::mapping::parameters::value;
use crate::cli::import::mapping::report::Place;
use crate::cli::import::mapping::site::{Arrival, id};
use crate::cli::import::record::Record as _;
use crate::cli::import::tables::{ids, settings as rows};
use regent_core::id::{NodeId, UserId};
use regent_core::model::dhcp_snippet::{DhcpSnippet, SNIPPET_VERSIONS_MAX};
use regent_core::model::event::Event;
use regent_core::model::parameter::ParameterValue;
use regent_core::model::secret_name::is_secret;
use regent_core::model::setting::{SETTING_NAME_BYTES_MAX, Setting, SettingName};
use regent_core::model::text::TEXT_BYTES_MAX;
use regent_core::rack_view::snippets::not_understood;
use std::collections::BTreeMap;

pub(in crate::cli::import::mapping) fn map(mapper: &mut Mapper<'_>) {
    settings(mapper);
    snippets(mapper);
    events(mapper);
}

fn settings(mapper: &mut Mapper<'_>) {
    for row in &mapper.dump.tables.configs {
        let place = Place { table: rows::Config::TABLE, key: &row.name };
        // Settings can be read by everybody.
        if is_secret(&row.name) {
            mapper.report.skip(place, "it is a secret");
            continue;
        }
        let value = row.value.as_ref().map_or(ParameterValue::Null, |hidden| value(&hidden.0));
        if row.name.len() > SETTING_NAME_BYTES_MAX || value.size_bytes() > TEXT_BYTES_MAX {
            mapper.report.skip(place, format!("it is longer than {TEXT_BYTES_MAX} bytes"));
            continue;
        }
        let (created, updated) = UNDATED;
        let name = SettingName(row.name.clone());
        let arrival = Arrival { created, updated, value: Setting { value } };
        if let Err(refusal) = mapper.site.settings.insert(name, arrival) {
            mapper.report.skip(place, refusal);
        }
    }
}

type Texts<'a> = BTreeMap<ids::VersionedTextFileId, &'a rows::VersionedTextFile>;

fn snippets(mapper: &mut Mapper<'_>) {
    let tables = &mapper.dump.tables;
    let texts: Texts<'_> = tables.versioned_text_files.iter().map(|row| (row.id, row)).collect();
    for row in &tables.dhcp_snippets {
        let place = Place { table: rows::DhcpSnippet::TABLE, key: &row.id };
        let mut versions = versions(&texts, row.value_id).into_iter();
        let Some(value) = versions.next() else {
            mapper.report.skip(place, "its text is not there");
            continue;
        };
        if value.len() > TEXT_BYTES_MAX {
            mapper.report.skip(place, format!("it is longer than {TEXT_BYTES_MAX} bytes"));
            continue;
        }
        let (site, report) = (&mapper.site, &mut mapper.report);
        let snippet = DhcpSnippet {
            name: report.name(place, "name", &row.name),
            enabled: row.enabled,
            node: site.nodes.link(report, place, "node", row.node_id.map(|id| id.0)),
            subnet: site.subnets.link(report, place, "subnet", row.subnet_id.map(|id| id.0)),
            iprange: site.ip_ranges.link(report, place, "iprange", row.iprange_id.map(|id| id.0)),
            value,
            history: versions.filter(|text| text.len() <= TEXT_BYTES_MAX).collect(),
            description: mapper.text(place, "description", &row.description),
        };
        let aimless = |given: bool, kept: bool| given && !kept;
        if aimless(row.node_id.is_some(), snippet.node.is_some())
            || aimless(row.subnet_id.is_some(), snippet.subnet.is_some())
            || aimless(row.iprange_id.is_some(), snippet.iprange.is_some())
        {
            // Without what it was for it would be for everything.
            mapper.report.skip(place, "what it is for does not come in");
            continue;
        }
        for why in not_understood(&snippet) {
            mapper.report.note(place, format!("racks do not heed {why}"));
        }
        let dates = (row.created, row.updated);
        mapper.insert(|site| &mut site.dhcp_snippets, place, row.id.0, dates, snippet);
    }
}

/// A text and those before it, the latest first.
fn versions(texts: &Texts<'_>, id: ids::VersionedTextFileId) -> Vec<String> {
    let before = |row: &&rows::VersionedTextFile| texts.get(&row.previous_version_id?).copied();
    let chain = std::iter::successors(texts.get(&id).copied(), before);
    let texts = chain.map(|row| row.data.clone().unwrap_or_default());
    texts.take(SNIPPET_VERSIONS_MAX + 1).collect()
}

fn events(mapper: &mut Mapper<'_>) {
    let types: BTreeMap<_, _> =
        mapper.dump.tables.event_types.iter().map(|row| (row.id, row)).collect();
    for row in &mapper.dump.events {
        let place = Place { table: rows::Event::TABLE, key: &row.id };
        let Some(event_type) = types.get(&row.type_id) else {
            mapper.report.skip(place, "its type is not there");
            continue;
        };
        // Events outlive their nodes and users: the names in them tell who it was.
        let (nodes, users) = (&mapper.site.nodes, &mapper.site.users);
        let node = row.node_id.and_then(|node| id::<NodeId>(node.0));
        let user = row.user_id.and_then(|user| id::<UserId>(user.0));
        let report = &mut mapper.report;
        let system_id = row.node_system_id.as_deref().unwrap_or_default();
        let event = Event {
            event_type: report.name(place, "type", &event_type.name),
            level: u8::try_from(event_type.level).unwrap_or(0),
            node: node.filter(|id| nodes.get(id).is_some()),
            node_system_id: report.name(place, "node_system_id", system_id),
            node_hostname: report.name(place, "node_hostname", &row.node_hostname),
            user: user.filter(|id| users.get(id).is_some()),
            username: report.name(place, "username", &row.username),
            ip_address: row.ip_address,
            user_agent: report.text(place, "user_agent", &row.user_agent),
            endpoint: u8::try_from(row.endpoint).unwrap_or(0),
            action: report.text(place, "action", &row.action),
            description: report.text(place, "description", &row.description),
            happened: row.created,
        };
        mapper.insert(|site| &mut site.events, place, row.id.0, (row.created, row.created), event);
    }
}
