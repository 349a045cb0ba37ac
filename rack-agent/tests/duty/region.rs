//! The region: `core`'s state machine, entry by entry, with two VLANs that racks serve. It can be saved and restored.

use regent_core::apply::apply;
use regent_core::codec::{from_bare, to_bare};
use regent_core::command::edit::Edit;
use regent_core::command::node::{NewNode, NodeCommand, NodePatch};
use regent_core::command::rack::{Enrol, LeaseStep, RackCommand};
use regent_core::command::rack_token::{NewRackToken, RackTokenCommand};
use regent_core::command::site::SiteCommand;
use regent_core::command::vlan::VlanPatch;
use regent_core::command::{Command, Proposal, Request};
use regent_core::id::{FabricId, NodeId, QuarantineId, SubnetId, VlanId};
use regent_core::lease::quarantine::Quarantine;
use regent_core::lease::server::{Incarnation, Server};
use regent_core::lease::terms::Terms;
use regent_core::model::hostname::Hostname;
use regent_core::model::ip_range::{IpRange, IpRangeType};
use regent_core::model::lease::Lease;
use regent_core::model::node::NodeType;
use regent_core::model::quarantine::QUARANTINE;
use regent_core::model::rack_life::RackSession;
use regent_core::model::secret_digest::SecretDigest;
use regent_core::model::subnet::Subnet;
use regent_core::model::vlan::Vlan;
use regent_core::object::Kind;
use regent_core::outcome::{LeaseAnswer, Outcome};
use regent_core::rack_view::change::ViewChange;
use regent_core::rack_view::telling::whole;
use regent_core::rejection::Rejection;
use regent_core::revision::Revision;
use regent_core::snapshot::{self, Header, Loader, SnapshotError};
use regent_core::state::State;
use regent_core::state::meta::Meta;
use regent_core::state::table::Row;
use regent_core::time::{ClusterTime, Millis, WallTime};
use std::collections::BTreeSet;
use std::net::{IpAddr, Ipv4Addr};

pub(crate) const EAST: NodeId = NodeId(1);
pub(crate) const WEST: NodeId = NodeId(2);
pub(crate) const NORTH: NodeId = NodeId(3);
/// Those that serve both VLANs from the beginning.
pub(crate) const RACKS: [NodeId; 2] = [EAST, WEST];
/// And one that serves none until it is told to.
pub(crate) const ALL_RACKS: [NodeId; 3] = [EAST, WEST, NORTH];
/// 10.0.0.0/24, of which .100 to .119 are dynamic.
pub(crate) const UPPER: VlanId = VlanId(5001);
/// 10.0.1.0/24, of which .100 to .109 are dynamic.
pub(crate) const LOWER: VlanId = VlanId(5002);

/// The region.
pub(crate) struct Region {
    pub(crate) state: State,
    next: u64,
    /// Cluster time.
    pub(crate) now: ClusterTime,
    saved: Option<State>,
    /// Times a rack told of a lease that somebody else has.
    pub(crate) contradictions: usize,
}

fn range(subnet: SubnetId, third: u8, last: u8) -> Command {
    let ip = |last| IpAddr::from([10, 0, third, last]);
    let (start_ip, end_ip) = (ip(100), ip(last));
    let range_type = IpRangeType::Dynamic;
    let comment = String::new();
    let range = IpRange { subnet, range_type, start_ip, end_ip, user: None, comment };
    Command::IpRange(Edit::Create(range))
}

fn key_of(rack: NodeId) -> SecretDigest {
    SecretDigest::of(&rack.0.to_le_bytes())
}

