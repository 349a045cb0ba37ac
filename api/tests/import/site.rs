//! Expected facts held against the state that an import makes.

use crate::expected::{Expected, moment};
use regent_api::cli::import::dump::Dump;
use regent_api::cli::import::mapping::{self, Mapped};
use regent_api::cli::import::source::Source;
use regent_api::cli::import::transfer::Transfer;
use regent_core::id::{
    BmcId, DnsDataId, FabricId, InterfaceId, NodeId, ReservedIpId, SpaceId, StaticIpAddressId,
    SubnetId, SystemId, VlanId,
};
use regent_core::model::api_token::{ApiToken, TOKEN_SECRET};
use regent_core::model::availability_zone::AvailabilityZone;
use regent_core::model::bmc::Bmc;
use regent_core::model::dhcp_snippet::DhcpSnippet;
use regent_core::model::domain::Domain;
use regent_core::model::fabric::Fabric;
use regent_core::model::interface::{Interface, InterfaceType};
use regent_core::model::lease::Lease;
use regent_core::model::node::{Node, NodeType, PowerState};
use regent_core::model::parameter::{ParameterValue, Parameters};
use regent_core::model::reserved_ip::ReservedIp;
use regent_core::model::resource_pool::ResourcePool;
use regent_core::model::secret::{Secret, SecretKey};
use regent_core::model::space::Space;
use regent_core::model::static_ip_address::{AllocType, StaticIpAddress};
use regent_core::model::subnet::Subnet;
use regent_core::model::tag::Tag;
use regent_core::model::user::{PASSWORD_SECRET, User};
use regent_core::model::vlan::Vlan;
use regent_core::net::mac::MacAddr;
use regent_core::object::ObjectRef;
use regent_core::query::subnet_usage::usage;
use regent_core::state::State;
use regent_core::state::tables::Stored;
use regent_core::time::WallTime;
use serde_json::{Map, Value as Json, json};
use std::collections::BTreeSet;
use std::path::Path;

/// A dump with what is made of it.
pub(crate) struct Imported {
    pub(crate) dump: Dump,
    pub(crate) mapped: Mapped,
    pub(crate) transfer: Transfer,
    pub(crate) state: State,
}

impl Imported {
    /// Reads and maps a dump as of the moment its facts are told for.
    pub(crate) fn of(path: &Path, facts: &Expected) -> Self {
        let source = Source::open(path).expect("the dump opens");
        let dump = Dump::read(source, &mut |_| {}).expect("the dump is whole");
        let mut mapped = mapping::map(&dump, WallTime(moment(facts.now())));
        let transfer = Transfer::pack(&mut mapped, dump.digest).expect("it is not too large");
        let state = transfer.rehearse().expect("the region takes it");
        Self { dump, mapped, transfer, state }
    }
}

fn row<T: Stored>(state: &State, id: T::Id) -> &T {
    &state.get::<T>(&id).unwrap_or_else(|| panic!("{} is not there", T::object(&id))).value
}

fn number(fact: &Json) -> u32 {
    u32::try_from(fact["id"].as_u64().expect("an id")).expect("a small one")
}

