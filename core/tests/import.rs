//! Another site's state comes in as a whole or not at all, and nobody sees it before it is there.
#![allow(clippy::unwrap_used, reason = "tests may fail loudly")]

mod region;

use regent_core::command::Command;
use regent_core::command::domain::DomainCommand;
use regent_core::command::import::{ImportCommand, ImportGuard};
use regent_core::id::{
    AvailabilityZoneId, DomainId, FabricId, GlobalDefaultsId, IpRangeId, MemberId, NodeId,
    ResourcePoolId, SubnetId, SystemId, VlanId, step_number,
};
use regent_core::lease::binding::{Binding, Client, Held};
use regent_core::model::availability_zone::AvailabilityZone;
use regent_core::model::domain::Domain;
use regent_core::model::fabric::Fabric;
use regent_core::model::global_defaults::GlobalDefaults;
use regent_core::model::hostname::Hostname;
use regent_core::model::import::{
    CHUNK_BYTES_MAX, COMMIT_MOMENT, Continues, IDLE_MAX, ImportId, StagedRow,
};
use regent_core::model::ip_range::{IpRange, IpRangeType};
use regent_core::model::lease::Lease;
use regent_core::model::member::{Member, Standing};
use regent_core::model::node::{Node, NodeType};
use regent_core::model::resource_pool::ResourcePool;
use regent_core::model::serial::Serial;
use regent_core::model::subnet::Subnet;
use regent_core::model::vlan::Vlan;
use regent_core::net::mac::MacAddr;
use regent_core::object::Kind;
use regent_core::outcome::Outcome;
use regent_core::query::cut_over::{Pending, pending};
use regent_core::rejection::Rejection;
use regent_core::state::digest::Digest;
use regent_core::time::{ClusterTime, Millis, WallTime};
use region::Region;
use region::staged::{digest_of, staged};

/// What every site has, and one machine.
fn site() -> Vec<StagedRow> {
    let zone = AvailabilityZoneId(7);
    let named = |name: &str| (name.to_owned(), String::new());
    let (name, description) = named("north");
    let mut machine = Node::new(
        SystemId::parse("abc346").unwrap(),
        NodeType::Machine,
        Hostname::new("web").unwrap(),
        zone,
    );
    machine.domain = Some(DomainId(3));
    let defaults =
        GlobalDefaults { domain: DomainId(3), zone, pool: ResourcePoolId(0), fabric: FabricId(1) };
    let pool = ResourcePool { name: "p".into(), description: String::new() };
    vec![
        staged(DomainId(3), Domain::new("old.example".parse().unwrap())),
        staged(zone, AvailabilityZone { name, description }),
        staged(ResourcePoolId(0), pool),
        staged(FabricId(1), fabric()),
        staged(VlanId(1), Vlan::new(FabricId(1), 0)),
        staged(GlobalDefaultsId(0), defaults),
        staged(NodeId(40), machine),
    ]
}

fn fabric() -> Fabric {
    Fabric { name: "f".into(), class_type: None, description: String::new() }
}

fn id() -> ImportId {
    ImportId("one".into())
}

fn begin(source: u8, guard: ImportGuard) -> Command {
    let continues = Continues { zone_serial: Some(324), last_ids: vec![(Kind::Node as u8, 99)] };
    let id = ImportId(if source == 1 { "one".into() } else { format!("other{source}") });
    Command::Import(ImportCommand::Begin { id, source: [source; 32], guard, continues })
}

fn chunk(number: u32, rows: &[StagedRow]) -> Command {
    Command::Import(ImportCommand::Chunk { id: id(), number, rows: rows.to_vec() })
}

fn commit(rows: &[StagedRow]) -> Command {
    let (count, digest) = (rows.len() as u64, digest_of(rows));
    Command::Import(ImportCommand::Commit { id: id(), count, digest })
}

fn new_domain() -> Command {
    Command::Domain(DomainCommand::Create(Domain::new("new.example".parse().unwrap())))
}

