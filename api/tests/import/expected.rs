//! Files of expected facts, and a dump held against them.

use regent_api::cli::import::dump::Dump;
use regent_api::cli::import::pg_dump::event::Event;
use regent_api::cli::import::pg_dump::reader::Reader;
use regent_api::cli::import::source::Source;
use regent_api::cli::import::tables::addresses::StaticIpAddress;
use regent_api::cli::timestamp;
use serde_json::Value as Json;
use std::collections::BTreeMap;
use std::path::Path;

/// `alloc_type` of an address that MAAS has seen, by a lease or otherwise.
const DISCOVERED: i64 = 6;

/// One file of expected facts.
pub(crate) struct Expected(Json);

impl Expected {
    pub(crate) fn load(path: &Path) -> Self {
        let text = std::fs::read_to_string(path).expect("the facts are there");
        Self(serde_json::from_str(&text).expect("the facts are JSON"))
    }

    /// The whole file.
    pub(crate) fn file(&self) -> &Json {
        &self.0
    }

    pub(crate) fn count(&self, of: &str) -> u64 {
        self.0["counts"]["kinds"][of].as_u64().expect("a count of this kind")
    }

    pub(crate) fn oddity(&self, of: &str) -> &Json {
        &self.0["oddities"][of]
    }

    fn facts(&self, kind: &str) -> impl Iterator<Item = &Json> {
        let facts = self.0["facts"].as_array().expect("a list of facts");
        facts.iter().filter(move |fact| fact["kind"] == kind)
    }

    pub(crate) fn all(&self) -> impl Iterator<Item = &Json> {
        self.0["facts"].as_array().expect("a list of facts").iter()
    }

    /// Every class of odd rows, with what names them.
    pub(crate) fn oddities(&self) -> impl Iterator<Item = (&str, &Json)> {
        let classes = self.0["oddities"].as_object().expect("classes of oddities").iter();
        classes.flat_map(|(class, rows)| {
            let rows = rows.as_array().expect("a list of rows").iter();
            rows.map(|row| (class.as_str(), row))
        })
    }

    /// The moment the facts are told for.
    pub(crate) fn now(&self) -> &Json {
        &self.0["now"]
    }

    /// Unknown interfaces whose row cannot be read.
    pub(crate) fn unread_interfaces(&self) -> u64 {
        self.oddity("macs_that_cannot_be_read").as_array().map_or(0, Vec::len) as u64
    }

    pub(crate) fn each_count(&self, of: &str, mut check: impl FnMut(&str, u64)) {
        let counts = self.0["counts"][of].as_object();
        for (name, count) in counts.into_iter().flatten() {
            check(name, count.as_u64().expect("a count"));
        }
    }

    fn text(&self, of: &str) -> &str {
        self.0[of].as_str().expect("a text")
    }
}

fn is_lease(address: &StaticIpAddress) -> bool {
    address.alloc_type == DISCOVERED && address.ip.is_some() && address.lease_time > 0
}

/// Counts of rows and kinds, marks of the version.
pub(crate) fn check_counts(dump: &Dump, facts: &Expected) {
    let told = dump.row_counts.iter().filter(|(_, rows)| **rows > 0);
    let told: BTreeMap<&str, u64> = told.map(|(table, rows)| (table.as_str(), *rows)).collect();
    let rows = facts.0["counts"]["rows"].as_object().expect("counts of rows");
    let rows = rows.iter().map(|(table, rows)| (table.as_str(), rows.as_u64().expect("a count")));
    assert_eq!(told, rows.collect());

    let schema = &facts.0["counts"]["schema"];
    assert_eq!(schema["alembic_version"].as_str(), dump.version.alembic.as_deref());
    assert_eq!(schema["django_migrations"].as_str(), dump.version.django.as_deref());
    assert_eq!(schema["newest_dnspublication_serial"].as_i64(), dump.dns_serial);

    let tables = &dump.tables;
    let nodes = |kinds: &[i64]| {
        tables.nodes.iter().filter(|node| kinds.contains(&node.node_type)).count() as u64
    };
    assert_eq!(nodes(&[0]), facts.count("machines"));
    assert_eq!(nodes(&[1]), facts.count("devices"));
    assert_eq!(nodes(&[2, 4]), facts.count("rack_controllers"));
    assert_eq!(nodes(&[3, 4]), facts.count("region_controllers"));
    let bmcs = tables.bmcs.iter().filter(|bmc| bmc.bmc_type == 0).count() as u64;
    assert_eq!(bmcs, facts.count("bmcs"));
    assert_eq!(tables.tokens.len() as u64, facts.count("api_tokens"));
    let leases = tables.static_ip_addresses.iter().filter(|address| is_lease(address));
    assert_eq!(leases.clone().count() as u64, facts.count("leases_with_address"));
    let now = timestamp::parse(facts.text("now")).expect("a moment");
    let is_live = |lease: &&StaticIpAddress| lease.created.0 + lease.lease_time * 1000 > now.0;
    assert_eq!(leases.filter(is_live).count() as u64, facts.count("leases_live_now"));
}