/// How many of each kind came in.
pub(crate) fn check_counts(imported: &Imported, facts: &Expected) {
    let tables = imported.state.tables();
    let nodes = |kinds: &[NodeType]| {
        tables.nodes.iter().filter(|(_, row)| kinds.contains(&row.value.node_type)).count() as u64
    };
    assert_eq!(nodes(&[NodeType::Machine]), facts.count("machines"));
    assert_eq!(nodes(&[NodeType::Device]), facts.count("devices"));
    let racks = [NodeType::RackController, NodeType::RegionAndRackController];
    assert_eq!(nodes(&racks), facts.count("rack_controllers"));
    let regions = [NodeType::RegionController, NodeType::RegionAndRackController];
    assert_eq!(nodes(&regions), facts.count("region_controllers"));
    let interfaces = |unknown: bool| {
        let is_unknown = |row: &Interface| row.interface_type == InterfaceType::Unknown;
        let rows = tables.interfaces.iter();
        rows.filter(|(_, row)| is_unknown(&row.value) == unknown).count() as u64
    };
    assert_eq!(interfaces(false), facts.count("interfaces_on_nodes"));
    let unread = facts.unread_interfaces();
    assert_eq!(interfaces(true) + unread, facts.count("interfaces_unknown"));
    assert_eq!(tables.leases.len() as u64, facts.count("leases_live_now"));
    assert_eq!(tables.api_tokens.len() as u64, facts.count("api_tokens"));
    assert_eq!(tables.bmcs.len() as u64, facts.count("bmcs"));
    let seen = || {
        let rows = tables.static_ip_addresses.iter().map(|(_, row)| &row.value);
        rows.filter(|row| row.alloc_type == AllocType::Discovered)
    };
    let leased = seen().filter(|row| row.ip.is_some() && row.lease_time > 0).count() as u64;
    assert_eq!(leased, facts.count("leases_with_address"));
    let over = seen().filter(|row| row.ip.is_none()).count() as u64;
    assert_eq!(over, facts.count("leases_expired_address_null"));
    facts.each_count("machines_by_status", |status, count| {
        let machines = tables.nodes.iter().map(|(_, row)| &row.value);
        let is_meant = |row: &&Node| {
            row.node_type == NodeType::Machine && row.status.number().to_string() == status
        };
        assert_eq!(machines.filter(is_meant).count() as u64, count, "status {status}");
    });
    facts.each_count("addresses_by_alloc_type", |alloc_type, count| {
        let rows = tables.static_ip_addresses.iter().map(|(_, row)| row.value.alloc_type.number());
        let found = rows.filter(|number| number.to_string() == alloc_type).count() as u64;
        assert_eq!(found, count, "alloc_type {alloc_type}");
    });
    facts.each_count("dnsdata_by_type", |rtype, count| {
        let rows = tables.dns_data.iter().map(|(_, row)| row.value.rdata.record_type().to_string());
        assert_eq!(rows.filter(|found| found == rtype).count() as u64, count, "{rtype}");
    });
    facts.each_count("bmcs_by_power_type", |power_type, count| {
        let rows = tables.bmcs.iter().filter(|(_, row)| row.value.power_type == power_type);
        let hosts = imported.dump.tables.bmcs.iter().filter(|row| row.bmc_type != 0);
        let hosts = hosts.filter(|row| row.power_type == power_type);
        assert_eq!((rows.count() + hosts.count()) as u64, count, "{power_type}");
    });
}

/// Every sampled fact; tells how many there were.
pub(crate) fn check_facts(imported: &Imported, facts: &Expected) -> usize {
    let state = &imported.state;
    let (mut checked, mut commits) = (0, BTreeSet::new());
    for fact in facts.all() {
        match fact["kind"].as_str().expect("a kind") {
            "node" => check_node(state, fact),
            "vlan" => check_vlan(state, fact),
            "subnet" => check_subnet(state, fact),
            "lease" => commits.extend(check_lease(imported, fact, facts)),
            "reservation" => check_reservation(state, fact),
            "api_token" => check_token(state, fact),
            "bmc" => check_bmc(state, fact),
            "dhcp_snippet" => check_snippet(state, fact),
            "text" => check_text(imported, fact),
            other => panic!("facts of kind {other} are unknown"),
        }
        checked += 1;
    }
    assert!(commits.len() <= 1, "leases run on from several moments: {commits:?}");
    checked
}