fn collected(rows: &[StagedRow]) -> Region {
    let mut region = Region::founded();
    region.run(begin(1, ImportGuard::NoMachines)).unwrap();
    region.run(chunk(0, rows)).unwrap();
    region
}

#[test]
fn committed_import_is_the_state_of_the_site() {
    let rows = site();
    let mut region = collected(&rows);
    region.run(commit(&rows)).unwrap();
    region.assert_sound(&"commit");
    let tables = region.state.tables();
    assert_eq!(tables.domains.len(), 1, "the domain of the founded site is gone");
    let node = region.state.get::<Node>(&NodeId(40)).unwrap();
    assert_eq!((node.created, node.updated), (WallTime(1), WallTime(2)));
    assert_eq!(node.revision, region.state.meta().revision);
    assert!(tables.import_chunks.is_empty());
}

#[test]
fn collected_rows_are_part_of_snapshot_and_digest_and_not_of_the_site() {
    let before = Region::founded();
    let region = collected(&site());
    assert_eq!(region.state.tables().domains, before.state.tables().domains);
    assert!(region.state.tables().nodes.is_empty());
    assert_eq!(region.through_snapshot(), region.state);
    let mut other = Region::founded();
    other.run(begin(1, ImportGuard::NoMachines)).unwrap();
    other.run(chunk(0, &[])).unwrap();
    assert_ne!(other.state.digest(), region.state.digest());
    region.assert_sound(&"collecting");
}

#[test]
fn nothing_else_is_written_while_an_import_runs() {
    let mut region = collected(&[]);
    let refused = region.run(new_domain()).unwrap_err();
    assert_eq!(refused.code(), "import_running");
    let other = region.run(begin(2, ImportGuard::NoMachines)).unwrap_err();
    assert_eq!(other.code(), "import_running");
    region.run(Command::Import(ImportCommand::Abandon { id: id() })).unwrap();
    region.run(new_domain()).unwrap();
    assert!(region.state.tables().imports.is_empty());
    assert!(region.state.tables().import_chunks.is_empty());
}

#[test]
fn import_nobody_goes_on_with_is_dropped() {
    let mut region = collected(&site());
    region.now = region.now.after(Millis(IDLE_MAX.0 - 1));
    region.run(chunk(1, &[])).unwrap();
    region.now = region.now.after(Millis(IDLE_MAX.0 - 1));
    region.run(Command::Tick).unwrap();
    assert_eq!(region.state.tables().imports.len(), 1, "the last chunk put it off");
    region.now = region.now.after(Millis(1));
    region.run(Command::Tick).unwrap();
    assert!(region.state.tables().imports.is_empty());
    region.assert_sound(&"expiry");
}

#[test]
fn every_step_can_be_repeated() {
    let rows = site();
    let mut region = collected(&rows);
    assert!(matches!(region.run(begin(1, ImportGuard::NoMachines)), Ok(Outcome::Updated(_))));
    region.run(chunk(0, &rows)).unwrap();
    assert_eq!(region.run(chunk(0, &[])).unwrap_err().code(), "invalid");
    region.run(commit(&rows)).unwrap();
    let after = region.state.tables().clone();
    region.run(commit(&rows)).unwrap();
    assert!(matches!(region.run(begin(1, ImportGuard::NoMachines)), Ok(Outcome::Updated(_))));
    assert_eq!(region.run(chunk(0, &rows)).unwrap_err().code(), "state_forbids");
    assert_eq!(region.state.tables(), &after, "the same dump again changes nothing");
}