/// Every text whose tabs, newlines, backslashes and characters are told, through the bare reader.
pub(crate) fn check_texts(path: &Path, facts: &Expected) {
    let mut wanted: Vec<&Json> = facts.facts("text").collect();
    assert!(!wanted.is_empty(), "no texts to look for");
    let source = Source::open(path).expect("the dump opens");
    let mut reader = Reader::new(source, |table| table.schema == "public");
    let mut columns: BTreeMap<String, usize> = BTreeMap::new();
    let mut table = String::new();
    loop {
        match reader.next_event().expect("the dump is whole") {
            Event::TableStarted(started) => {
                table.clone_from(&started.name.name);
                let places = started.columns.iter().cloned().zip(0..);
                columns = places.collect();
            }
            Event::Row(row) => wanted.retain(|fact| {
                let value = |column: &Json| {
                    let place = column.as_str().and_then(|column| columns.get(column));
                    place.and_then(|place| row.get(*place))
                };
                let is_meant = fact["table"] == table.as_str()
                    && value(&fact["key_column"]) == Some(text_of(&fact["key"]).as_str());
                if is_meant {
                    assert_eq!(value(&fact["column"]), fact["text"].as_str(), "{fact}");
                }
                !is_meant
            }),
            Event::End => break,
            Event::DatabaseStarted(_)
            | Event::TableDefined(_)
            | Event::RowsSkipped(_)
            | Event::SequenceValue(_) => {}
        }
    }
    assert!(wanted.is_empty(), "texts that did not come: {wanted:?}");
}

fn text_of(key: &Json) -> String {
    key.as_str().map_or_else(|| key.to_string(), str::to_owned)
}

/// The sampled facts that can be told from the rows alone.
pub(crate) fn check_facts(dump: &Dump, facts: &Expected) {
    for kind in ["lease", "api_token", "bmc", "node", "vlan", "subnet"] {
        assert!(facts.facts(kind).count() > 0, "no facts of kind {kind}");
    }
    facts.facts("lease").for_each(|fact| check_lease(dump, fact));
    facts.facts("reservation").for_each(|fact| check_reservation(dump, fact));
    facts.facts("api_token").for_each(|fact| check_token(dump, fact));
    facts.facts("bmc").for_each(|fact| check_bmc(dump, fact));
    facts.facts("node").for_each(|fact| check_node(dump, fact));
    facts.facts("vlan").for_each(|fact| check_vlan(dump, fact));
    facts.facts("subnet").for_each(|fact| check_subnet(dump, fact));
}

fn check_lease(dump: &Dump, fact: &Json) {
    let address = dump.tables.static_ip_addresses.iter().find(|row| fact["id"] == row.id.0);
    let address = address.expect("the lease's row");
    assert_eq!(fact["ip"].as_str(), address.ip.map(|ip| ip.to_string()).as_deref());
    assert_eq!(fact["lease_time"], address.lease_time);
    assert_eq!(moment(&fact["start"]), address.created.0, "{fact}");
    assert_eq!(moment(&fact["expires"]), address.created.0 + address.lease_time * 1000, "{fact}");
}

pub(crate) fn moment(fact: &Json) -> i64 {
    timestamp::parse(fact.as_str().expect("a moment")).expect("a moment").0
}

fn check_reservation(dump: &Dump, fact: &Json) {
    let row = dump.tables.reserved_ips.iter().find(|row| fact["id"] == row.id.0);
    let row = row.expect("the reservation's row");
    assert_eq!(fact["ip"], row.ip.to_string());
    assert_eq!(fact["mac"], mac(row.mac_address.octets));
    assert_eq!(fact["comment"].as_str(), row.comment.as_deref());
}

fn mac(octets: [u8; 6]) -> String {
    octets.map(|octet| format!("{octet:02x}")).join(":")
}