/// Every odd row is there, or was told to stay behind; those that came with something wrong were told, too.
pub(crate) fn check_oddities(imported: &Imported, facts: &Expected) {
    let (state, report) = (&imported.state, &imported.mapped.report);
    let tables = state.tables();
    for (class, odd) in facts.oddities() {
        let key = odd.as_str().map_or_else(|| odd.to_string(), str::to_owned);
        let noted = || report.noted.as_slice().iter().any(|oddity| oddity.key == key);
        let skipped = || report.skipped.as_slice().iter().any(|oddity| oddity.key == key);
        let id = || u32::try_from(odd.as_u64().expect("an id")).expect("a small one");
        let node_is_there = || {
            let system_id = SystemId::parse(&key).expect("a system id");
            state.indexes().nodes_by_system_id.first_under(&system_id).is_some()
        };
        let has_mac = || {
            let mac: MacAddr = key.parse().expect("a MAC address");
            state.indexes().interfaces_by_mac.first_under(&mac).is_some()
        };
        let is_met = match class {
            "addresses_nothing_refers_to (not user-reserved)"
            | "addresses_outside_their_subnet"
            | "addresses_without_subnet" => {
                tables.static_ip_addresses.get(&StaticIpAddressId(id())).is_some() && noted()
            }
            "addresses_present_twice" => {
                let ip = key.parse().expect("an address");
                state.indexes().addresses_by_ip.under(&ip).count() == 2
            }
            "temporary_addresses" => {
                let ip = key.parse().expect("an address");
                let mut rows = state.indexes().addresses_by_ip.under(&ip);
                rows.any(|id| row::<StaticIpAddress>(state, *id).temp_expires_on.is_some())
            }
            "machines_without_interfaces"
            | "nodes_without_current_config"
            | "nodes_without_domain"
            | "hosts_named_like_a_domain" => node_is_there(),
            "hostnames_differing_only_by_case" | "hostnames_that_are_no_dns_label" => {
                tables.nodes.iter().any(|(_, row)| row.value.hostname.as_str() == key)
            }
            "macs_on_several_interfaces" | "macs_in_upper_case" => has_mac(),
            "macs_that_cannot_be_read" => {
                imported.dump.oddities.as_slice().iter().any(|oddity| oddity.key == key)
            }
            "unknown_interfaces_without_address_or_vlan"
            | "interfaces_with_several_expired_leases" => {
                tables.interfaces.get(&InterfaceId(id())).is_some()
            }
            "dnsdata_of_a_type_maas_refuses" => tables.dns_data.get(&DnsDataId(id())).is_some(),
            "bmc_secrets_without_bmc" => skipped(),
            "bmcs_without_secret" => tables.bmcs.get(&BmcId(id())).is_some() && noted(),
            other => panic!("oddities of class {other} are unknown"),
        };
        assert!(is_met, "{class}: {key}");
    }
}

fn check_node(state: &State, fact: &Json) {
    let id = NodeId(number(fact));
    let node: &Node = row(state, id);
    let told = json!({
        "system_id": node.system_id.as_str(),
        "hostname": node.hostname.as_str(),
        "node_type": node.node_type.number(),
        "status": node.status.number(),
        "domain": node.domain.map(|id| row::<Domain>(state, id).name.to_string()),
        "address_ttl": node.address_ttl,
        "zone": row::<AvailabilityZone>(state, node.zone).name,
        "pool": node.pool.map(|id| row::<ResourcePool>(state, id).name.clone()),
        "owner": node.owner.map(|id| row::<User>(state, id).username.clone()),
        "architecture": node.architecture,
        "power_state": match node.power_state {
            PowerState::On => "on",
            PowerState::Off => "off",
            PowerState::Unknown => "unknown",
            PowerState::Error => "error",
        },
        "locked": node.locked,
        "power_type": node.bmc.map(|id| row::<Bmc>(state, id).power_type.clone()),
        "boot_interface": node.boot_interface.map(|id| row::<Interface>(state, id).name.clone()),
    });
    for (field, told) in told.as_object().expect("an object") {
        // Facts name what the dump leaves open by an empty text or not at all.
        let expected = fact.get(field).unwrap_or(told);
        let same = expected == told || (expected.is_null() && told == "");
        assert!(same, "{field} of {}: {told}, expected {expected}", node.system_id);
    }
    let tags: BTreeSet<&str> =
        node.tags.iter().map(|id| row::<Tag>(state, *id).name.as_str()).collect();
    if let Some(expected) = fact["tags"].as_array() {
        assert_eq!(tags, expected.iter().filter_map(Json::as_str).collect(), "{fact}");
    }
    check_interfaces(state, id, fact["interfaces"].as_array().expect("a list of interfaces"));
}