#[test]
fn machines_are_replaced_only_when_an_import_brought_them_and_it_is_asked_for() {
    let rows = site();
    let mut region = collected(&rows);
    region.run(commit(&rows)).unwrap();
    let refused = region.run(begin(2, ImportGuard::NoMachines)).unwrap_err();
    assert_eq!(refused.code(), "state_forbids");
    region.run(begin(2, ImportGuard::EarlierImport)).unwrap();
    let other = ImportId("other2".into());
    let (count, digest) = (0, Digest::default());
    region.run(Command::Import(ImportCommand::Commit { id: other, count, digest })).unwrap();
    assert!(region.state.tables().nodes.is_empty());
    assert_eq!(region.state.tables().imports.len(), 1, "the earlier import is forgotten");
    region.assert_sound(&"replacement");
}

#[test]
fn the_same_source_goes_through_again_under_another_id_when_replacement_is_asked_for() {
    let rows = site();
    let mut region = collected(&rows);
    region.run(commit(&rows)).unwrap();
    let begin = |id: &str, guard| {
        let (id, continues) = (ImportId(id.into()), Continues::default());
        Command::Import(ImportCommand::Begin { id, source: [1; 32], guard, continues })
    };
    let done = region.run(begin("two", ImportGuard::NoMachines)).unwrap();
    assert!(matches!(done, Outcome::Updated(_)), "a plain second run changes nothing");
    let repeated = region.run(begin("one", ImportGuard::EarlierImport)).unwrap();
    assert!(matches!(repeated, Outcome::Updated(_)), "a repeated step finds it done");
    let anew = region.run(begin("two", ImportGuard::EarlierImport)).unwrap();
    assert!(matches!(anew, Outcome::Created(_)));
    assert_eq!(region.state.tables().imports.len(), 2);
}

#[test]
fn import_that_is_not_whole_or_not_sound_changes_nothing() {
    let rows = site();
    let mut region = collected(&rows);
    let before = region.state.clone();
    assert_eq!(region.run(commit(&rows[1..])).unwrap_err().code(), "invalid");
    let Command::Import(ImportCommand::Commit { id, count, .. }) = commit(&rows) else { panic!() };
    let wrong = Command::Import(ImportCommand::Commit { id, count, digest: Digest::default() });
    assert_eq!(region.run(wrong).unwrap_err().code(), "invalid");
    assert_eq!(region.state.tables(), before.tables());

    let beyond = [staged(FabricId(step_number(0)), fabric())];
    let mut region = collected(&beyond);
    let refused = region.run(commit(&beyond)).unwrap_err();
    assert!(refused.to_string().contains("above the last id"), "{refused}");

    let unsound = &rows[6..];
    let mut region = collected(unsound);
    let refused = region.run(commit(unsound)).unwrap_err();
    assert!(refused.to_string().contains("does not exist"), "{refused}");
    assert_eq!(region.state.tables().domains.len(), 1);
    assert!(region.state.tables().nodes.is_empty());

    let twice = [rows.as_slice(), &rows[..1]].concat();
    let mut region = collected(&twice);
    assert!(region.run(commit(&twice)).unwrap_err().to_string().contains("comes twice"));
}

#[test]
fn rows_that_are_none_or_not_the_sites_are_refused_at_once() {
    let mut region = collected(&[]);
    let mut garbled = site().remove(6);
    garbled.bytes.truncate(9);
    let member = Member { name: "r9".into(), store: String::new(), standing: Standing::Present };
    let unknown = StagedRow { kind: 255, bytes: Vec::new() };
    let large = StagedRow { kind: Kind::Domain as u8, bytes: vec![0; CHUNK_BYTES_MAX] };
    for bad in [garbled, staged(MemberId(9), member), unknown, large] {
        assert_eq!(region.run(chunk(5, &[bad])).unwrap_err().code(), "invalid");
    }
    assert_eq!(region.state.tables().import_chunks.len(), 1);
}

