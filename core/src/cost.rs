//! What an entry costs as a site grows, counted in comparisons of domain names: by nothing a machine does faster.

use crate::apply::apply;
use crate::command::dns_data::DnsDataPatch;
use crate::command::domain::DomainPatch;
use crate::command::edit::Edit;
use crate::command::site::SiteCommand;
use crate::command::{Command, Proposal, Request};
use crate::derivation::follow::rebuilt;
use crate::id::{DnsDataId, DnsResourceId, DomainId, Id};
use crate::model::comparisons;
use crate::model::dns_data::DnsData;
use crate::model::dns_resource::DnsResource;
use crate::model::domain::Domain;
use crate::model::record_data::RecordData;
use crate::object::TableKey;
use crate::outcome::Outcome;
use crate::state::State;
use crate::state::meta::Meta;
use crate::state::table::Row;
use crate::time::{ClusterTime, WallTime};
use std::collections::BTreeSet;

/// What a name may cost when its domain, of 200 names, is renamed: the places where it is listed are found in a few steps
/// each, and it is looked at once. Twice would be 183.
const RENAMED_NAME_MAX: u64 = 160;
/// What a record may cost when the domain of its name, of 200 records, is renamed.
const RENAMED_RECORD_MAX: u64 = 25;
/// What a record may cost when another of its name changes: it is found and read once.
const BESIDE_MAX: u64 = 3;
/// What does not grow with the site may cost this many times as much in one ten times as large.
const EVEN_MAX: u64 = 3;

struct Site {
    state: State,
    index: u64,
}

impl Site {
    fn founded() -> Self {
        let mut site = Self { state: State::new(Meta::default()), index: 0 };
        let domain = "maas".parse().unwrap();
        site.run(Command::Site(SiteCommand::Bootstrap { domain }));
        site
    }

    fn run(&mut self, command: Command) -> Outcome {
        let principal = String::new();
        let request = Request { principal, origin: None, key: None, guards: Vec::new(), command };
        let (at, wall) = (ClusterTime(self.index), WallTime::default());
        self.index += 1;
        let applied = apply(&self.state, self.index, &Proposal { at, wall, request });
        self.state = applied.state;
        applied.reply.result.unwrap()
    }

    fn create<I: Id>(&mut self, command: Command) -> I {
        let outcome = self.run(command);
        let Outcome::Created(object) = outcome else { panic!("{outcome:?}") };
        I::from_key(&object.key).unwrap()
    }

    fn domain(&mut self, name: &str) -> DomainId {
        self.create(Command::Domain(Edit::Create(Domain::new(name.parse().unwrap()))))
    }

    fn resource(&mut self, domain: DomainId, name: &str) -> DnsResourceId {
        let (name, addresses) = (name.parse().unwrap(), BTreeSet::new());
        let resource = DnsResource { name, domain, address_ttl: None, addresses };
        self.create(Command::DnsResource(Edit::Create(resource)))
    }

    fn mail(&mut self, resource: DnsResourceId, preference: u16) -> DnsDataId {
        let rdata = mail(preference);
        self.create(Command::DnsData(Edit::Create(DnsData { resource, ttl: None, rdata })))
    }

    /// Comparisons that one entry takes.
    fn cost(&mut self, command: Command) -> u64 {
        comparisons::during(|| drop(self.run(command)))
    }
}

fn mail(preference: u16) -> RecordData {
    RecordData::Mx { preference, exchange: "mail.maas".parse().unwrap() }
}

fn renamed(id: DomainId) -> Command {
    let name = Some("other.example".parse().unwrap());
    Command::Domain(Edit::Update { id, patch: DomainPatch { name, ..DomainPatch::default() } })
}

/// The cost of giving another name to a domain with so many names, each with so many records.
fn cost_of_renaming(names: u16, records: u16) -> u64 {
    let mut site = Site::founded();
    let domain = site.domain("lab.example");
    for name in 0..names {
        let resource = site.resource(domain, &format!("host-{name}"));
        for preference in 0..records {
            site.mail(resource, preference);
        }
    }
    site.cost(renamed(domain))
}

/// The cost of changing one record where there are so many zones.
fn cost_among_zones(zones: u16) -> u64 {
    let mut site = Site::founded();
    for zone in 0..zones {
        site.domain(&format!("zone-{zone}.example"));
    }
    let resource = site.resource(DomainId(0), "host");
    let id = site.mail(resource, 1);
    let patch = DnsDataPatch { rdata: Some(mail(2)), ..DnsDataPatch::default() };
    site.cost(Command::DnsData(Edit::Update { id, patch }))
}

/// The cost of taking away one of so many records of a name. Rules let a resource have 256, but sites are imported as they
/// are.
fn cost_beside(records: u16) -> u64 {
    let mut site = Site::founded();
    let resource = site.resource(DomainId(0), "host");
    let id = site.mail(resource, 0);
    let row = site.state.get::<DnsData>(&id).unwrap().clone();
    for preference in 1..records {
        let value = DnsData { rdata: mail(preference), ..row.value.clone() };
        let (id, row) = (DnsDataId(id.0 + u32::from(preference)), Row { value, ..(*row).clone() });
        site.state.put(id, row);
    }
    let view = rebuilt(&site.state);
    site.state.set_dns(view);
    site.cost(Command::DnsData(Edit::Delete { id }))
}

#[test]
fn renaming_a_domain_looks_at_each_name_once() {
    let cost = cost_of_renaming(200, 1);
    assert!(cost <= 200 * RENAMED_NAME_MAX, "{cost} for 200 names");
}

#[test]
fn renaming_a_domain_looks_at_each_record_of_a_name_once() {
    let cost = cost_of_renaming(1, 200);
    assert!(cost <= 200 * RENAMED_RECORD_MAX, "{cost} for 200 records");
}

#[test]
fn changing_a_record_looks_at_each_beside_it_once() {
    let cost = cost_beside(1_000);
    assert!(cost <= 1_000 * BESIDE_MAX, "{cost} for 1,000 records");
}

#[test]
fn changing_a_record_costs_the_same_however_many_zones_there_are() {
    let (few, many) = (cost_among_zones(20), cost_among_zones(200));
    assert!(many < few * EVEN_MAX, "{few} among 20 zones, {many} among 200");
}