fn check_interfaces(state: &State, node: NodeId, facts: &[Json]) {
    let own: BTreeSet<_> = state.indexes().interfaces_by_node.under(&node).copied().collect();
    assert_eq!(own, facts.iter().map(|fact| InterfaceId(number(fact))).collect());
    for fact in facts {
        let id = InterfaceId(number(fact));
        let interface: &Interface = row(state, id);
        assert_eq!(fact["name"], interface.name);
        assert_eq!(fact["type"], interface.interface_type.name());
        let mac = fact["mac"].as_str().map(str::to_lowercase);
        assert_eq!(mac, interface.mac_address.map(|mac| mac.to_string()));
        assert_eq!(fact["enabled"], interface.enabled);
        let vlan = interface.vlan.map(|id| row::<Vlan>(state, id));
        assert_eq!(fact["vid"], json!(vlan.map(|vlan| vlan.vid)), "{fact}");
        if let Some(fabric) = fact.get("fabric_id") {
            assert_eq!(*fabric, json!(vlan.map(|vlan| vlan.fabric.0)), "{fact}");
        }
        let parents = interface.parents.iter().map(|id| row::<Interface>(state, *id).name.clone());
        let parents: BTreeSet<String> = parents.collect();
        let expected = fact["parents"].as_array().into_iter().flatten();
        let expected: BTreeSet<_> = expected.filter_map(Json::as_str).map(str::to_owned).collect();
        assert_eq!(parents, expected, "{fact}");
        check_links(state, id, fact);
    }
}

fn check_links(state: &State, interface: InterfaceId, fact: &Json) {
    let mut told: Vec<String> = Vec::new();
    for id in state.indexes().addresses_by_interface.under(&interface) {
        let address: &StaticIpAddress = row(state, *id);
        let ip = address.ip.map(|ip| ip.to_string());
        let subnet = address.subnet.map(|id| row::<Subnet>(state, id).cidr.to_string());
        told.push(format!("{} {ip:?} {subnet:?}", address.alloc_type.number()));
    }
    let text = |fact: &Json| fact.as_str().map(str::to_owned);
    let expected = fact["links"].as_array().expect("a list of links").iter();
    let mut expected: Vec<String> = expected
        .map(|link| {
            let (ip, subnet) = (text(&link["ip"]), text(&link["subnet"]));
            format!("{} {ip:?} {subnet:?}", link["alloc_type"])
        })
        .collect();
    told.sort();
    expected.sort();
    assert_eq!(told, expected, "{fact}");
}

fn check_vlan(state: &State, fact: &Json) {
    let vlan: &Vlan = row(state, VlanId(number(fact)));
    let rack = |id: Option<NodeId>| id.map(|id| row::<Node>(state, id).system_id.to_string());
    let told = json!({
        "vid": vlan.vid,
        "name": vlan.name,
        "mtu": vlan.mtu,
        "dhcp_on": vlan.dhcp_on,
        "fabric_id": vlan.fabric.0,
        "primary_rack": rack(vlan.primary_rack),
        "secondary_rack": rack(vlan.secondary_rack),
        "relay_vlan": vlan.relay_vlan.map(|id| id.0),
        "external_dhcp": vlan.external_dhcp,
        "space_id": vlan.space.map(|id| id.0),
    });
    for (field, told) in told.as_object().expect("an object") {
        assert_eq!(&fact[field], told, "{field} of {fact}");
    }
    // What has no name is shown by one made of its number.
    if let Some(name) = fact["fabric"].as_str() {
        assert_eq!(name, row::<Fabric>(state, FabricId(vlan.fabric.0)).name);
    }
    if let (Some(name), Some(space)) = (fact["space"].as_str(), vlan.space) {
        assert_eq!(name, row::<Space>(state, SpaceId(space.0)).name);
    }
}

