//! A lease and its names come and go in one entry.

use crate::for_good::{reserve, wish_for_good};
use crate::site::{EAST, Site, VLAN, client, ip, served};
use regent_core::command::Command;
use regent_core::command::lease::LeaseCommand;
use regent_core::command::rack::{ClientFacts, LeaseStep};
use regent_core::dns::answer::Wanted;
use regent_core::lease::give_up::Ending;
use regent_core::lease::terms::Terms;
use regent_core::model::lease::REMEMBERED_MILLIS;
use regent_core::model::record_type::RecordType;
use regent_core::net::mac::MacAddr;
use regent_core::outcome::LeaseAnswer;
use regent_core::query::dns_name::NAMESAKES_MAX;
use serde_json::json;

impl Site {
    /// A client that calls itself `hostname` gets an address.
    fn names(&mut self, last: u8, hostname: &str) {
        let commit = self.commit(ip(last), client(last));
        self.names_in(commit, hostname);
    }

    /// The same by this request.
    fn names_in(&mut self, mut commit: LeaseStep, hostname: &str) {
        if let LeaseStep::Commit { facts, .. } = &mut commit {
            *facts = ClientFacts { hostname: hostname.into(), ..ClientFacts::default() };
        }
        let answer = self.ask(EAST, commit);
        assert!(matches!(answer, LeaseAnswer::Committed { .. }), "{answer:?}");
    }

    fn run(&mut self, command: serde_json::Value) {
        let command: Command = serde_json::from_value(command).unwrap();
        self.region.run(command.clone()).unwrap_or_else(|no| panic!("{command:?}: {no}"));
        self.region.assert_sound(&command);
    }

    /// A machine called so, with the card of a client, if any.
    fn machine(&mut self, hostname: &str, card: Option<u8>) -> u32 {
        let interfaces = card.map(|last| {
            let mac = MacAddr([0x52, 0x54, 0, 0, 0, last]);
            json!({ "name": "eth0", "mac_address": mac, "vlan": VLAN })
        });
        let fields = json!({ "hostname": hostname, "domain": 0 });
        self.run(json!({ "Node": { "Create": {
            "node_type": "Machine", "fields": fields, "interfaces": Vec::from_iter(interfaces),
        } } }));
        let nodes = self.region.state.tables().nodes.iter();
        nodes.map(|(id, _)| id.0).max().unwrap()
    }

    /// The addresses at a name.
    fn at(&self, name: &str) -> Vec<String> {
        self.asked(name, RecordType::A)
    }

    /// The names an address of 10.0.0.0/24 leads back to, but for the one that is made of it.
    fn back_from(&self, last: u8) -> Vec<String> {
        let names = self.asked(&format!("{last}.0.0.10.in-addr.arpa"), RecordType::Ptr);
        names.into_iter().filter(|name| !name.starts_with("10-0-0-")).collect()
    }

    fn asked(&self, name: &str, rtype: RecordType) -> Vec<String> {
        let answer = self.region.state.dns().lookup(&name.parse().unwrap(), Wanted::Type(rtype));
        answer.unwrap().answers.iter().map(|record| record.data.to_string()).collect()
    }
}

#[test]
fn client_has_the_name_it_calls_itself_both_ways_as_long_as_it_has_the_address() {
    let mut site = served();
    site.names(100, "Kiosk_7");
    assert_eq!(site.at("kiosk-7.maas"), ["10.0.0.100"]);
    assert_eq!(site.back_from(100), ["kiosk-7.maas."]);
    site.pass(Terms::default().life);
    assert!(site.at("kiosk-7.maas").is_empty() && site.back_from(100).is_empty());
    site.names(100, "kiosk-8");
    assert_eq!(site.at("kiosk-8.maas"), ["10.0.0.100"]);
    let number = site.number();
    let released = LeaseStep::Release { number, address: ip(100), client: client(100) };
    assert_eq!(site.ask(EAST, released), LeaseAnswer::Done);
    assert!(site.at("kiosk-8.maas").is_empty());
}

#[test]
fn client_that_has_its_address_for_good_has_its_name_until_an_admin_ends_it() {
    let mut site = served();
    reserve(&mut site, ip(50), 50);
    let wish = wish_for_good(&mut site, ip(50), 50);
    site.names_in(wish, "plotter");
    for _later in 0..2 {
        assert_eq!(site.at("plotter.maas"), ["10.0.0.50"]);
        assert_eq!(site.back_from(50), ["plotter.maas."]);
        site.pass(REMEMBERED_MILLIS);
    }
    let (address, ending, by) = (ip(50), Ending::ClientIsGone, String::new());
    site.region.run(Command::Lease(LeaseCommand::End { address, ending, by })).unwrap();
    assert!(site.at("plotter.maas").is_empty() && site.back_from(50).is_empty());
}

#[test]
fn renewal_changes_no_zone() {
    let mut site = served();
    site.names(100, "kiosk");
    let serials = site.region.state.tables().zone_serials.clone();
    site.names(100, "kiosk");
    assert_eq!(site.region.state.tables().zone_serials, serials);
}

#[test]
fn card_of_a_node_has_the_names_of_the_node() {
    let mut site = served();
    site.names(100, "installer");
    site.machine("web", Some(100));
    assert_eq!(site.at("web.maas"), ["10.0.0.100"]);
    assert_eq!(site.back_from(100), ["web.maas."]);
    assert!(site.at("installer.maas").is_empty());
    site.pass(Terms::default().life);
    assert!(site.at("web.maas").is_empty());
}

#[test]
fn name_of_a_node_or_of_something_people_made_is_nobody_elses() {
    let mut site = served();
    site.names(100, "db");
    let node = site.machine("DB", None);
    assert!(site.at("db.maas").is_empty());
    site.run(json!({ "Node": { "Delete": { "id": node } } }));
    assert_eq!(site.at("db.maas"), ["10.0.0.100"]);
    let resource =
        json!({ "name": "db", "domain": 0, "address_ttl": null, "addresses": Vec::<u32>::new() });
    site.run(json!({ "DnsResource": { "Create": resource } }));
    assert_eq!(site.at("db.maas"), ["10.0.0.100"], "an empty resource says nothing");
    let text = json!({ "rtype": "TXT", "rdata": "\"ours\"" });
    site.run(json!({ "DnsData": { "Create": { "resource": 1, "ttl": null, "rdata": text } } }));
    assert!(site.at("db.maas").is_empty());
    site.run(json!({ "DnsResource": { "Delete": { "id": 1 } } }));
    assert_eq!(site.at("db.maas"), ["10.0.0.100"]);
    let domain = json!({
        "name": "db.maas", "authoritative": true, "ttl": null, "forward_servers": Vec::<u8>::new(),
    });
    site.run(json!({ "Domain": { "Create": domain } }));
    assert!(site.at("db.maas").is_empty());
}

#[test]
fn of_clients_that_call_themselves_the_same_the_first_eight_have_the_name() {
    let mut site = served();
    let names_max = u8::try_from(NAMESAKES_MAX).unwrap();
    for last in 100..=100 + names_max {
        site.names(last, "localhost");
    }
    let at_first: Vec<String> =
        (100..100 + names_max).map(|last| format!("10.0.0.{last}")).collect();
    assert_eq!(site.at("localhost.maas"), at_first);
    let (number, client) = (site.number(), client(103));
    site.ask(EAST, LeaseStep::Release { number, address: ip(103), client });
    let now = site.at("localhost.maas");
    assert!(!now.contains(&"10.0.0.103".to_owned()), "{now:?}");
    assert!(now.contains(&format!("10.0.0.{}", 100 + names_max)), "{now:?}");
}