fn check_token(dump: &Dump, fact: &Json) {
    let tables = &dump.tables;
    let found = tables.tokens.iter().find(|token| {
        let consumer = tables.consumers.iter().find(|row| row.id == token.consumer_id);
        let consumer = consumer.expect("the token's consumer");
        fact["api_key"] == format!("{}:{}:{}", consumer.key.0, token.key.0, token.secret.0)
    });
    let token = found.expect("the API key's token");
    let user = tables.users.iter().find(|user| Some(user.id) == token.user_id).expect("its user");
    assert_eq!(fact["username"], user.username);
    assert_eq!(fact["is_superuser"], user.is_superuser);
    assert_eq!(fact["is_active"], user.is_active);
    assert_eq!(fact["password_usable"], !user.password.0.starts_with('!'));
}

fn check_bmc(dump: &Dump, fact: &Json) {
    let tables = &dump.tables;
    let bmc = tables.bmcs.iter().find(|row| fact["id"] == row.id.0).expect("the BMC's row");
    assert_eq!(fact["power_type"], bmc.power_type);
    assert_eq!(fact["power_parameters"], bmc.power_parameters.0);
    let path = format!("bmc/{}/power-parameters", bmc.id);
    let secret = tables.secrets.iter().find(|secret| secret.path == path);
    assert_eq!(fact["secret_parameters"], secret.map_or(Json::Null, |row| row.value.0.clone()));
}

fn check_node(dump: &Dump, fact: &Json) {
    let tables = &dump.tables;
    let node = tables.nodes.iter().find(|row| fact["id"] == row.id.0).expect("the node's row");
    assert_eq!(fact["system_id"], node.system_id);
    assert_eq!(fact["hostname"], node.hostname);
    assert_eq!(fact["status"], node.status);
    assert_eq!(fact["node_type"], node.node_type);
    assert_eq!(fact["locked"], node.locked);
    assert_eq!(fact["address_ttl"].as_i64(), node.address_ttl);
    let domain = tables.domains.iter().find(|domain| Some(domain.id) == node.domain_id);
    assert_eq!(fact["domain"].as_str(), domain.map(|domain| domain.name.as_str()));
    let config = node.current_config_id;
    let mine =
        tables.interfaces.iter().filter(|row| config.is_some() && row.node_config_id == config);
    let told: BTreeMap<i64, _> = mine.map(|row| (row.id.0, row)).collect();
    let facts = fact["interfaces"].as_array().expect("a list of interfaces");
    assert_eq!(told.len(), facts.len(), "{fact}");
    for fact in facts {
        let row = told[&fact["id"].as_i64().expect("an id")];
        assert_eq!(fact["name"], row.name);
        assert_eq!(fact["type"], row.kind);
        let told = fact["mac"].as_str().map(str::to_lowercase);
        assert_eq!(told, row.mac_address.map(|address| mac(address.octets)));
        assert_eq!(fact["enabled"], row.enabled);
    }
}

fn check_vlan(dump: &Dump, fact: &Json) {
    let vlan = dump.tables.vlans.iter().find(|row| fact["id"] == row.id.0).expect("the VLAN's row");
    assert_eq!(fact["vid"], vlan.vid);
    assert_eq!(fact["name"].as_str(), vlan.name.as_deref());
    assert_eq!(fact["dhcp_on"], vlan.dhcp_on);
    assert_eq!(fact["relay_vlan"].as_i64(), vlan.relay_vlan_id.map(|id| id.0));
    assert_eq!(
        fact["external_dhcp"].as_str(),
        vlan.external_dhcp.map(|ip| ip.to_string()).as_deref()
    );
}

fn check_subnet(dump: &Dump, fact: &Json) {
    let subnet = dump.tables.subnets.iter().find(|row| fact["id"] == row.id.0);
    let subnet = subnet.expect("the subnet's row");
    assert_eq!(fact["name"], subnet.name);
    assert_eq!(fact["cidr"], subnet.cidr.to_string());
    assert_eq!(fact["gateway"].as_str(), subnet.gateway_ip.map(|ip| ip.to_string()).as_deref());
    assert_eq!(fact["managed"], subnet.managed);
    assert_eq!(fact["rdns_mode"], subnet.rdns_mode);
    let list = |items: &[String]| Json::from(items.to_vec());
    let servers = subnet.dns_servers.as_deref().map_or(Json::Null, list);
    assert_eq!(fact["dns_servers"], servers);
    assert_eq!(fact["disabled_boot_architectures"], list(&subnet.disabled_boot_architectures));
}