fn check_subnet(state: &State, fact: &Json) {
    let id = SubnetId(number(fact));
    let subnet: &Subnet = row(state, id);
    let told = json!({
        "name": subnet.name,
        "cidr": subnet.cidr.to_string(),
        "vlan": subnet.vlan.0,
        "gateway": subnet.gateway_ip,
        "rdns_mode": subnet.rdns_mode as u8,
        "managed": subnet.managed,
        "allow_dns": subnet.allow_dns,
        "disabled_boot_architectures": subnet.disabled_boot_architectures,
    });
    for (field, told) in told.as_object().expect("an object") {
        assert_eq!(&fact[field], told, "{field} of {fact}");
    }
    let servers = if fact["dns_servers"].is_null() { &json!([]) } else { &fact["dns_servers"] };
    assert_eq!(*servers, json!(subnet.dns_servers));
    let ranges = state.tables().ip_ranges.iter().map(|(_, row)| &row.value);
    let mut told: Vec<_> = ranges
        .filter(|range| range.subnet == id)
        .map(|range| {
            let name = range.range_type.name();
            (
                name.to_owned(),
                range.start_ip.to_string(),
                range.end_ip.to_string(),
                range.comment.clone(),
            )
        })
        .collect();
    let text = |fact: &Json| fact.as_str().unwrap_or_default().to_owned();
    let expected = fact["ranges"].as_array().expect("a list of ranges").iter();
    let mut expected: Vec<_> = expected
        .map(|range| {
            (
                text(&range["type"]),
                text(&range["first"]),
                text(&range["last"]),
                text(&range["comment"]),
            )
        })
        .collect();
    told.sort();
    expected.sort();
    assert_eq!(told, expected, "{fact}");
    check_statistics(state, id, &fact["statistics"]);
}

fn check_statistics(state: &State, id: SubnetId, fact: &Json) {
    if fact.is_null() {
        return;
    }
    let usage = usage(state, id).expect("the subnet is there");
    let told = [
        ("total_addresses", usage.total_addresses),
        ("num_unavailable", usage.num_unavailable),
        ("num_available", usage.num_available),
        ("largest_available", usage.largest_available),
    ];
    for (field, told) in told {
        // 2^64 is beyond what JSON's reader keeps exact.
        let told =
            u64::try_from(told).map_or(json!(18_446_744_073_709_551_616.0), |told| json!(told));
        assert_eq!(fact[field], told, "{field} of subnet {id}: {fact}");
    }
}

/// Tells the moment of cluster time from which a live lease runs on.
fn check_lease(imported: &Imported, fact: &Json, facts: &Expected) -> Option<u64> {
    let state = &imported.state;
    let id = StaticIpAddressId(number(fact));
    let address = state.get::<StaticIpAddress>(&id).expect("the lease's address");
    let ip = address.value.ip.expect("it is leased");
    assert_eq!(fact["ip"], ip.to_string());
    assert_eq!(fact["lease_time"], address.value.lease_time);
    assert_eq!(moment(&fact["start"]), address.created.0);
    let subnet = address.value.subnet.map(|id| row::<Subnet>(state, id).cidr.to_string());
    assert_eq!(fact["subnet"], json!(subnet));
    let lease = state.get::<Lease>(&ip);
    assert_eq!(fact["live_now"], lease.is_some(), "{fact}");
    let lease = &lease?.value;
    assert_eq!(fact["mac"], lease.mac_address.to_string());
    let left = u64::try_from(moment(&fact["expires"]) - moment(facts.now())).expect("it runs");
    let commit = lease.expires.0.checked_sub(left).expect("it does not end early");
    assert!(commit <= state.meta().now.0, "it does not end late: {fact}");
    Some(commit)
}