impl Region {
    pub(crate) fn founded() -> Self {
        let (state, now) = (State::new(Meta::default()), ClusterTime(1_000));
        let mut region = Self { state, next: 1, now, saved: None, contradictions: 0 };
        let domain = "maas".parse().unwrap();
        region.run(Command::Site(SiteCommand::Bootstrap { domain })).unwrap();
        region.run(Command::Vlan(Edit::Create(Vlan::new(FabricId(0), 10)))).unwrap();
        for _ in ALL_RACKS {
            let (node_type, fields) = (NodeType::RackController, NodePatch::default());
            let new = NewNode { node_type, fields, interfaces: Vec::new() };
            region.run(Command::Node(Box::new(NodeCommand::Create(new)))).unwrap();
        }
        ALL_RACKS.into_iter().for_each(|rack| region.enrol(rack));
        for (vlan, subnet, third, last) in [(UPPER, 1, 0, 119), (LOWER, 2, 1, 109)] {
            let cidr = format!("10.0.{third}.0/24").parse().unwrap();
            region.run(Command::Subnet(Edit::Create(Subnet::new(vlan, cidr)))).unwrap();
            region.run(range(SubnetId(subnet), third, last)).unwrap();
            region.serve(vlan, &RACKS);
        }
        region
    }

    /// More addresses of 10.0.0.0/24 are dynamic.
    pub(crate) fn add_range(&mut self, first: u8, last: u8) {
        let ip = |last| IpAddr::from([10, 0, 0, last]);
        let (subnet, range_type) = (SubnetId(1), IpRangeType::Dynamic);
        let (start_ip, end_ip, comment) = (ip(first), ip(last), String::new());
        let range = IpRange { subnet, range_type, start_ip, end_ip, user: None, comment };
        self.run(Command::IpRange(Edit::Create(range))).unwrap();
    }

    /// The rack gets its key.
    fn enrol(&mut self, rack: NodeId) {
        let (token, life) = (SecretDigest::of(b"token"), Millis::from_secs(60));
        let new = NewRackToken { digest: token, rack: Some(rack), life, created_by: "ann".into() };
        self.run(Command::RackToken(RackTokenCommand::Create(new))).unwrap();
        let wish = Enrol {
            token,
            key: key_of(rack),
            hostname: Hostname::new("rack").unwrap(),
            version: "1.0".into(),
            interfaces: Vec::new(),
        };
        self.run(Command::Rack(RackCommand::Enrol(wish))).unwrap();
    }

    /// These racks serve a VLAN from now on, in this order.
    pub(crate) fn serve(&mut self, id: VlanId, racks: &[NodeId]) {
        let patch = VlanPatch {
            dhcp_on: Some(!racks.is_empty()),
            primary_rack: Some(racks.first().copied()),
            secondary_rack: Some(racks.get(1).copied()),
            more_racks: Some(racks.iter().skip(2).copied().collect()),
            ..VlanPatch::default()
        };
        self.run(Command::Vlan(Edit::Update { id, patch })).unwrap();
    }

    pub(crate) fn run(&mut self, command: Command) -> Result<Outcome, Rejection> {
        let principal = "admin".into();
        let request = Request { principal, origin: None, key: None, guards: Vec::new(), command };
        let proposal = Proposal { at: self.now, wall: WallTime(0), request };
        let applied = apply(&self.state, self.next, &proposal);
        self.next += 1;
        self.state = applied.state;
        applied.reply.result
    }

    pub(crate) fn open(
        &mut self,
        rack: NodeId,
        life: Option<Incarnation>,
    ) -> Result<RackSession, Rejection> {
        match self.run(Command::Rack(RackCommand::OpenSession { rack, life, key: key_of(rack) }))? {
            Outcome::RackSession(session) => Ok(session),
            other => panic!("{other:?}"),
        }
    }

    /// Applies what a rack asks. An error is that of a session which is over.
    pub(crate) fn ask(
        &mut self,
        rack: NodeId,
        session: u64,
        steps: Vec<LeaseStep>,
    ) -> Result<(ClusterTime, Vec<LeaseAnswer>), Rejection> {
        match self.run(Command::Rack(RackCommand::Leases { rack, session, steps }))? {
            Outcome::Leases(answers) => {
                let is_contradiction =
                    |answer: &&LeaseAnswer| **answer == LeaseAnswer::Contradiction;
                self.contradictions += answers.iter().filter(is_contradiction).count();
                Ok((self.state.meta().now, answers))
            }
            other => panic!("{other:?}"),
        }
    }

