//! A VLAN with a dynamic range, served by two racks.

use crate::region::Region;
use regent_core::command::Command;
use regent_core::command::edit::Edit;
use regent_core::command::node::{NewNode, NodeCommand, NodePatch};
use regent_core::command::rack::{ClientFacts, Enrol, LeaseStep, RackCommand};
use regent_core::command::rack_token::{NewRackToken, RackTokenCommand};
use regent_core::command::vlan::VlanPatch;
use regent_core::id::{NodeId, RackTokenId, SubnetId, SystemId, VlanId};
use regent_core::lease::adopt::Remaining;
use regent_core::lease::binding::{Client, Tenure};
use regent_core::lease::commit::Claim;
use regent_core::lease::server::Incarnation;
use regent_core::lease::terms::Terms;
use regent_core::model::dhcp_service::DhcpService;
use regent_core::model::hostname::Hostname;
use regent_core::model::ip_range::{IpRange, IpRangeType};
use regent_core::model::lease::Lease;
use regent_core::model::node::NodeType;
use regent_core::model::rack_life::{RackLife, RackSession};
use regent_core::model::secret_digest::SecretDigest;
use regent_core::model::subnet::Subnet;
use regent_core::net::mac::MacAddr;
use regent_core::outcome::{LeaseAnswer, Outcome};
use regent_core::rejection::Rejection;
use regent_core::time::Millis;
use std::net::IpAddr;

pub(crate) const VLAN: VlanId = VlanId(5001);
pub(crate) const SUBNET: SubnetId = SubnetId(1);
pub(crate) const EAST: NodeId = NodeId(1);
pub(crate) const WEST: NodeId = NodeId(2);
/// The rack of [`Site::with_a_third`].
pub(crate) const NORTH: NodeId = NodeId(3);
pub(crate) const EPOCH: u64 = 1;
/// How long tokens are good.
pub(crate) const TOKEN_LIFE: Millis = Millis::from_secs(3_600);

/// The region of that VLAN, and the sessions of its racks.
#[derive(Clone)]
pub(crate) struct Site {
    pub(crate) region: Region,
    number: u64,
}

pub(crate) fn ip(last: u8) -> IpAddr {
    [10, 0, 0, last].into()
}

pub(crate) fn client(last: u8) -> Client {
    Client::Card(MacAddr([0x52, 0x54, 0, 0, 0, last]))
}

/// The key of a rack in these tests.
pub(crate) fn key_of(rack: NodeId) -> SecretDigest {
    SecretDigest::of(&rack.0.to_le_bytes())
}

/// An enrolment by the token with this secret.
pub(crate) fn wish(secret: &str) -> Enrol {
    Enrol {
        token: SecretDigest::of(secret.as_bytes()),
        key: SecretDigest::of(b"new key"),
        hostname: Hostname::new("rack").unwrap(),
        version: "1.0".into(),
        interfaces: Vec::new(),
    }
}

pub(crate) fn patch(patch: VlanPatch) -> Command {
    Command::Vlan(Edit::Update { id: VLAN, patch })
}

/// 10.0.0.0/24, of which DHCP gives .100 to .199; both racks have a session.
pub(crate) fn served() -> Site {
    let mut region = Region::founded();
    let subnet = Subnet::new(VLAN, "10.0.0.0/24".parse().unwrap());
    region.run(Command::Subnet(Edit::Create(subnet))).unwrap();
    for _ in [EAST, WEST] {
        let (node_type, fields) = (NodeType::RackController, NodePatch::default());
        let new = NewNode { node_type, fields, interfaces: Vec::new() };
        region.run(Command::Node(Box::new(NodeCommand::Create(new)))).unwrap();
    }
    let range = IpRange {
        subnet: SUBNET,
        range_type: IpRangeType::Dynamic,
        start_ip: ip(100),
        end_ip: ip(199),
        user: None,
        comment: String::new(),
    };
    region.run(Command::IpRange(Edit::Create(range))).unwrap();
    let both = VlanPatch {
        dhcp_on: Some(true),
        primary_rack: Some(Some(EAST)),
        secondary_rack: Some(Some(WEST)),
        ..VlanPatch::default()
    };
    region.run(patch(both)).unwrap();
    let mut site = Site { region, number: 0 };
    for rack in [EAST, WEST] {
        site.enrol_again(rack);
        site.open(rack, None).unwrap();
    }
    site
}

impl Site {
    /// Another rack serves the VLAN after the two, and has a session.
    pub(crate) fn with_a_third(mut self) -> Self {
        let (node_type, fields) = (NodeType::RackController, NodePatch::default());
        let new = NewNode { node_type, fields, interfaces: Vec::new() };
        self.region.run(Command::Node(Box::new(NodeCommand::Create(new)))).unwrap();
        let more = VlanPatch { more_racks: Some(vec![NORTH]), ..VlanPatch::default() };
        self.region.run(patch(more)).unwrap();
        self.enrol_again(NORTH);
        self.open(NORTH, None).unwrap();
        self
    }

    pub(crate) fn open(
        &mut self,
        rack: NodeId,
        life: Option<Incarnation>,
    ) -> Result<RackSession, Rejection> {
        self.open_with(rack, life, key_of(rack))
    }