fn check_reservation(state: &State, fact: &Json) {
    let reserved: &ReservedIp = row(state, ReservedIpId(number(fact)));
    assert_eq!(fact["ip"], reserved.ip.to_string());
    assert_eq!(fact["mac"], reserved.mac_address.to_string());
    assert_eq!(fact["subnet"], row::<Subnet>(state, reserved.subnet).cidr.to_string());
    assert_eq!(fact["comment"].as_str().unwrap_or_default(), reserved.comment);
}

fn secret(state: &State, owner: ObjectRef, name: &str) -> Option<String> {
    let key = SecretKey { owner, name: name.to_owned() };
    state.get::<Secret>(&key).map(|row| row.value.reveal().to_owned())
}

fn check_token(state: &State, fact: &Json) {
    let mut parts = fact["api_key"].as_str().expect("an API key").split(':');
    let [consumer, key, signing] = [(); 3].map(|()| parts.next().expect("a part"));
    let id = state.indexes().tokens_by_key.first_under(&key.to_owned()).expect("the token");
    let token: &ApiToken = row(state, *id);
    assert_eq!((consumer, &fact["token_name"]), (token.consumer_key.as_str(), &json!(token.name)));
    let found = secret(state, ApiToken::object(id), TOKEN_SECRET);
    assert_eq!(found.as_deref(), Some(signing), "the secret of {}", token.name);
    let user: &User = row(state, token.user);
    assert_eq!(fact["username"], user.username);
    assert_eq!(fact["is_superuser"], user.is_superuser);
    assert_eq!(fact["is_active"], user.is_active);
    let hash = secret(state, User::object(&token.user), PASSWORD_SECRET).expect("a hash");
    assert_eq!(fact["password_usable"], !hash.starts_with('!'));
}

fn json_of(parameters: &Parameters) -> Json {
    let value = |value: &ParameterValue| match value {
        ParameterValue::Null => Json::Null,
        ParameterValue::Bool(yes) => json!(yes),
        ParameterValue::Integer(number) => json!(number),
        ParameterValue::Text(text) => json!(text),
        ParameterValue::Texts(texts) => json!(texts),
        ParameterValue::Json(text) => serde_json::from_str(text).expect("JSON"),
    };
    parameters.iter().map(|(name, found)| (name.clone(), value(found))).collect()
}

fn check_bmc(state: &State, fact: &Json) {
    let id = BmcId(number(fact));
    let bmc: &Bmc = row(state, id);
    assert_eq!(fact["power_type"], bmc.power_type);
    assert_eq!(fact["power_parameters"], json_of(&bmc.power_parameters));
    let address = bmc.ip_address.and_then(|id| row::<StaticIpAddress>(state, id).ip);
    assert_eq!(fact["address"], json!(address));
    let owner = Bmc::object(&id);
    let secrets = state.tables().secrets.iter().filter(|(key, _)| key.owner == owner);
    let secrets: Map<String, Json> =
        secrets.map(|(key, row)| (key.name.clone(), json!(row.value.reveal()))).collect();
    let none = Map::new();
    assert_eq!(fact["secret_parameters"].as_object().unwrap_or(&none), &secrets, "of {owner}");
    let nodes = state.referrers::<Node>(&owner).map(|id| row::<Node>(state, id).system_id);
    let nodes: BTreeSet<String> = nodes.map(|id| id.to_string()).collect();
    let expected = fact["nodes"].as_array().expect("a list of nodes").iter();
    assert_eq!(nodes, expected.filter_map(Json::as_str).map(str::to_owned).collect(), "{owner}");
}

fn check_snippet(state: &State, fact: &Json) {
    let snippets = state.tables().dhcp_snippets.iter().map(|(_, row)| &row.value);
    let found: Vec<&DhcpSnippet> = snippets.filter(|row| fact["name"] == row.name).collect();
    let [snippet] = found.as_slice() else { panic!("{} of {fact}", found.len()) };
    assert_eq!(fact["enabled"], snippet.enabled);
    assert_eq!(fact["text"], snippet.value);
    assert_eq!(fact["previous_text"], json!(snippet.history.first()), "{fact}");
    let node = snippet.node.map(|id| row::<Node>(state, id).system_id.to_string());
    let subnet = snippet.subnet.map(|id| row::<Subnet>(state, id).cidr.to_string());
    assert_eq!((&fact["node"], &fact["subnet"]), (&json!(node), &json!(subnet)));
    assert_eq!(fact["iprange_id"], json!(snippet.iprange.map(|id| id.0)));
}