#[test]
fn what_dhcp_gave_from_is_closed_also_where_no_lease_came_in() {
    let mut rows = site();
    let (on, off) = (VlanId(2), VlanId(3));
    let vlan = |vid, dhcp_on| Vlan { dhcp_on, ..Vlan::new(FabricId(1), vid) };
    rows.extend([staged(on, vlan(2, true)), staged(off, vlan(3, false))]);
    for (subnet, vlan, octet) in [(1, on, 1), (2, off, 2), (3, on, 3)] {
        let cidr = format!("10.0.{octet}.0/24").parse().unwrap();
        rows.push(staged(SubnetId(subnet), Subnet::new(vlan, cidr)));
    }
    for (subnet, octet) in [(1, 1), (2, 2)] {
        let range = IpRange {
            subnet: SubnetId(subnet),
            range_type: IpRangeType::Dynamic,
            start_ip: [10, 0, octet, 100].into(),
            end_ip: [10, 0, octet, 199].into(),
            user: None,
            comment: String::new(),
        };
        rows.push(staged(IpRangeId(subnet), range));
    }
    let mut region = collected(&rows);
    region.run(commit(&rows)).unwrap();
    region.assert_sound(&"commit");
    // No rack has come yet, so it is not known when that ends.
    assert_eq!(pending(&region.state, SubnetId(1)), Some(Pending::NotServed));
    assert_eq!(pending(&region.state, SubnetId(2)), None, "DHCP was off");
    assert_eq!(pending(&region.state, SubnetId(3)), None, "DHCP gave nothing there");
}

#[test]
fn leases_run_from_the_moment_of_the_commit() {
    let mut rows = site();
    let lease = Lease {
        binding: Binding {
            foreign_until: COMMIT_MOMENT.after(Millis(700_000)),
            ..Binding::new(
                Some(Client::Card(MacAddr([2, 0, 0, 0, 0, 1]))),
                Held::Bound,
                COMMIT_MOMENT.after(Millis(600_000)),
            )
        },
        client_id: Vec::new(),
        hostname: String::new(),
        subnet: None,
        rack: None,
        rests_until: COMMIT_MOMENT.after(Millis(800_000)),
        is_past: false,
        start: ClusterTime(COMMIT_MOMENT.0 - 5000),
    };
    let address = std::net::IpAddr::from([10, 0, 0, 9]);
    rows.push(staged(address, lease));
    let mut region = collected(&rows);
    region.now = ClusterTime(70_000);
    region.run(commit(&rows)).unwrap();
    let lease = region.state.get::<Lease>(&address).unwrap();
    assert_eq!(
        (
            lease.value.start,
            lease.value.binding.expires,
            lease.value.binding.foreign_until,
            lease.value.rests_until
        ),
        (ClusterTime(65_000), ClusterTime(670_000), ClusterTime(770_000), ClusterTime(870_000))
    );
}

#[test]
fn ids_and_serials_go_on_above_both_sites_and_watchers_start_anew() {
    let mut region = Region::founded();
    for number in 0..5 {
        let domain = Domain::new(format!("d{number}.example").parse().unwrap());
        region.run(Command::Domain(DomainCommand::Create(domain))).unwrap();
    }
    let rows = site();
    region.run(begin(1, ImportGuard::NoMachines)).unwrap();
    region.run(chunk(0, &rows)).unwrap();
    let applied = region.apply(region::request(commit(&rows)));
    assert!(applied.is_replaced && applied.changes.is_empty());
    let meta = region.state.meta();
    assert_eq!(meta.last_ids[&Kind::Node], 99, "as the sequence of the other site says");
    assert_eq!(meta.last_ids[&Kind::Domain], 5, "as was given out here");
    assert_eq!(meta.zone_serials_start, Serial(325));
    assert_eq!((meta.ring_floor, meta.ring_changes), (meta.revision, 0));
}

#[test]
fn import_is_no_step_of_a_batch() {
    let mut region = Region::founded();
    let refused = region.run(Command::Batch(vec![begin(1, ImportGuard::NoMachines)]));
    assert!(matches!(refused, Err(Rejection::Step { .. })));
    assert!(region.state.tables().imports.is_empty());
}