    pub(crate) fn leave(&mut self, rack: NodeId, key: SecretDigest) -> Result<Outcome, Rejection> {
        self.region.run(Command::Rack(RackCommand::Leave { rack, key }))
    }

    pub(crate) fn open_with(
        &mut self,
        rack: NodeId,
        life: Option<Incarnation>,
        key: SecretDigest,
    ) -> Result<RackSession, Rejection> {
        let opened = Command::Rack(RackCommand::OpenSession { rack, life, key });
        self.region.run(opened).map(|outcome| match outcome {
            Outcome::RackSession(session) => session,
            other => panic!("{other:?}"),
        })
    }

    /// A token with this secret.
    pub(crate) fn token(&mut self, secret: &str, rack: Option<NodeId>) -> RackTokenId {
        let (digest, life) = (SecretDigest::of(secret.as_bytes()), TOKEN_LIFE);
        let new = NewRackToken { digest, rack, life, created_by: "ann".into() };
        RackTokenId(self.region.create(Command::RackToken(RackTokenCommand::Create(new))))
    }

    pub(crate) fn enrol(&mut self, wish: Enrol) -> Result<(NodeId, SystemId), Rejection> {
        let enrolled = self.region.run(Command::Rack(RackCommand::Enrol(wish)));
        self.region.assert_sound(&"enrolment");
        enrolled.map(|outcome| match outcome {
            Outcome::Enrolled { rack, system_id } => (rack, system_id),
            other => panic!("{other:?}"),
        })
    }

    /// Lets a rack go on as what it is, with the key it always has in these tests.
    pub(crate) fn enrol_again(&mut self, rack: NodeId) {
        self.token("again", Some(rack));
        self.enrol(Enrol { key: key_of(rack), ..wish("again") }).unwrap();
    }

    /// What the region answers to one step, asked in the rack's present session.
    pub(crate) fn ask(&mut self, rack: NodeId, step: LeaseStep) -> LeaseAnswer {
        let session = self.session(rack);
        self.ask_in(rack, session, vec![step]).unwrap()[0]
    }

    /// The number of the rack's present session.
    pub(crate) fn session(&self, rack: NodeId) -> u64 {
        let mut lives = self.region.state.tables().rack_lives.iter().map(|(_, row)| &row.value);
        let present = |life: &&RackLife| life.rack == rack && life.over.is_none();
        lives.find(present).unwrap().session.unwrap()
    }

    pub(crate) fn ask_in(
        &mut self,
        rack: NodeId,
        session: u64,
        steps: Vec<LeaseStep>,
    ) -> Result<Vec<LeaseAnswer>, Rejection> {
        let asked = Command::Rack(RackCommand::Leases { rack, session, steps });
        let answers = self.region.run(asked).map(|outcome| match outcome {
            Outcome::Leases(answers) => answers,
            other => panic!("{other:?}"),
        });
        self.region.assert_sound(&"steps of a rack");
        answers
    }

    /// The next number of a rack's message.
    pub(crate) fn number(&mut self) -> u64 {
        self.number += 1;
        self.number
    }

    pub(crate) fn commit(&mut self, address: IpAddr, client: Client) -> LeaseStep {
        self.commit_in(EPOCH, address, client)
    }

    pub(crate) fn commit_in(&mut self, epoch: u64, address: IpAddr, client: Client) -> LeaseStep {
        LeaseStep::Commit {
            number: self.number(),
            epoch,
            address,
            client,
            life: Terms::default().life,
            tenure: Tenure::Leased,
            attested: false,
            claim: Claim::Offered,
            facts: ClientFacts::default(),
        }
    }

    pub(crate) fn adopt(
        &mut self,
        address: IpAddr,
        client: Client,
        remaining: Millis,
    ) -> LeaseStep {
        let (number, as_of) = (self.number(), self.region.state.meta().now);
        let (remaining, facts) = (Remaining::Exactly(remaining), ClientFacts::default());
        let tenure = Tenure::Leased;
        LeaseStep::Adopt { number, as_of, address, client, remaining, tenure, facts }
    }

    pub(crate) fn relinquish(&mut self, address: IpAddr, client: Client) -> LeaseStep {
        let (number, remaining) = (self.number(), Millis(0));
        LeaseStep::Relinquish { number, address, client, remaining }
    }

    /// Gives an address to a client by a rack.
    pub(crate) fn lease(&mut self, rack: NodeId, address: IpAddr, client: Client) {
        let commit = self.commit(address, client);
        let answer = self.ask(rack, commit);
        assert!(matches!(answer, LeaseAnswer::Committed { .. }), "{answer:?}");
    }

    pub(crate) fn pass(&mut self, time: Millis) {
        self.region.now = self.region.now.after(time);
        self.region.run(Command::Tick).unwrap();
    }

    pub(crate) fn recorded(&self, address: IpAddr) -> &Lease {
        &self.region.state.get::<Lease>(&address).unwrap().value
    }

    pub(crate) fn service(&self) -> &DhcpService {
        &self.region.state.get::<DhcpService>(&VLAN).unwrap().value
    }
}