/// Texts with characters that are easily lost.
fn check_text(imported: &Imported, fact: &Json) {
    let tables = imported.state.tables();
    let key = fact["key"].as_str().map_or_else(|| fact["key"].to_string(), str::to_owned);
    let is = |text: &dyn ToString| text.to_string() == key;
    let place = (fact["table"].as_str(), fact["column"].as_str());
    let place = (place.0.expect("a table"), place.1.expect("a column"));
    let told: Option<String> = match place {
        ("maasserver_dhcpsnippet", "description") => {
            let mut rows = tables.dhcp_snippets.iter();
            rows.find(|(_, row)| is(&row.value.name)).map(|(_, row)| row.value.description.clone())
        }
        ("maasserver_fabric", "description") => {
            let mut rows = tables.fabrics.iter();
            rows.find(|(id, _)| is(id)).map(|(_, row)| row.value.description.clone())
        }
        // Nameless ones are called after their number.
        ("maasserver_fabric", "name") => {
            let mut rows = tables.fabrics.iter();
            let row = rows.find(|(id, _)| is(id)).expect("the fabric").1;
            Some(row.value.name.clone()).filter(|name| !name.starts_with("fabric-"))
        }
        ("maasserver_space", "description") => {
            let mut rows = tables.spaces.iter();
            rows.find(|(id, _)| is(id)).map(|(_, row)| row.value.description.clone())
        }
        ("maasserver_vlan", "name") => {
            let mut rows = tables.vlans.iter();
            rows.find(|(id, _)| is(id)).and_then(|(_, row)| row.value.name.clone())
        }
        ("maasserver_node", column) => {
            let mut rows = tables.nodes.iter();
            let row = &rows.find(|(_, row)| is(&row.value.system_id)).expect("the node").1.value;
            Some(if column == "description" { &row.description } else { &row.error_description })
                .cloned()
        }
        ("maasserver_ownerdata", "value") => {
            let rows = &imported.dump.tables.owner_data;
            let source = rows.iter().find(|row| is(&row.id)).expect("the dump's row");
            let mut rows = tables.owner_data.iter();
            let is_meant = |node: NodeId| i64::from(node.0) == source.node_id.0;
            rows.find(|(id, _)| is_meant(id.node) && id.key == source.key)
                .map(|(_, row)| row.value.value.clone())
        }
        ("maasserver_resourcepool", "description") => {
            let mut rows = tables.resource_pools.iter();
            rows.find(|(_, row)| is(&row.value.name)).map(|(_, row)| row.value.description.clone())
        }
        ("maasserver_zone", "description") => {
            let mut rows = tables.availability_zones.iter();
            rows.find(|(_, row)| is(&row.value.name)).map(|(_, row)| row.value.description.clone())
        }
        ("maasserver_subnet", "description") => {
            let mut rows = tables.subnets.iter();
            rows.find(|(_, row)| is(&row.value.cidr)).map(|(_, row)| row.value.description.clone())
        }
        ("maasserver_tag", "comment") => {
            let mut rows = tables.tags.iter();
            rows.find(|(_, row)| is(&row.value.name)).map(|(_, row)| row.value.comment.clone())
        }
        ("maasserver_event", "description") => {
            let mut rows = tables.events.iter();
            rows.find(|(id, _)| is(id)).map(|(_, row)| row.value.description.clone())
        }
        other => panic!("texts of {other:?} are unknown"),
    };
    assert_eq!(told.as_deref(), fact["text"].as_str(), "{fact}");
}