    pub(crate) fn epoch(&self) -> u64 {
        self.state.meta().epoch
    }

    pub(crate) fn lease(&self, address: Ipv4Addr) -> Option<&Lease> {
        self.state.get::<Lease>(&address.into()).map(|row| &row.value)
    }

    /// The first address of each block of a rack.
    pub(crate) fn blocks_of(&self, rack: NodeId) -> Vec<IpAddr> {
        let blocks = self.state.tables().lease_blocks.iter();
        let own = blocks.filter(|(_, row)| row.value.block.server.rack == rack);
        own.map(|(first, _)| *first).collect()
    }

    pub(crate) fn save(&mut self) {
        self.saved = Some(self.state.clone());
    }

    /// What was saved is the state again, with a higher epoch, without blocks and sessions, and in quarantine. Returns
    /// whether anything was saved.
    pub(crate) fn restore(&mut self) -> bool {
        let Some(saved) = self.saved.clone() else { return false };
        let epoch = self.epoch() + 1;
        self.now = saved.meta().now;
        self.state = with_new_epoch(&saved, epoch, Precaution::Taken);
        true
    }

    /// The same by somebody who forgets to say so: racks hear of no new epoch, and nothing is in quarantine.
    pub(crate) fn restore_without_a_word(&mut self) -> bool {
        let Some(saved) = self.saved.clone() else { return false };
        let epoch = self.epoch();
        self.now = saved.meta().now;
        self.state = with_new_epoch(&saved, epoch, Precaution::Forgotten);
        true
    }

    /// What a rack is told: everything.
    pub(crate) fn told(&self, rack: NodeId) -> ViewChange {
        whole(&self.state, rack)
    }
}

/// What is done beside, when a state is restored.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Precaution {
    Taken,
    Forgotten,
}

/// The state, read back from its snapshot with these changes.
fn with_new_epoch(saved: &State, epoch: u64, precaution: Precaution) -> State {
    let mut records: Vec<Vec<u8>> = Vec::new();
    snapshot::write(saved, &mut |record| {
        records.push(record.to_vec());
        Ok::<(), std::convert::Infallible>(())
    })
    .unwrap();
    let mut header: Header = from_bare(&records[0]).unwrap();
    header.meta.epoch = epoch;
    let lives = saved.tables().rack_lives.iter();
    let servers: BTreeSet<Server> = lives.map(|(id, row)| row.value.server(*id)).collect();
    let (blocks, quarantines) = (Kind::LeaseBlock as u8, Kind::Quarantine as u8);
    let mut rows: Vec<Vec<u8>> = records.split_off(1);
    rows.retain(|row| row[0] != blocks && row[0] != quarantines);
    if precaution == Precaution::Taken {
        let value = Quarantine::begin(servers, saved.meta().now, &Terms::default());
        rows.push(record(Kind::Quarantine, QUARANTINE, value));
    }
    header.rows = rows.len() as u64;
    // The digest is that of the rows as they are found.
    let load = |header: &Header| {
        let mut loader = Loader::default();
        loader.record(&to_bare(header)).unwrap();
        rows.iter().for_each(|row| loader.record(row).unwrap());
        loader.finish()
    };
    match load(&header) {
        Err(SnapshotError::Digest { found, .. }) => {
            header.digest = found;
            load(&header).unwrap()
        }
        other => other.unwrap(),
    }
}

fn record(kind: Kind, id: QuarantineId, value: Quarantine) -> Vec<u8> {
    let (created, updated) = (WallTime(0), WallTime(0));
    let (created_revision, revision) = (Revision(0), Revision(0));
    let mut record = vec![kind as u8];
    record.extend(to_bare(&(id, Row { created_revision, revision, created, updated, value })));
    record
}
