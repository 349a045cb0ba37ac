//! What racks may ask, at random.

use super::choices::Choices;
use regent_core::command::Command;
use regent_core::command::edit::Edit;
use regent_core::command::node::NewInterface;
use regent_core::command::rack::{ClientFacts, Enrol, LeaseStep, RackCommand, SawServer};
use regent_core::command::rack_token::{NewRackToken, RackTokenCommand};
use regent_core::command::vlan::VlanPatch;
use regent_core::id::{NodeId, RackTokenId, SubnetId, VlanId};
use regent_core::lease::adopt::Remaining;
use regent_core::lease::binding::{Client, Tenure};
use regent_core::lease::commit::Claim;
use regent_core::lease::server::Incarnation;
use regent_core::model::hostname::Hostname;
use regent_core::model::ip_range::{IpRange, IpRangeType};
use regent_core::model::secret_digest::SecretDigest;
use regent_core::time::{ClusterTime, Millis};

/// A VLAN that the rack of the groundwork, node 2, serves in a session.
pub(crate) fn served() -> [Command; 5] {
    let range = IpRange {
        subnet: SubnetId(1),
        range_type: IpRangeType::Dynamic,
        start_ip: [10, 0, 0, 2].into(),
        end_ip: [10, 0, 0, 7].into(),
        user: None,
        comment: String::new(),
    };
    let (dhcp_on, primary_rack) = (Some(true), Some(Some(NodeId(2))));
    let patch = VlanPatch { dhcp_on, primary_rack, ..VlanPatch::default() };
    [
        Command::IpRange(Edit::Create(range)),
        Command::Vlan(Edit::Update { id: VlanId(5001), patch }),
        Command::RackToken(RackTokenCommand::Create(token(0, Some(NodeId(2))))),
        Command::Rack(RackCommand::Enrol(enrol(0, Vec::new()))),
        Command::Rack(RackCommand::OpenSession { rack: NodeId(2), life: None, key: KEY }),
    ]
}

/// The key of every rack that enrols.
const KEY: SecretDigest = SecretDigest([9; 32]);

/// Sessions that [`served`] opens: their numbers are the revisions, behind the groundwork without, mostly, and with an
/// import.
const SESSIONS: [u64; 4] = [11, 11, 11, 14];

/// A token with which a rack enrols, or that.
pub(super) fn enrolment(c: &mut Choices) -> Command {
    if c.once_in(2) {
        return Command::RackToken(rack_token(c));
    }
    let card = |c: &mut Choices| NewInterface {
        name: c.of(&["eth0", "eth1"]).to_owned(),
        mac_address: c.mac(),
        vlan: None,
    };
    let cards = c.maybe(card).into_iter().collect();
    Command::Rack(RackCommand::Enrol(enrol(c.small(2), cards)))
}

fn rack_token(c: &mut Choices) -> RackTokenCommand {
    if c.once_in(3) {
        return RackTokenCommand::Delete { id: RackTokenId(1 + c.small(2)) };
    }
    let mut token = token(c.small(2), c.maybe(|c| if c.once_in(3) { c.id() } else { NodeId(2) }));
    token.life = Millis(c.below(5_000));
    RackTokenCommand::Create(token)
}

fn secret(number: u32) -> SecretDigest {
    SecretDigest::of(&number.to_le_bytes())
}

fn token(number: u32, rack: Option<NodeId>) -> NewRackToken {
    let (digest, life) = (secret(number), Millis(60_000));
    NewRackToken { digest, rack, life, created_by: "admin".into() }
}

fn enrol(token: u32, interfaces: Vec<NewInterface>) -> Enrol {
    let hostname = Hostname::new("rack").unwrap();
    Enrol { token: secret(token), key: KEY, hostname, version: String::new(), interfaces }
}

/// A session of a rack, or what it asks in one. The rack of the groundwork is node 2.
pub(super) fn rack(c: &mut Choices) -> RackCommand {
    let rack = if c.once_in(6) { c.id() } else { NodeId(2) };
    if c.once_in(8) {
        let life = c.maybe(|c| Incarnation(1 + c.small(3)));
        let key = if c.once_in(8) { secret(0) } else { KEY };
        return RackCommand::OpenSession { rack, life, key };
    }
    if c.once_in(6) {
        let (vlan, link, server) = (VlanId(5001), c.address(), c.address());
        let heard = SawServer { vlan, link, server };
        return RackCommand::SawServer { rack, session: c.of(&SESSIONS), heard };
    }
    if c.once_in(6) {
        return RackCommand::Leave { rack, key: KEY };
    }
    let count = 1 + c.below(3);
    let steps = (0..count).map(|_| lease_step(c)).collect();
    RackCommand::Leases { rack, session: c.of(&SESSIONS), steps }
}

fn lease_step(c: &mut Choices) -> LeaseStep {
    let given = |c: &mut Choices| [10, 0, 0, 2 + u8::try_from(c.below(6)).unwrap()].into();
    let address = if c.once_in(3) { c.address() } else { given(c) };
    let client = Client::Card(c.mac());
    let (number, epoch) = (1 + c.below(30), c.of(&[0, 1, 1, 2, 2]));
    let facts = ClientFacts { hostname: hostname(c), ..ClientFacts::default() };
    let remaining = Millis(c.below(900));
    let tenure = if c.once_in(4) { Tenure::ForGood } else { Tenure::Leased };
    match c.below(12) {
        0 => LeaseStep::Release { number, address, client },
        1 => LeaseStep::Decline { number, address, client },
        2 => LeaseStep::FoundInUse { epoch, address },
        3 => LeaseStep::Relinquish { number, address, client, remaining },
        4 => {
            let (as_of, remaining) = (ClusterTime(c.below(2000)), Remaining::Exactly(remaining));
            LeaseStep::Adopt { number, as_of, address, client, remaining, tenure, facts }
        }
        5 => LeaseStep::Adopted,
        6 | 7 => LeaseStep::Delegate { number, epoch, subnet: SubnetId(1), count: c.small(4) },
        8 => LeaseStep::Extend { first: address },
        9 => LeaseStep::Return { number, first: address },
        _ => {
            let (life, attested) = (Millis(1 + c.below(500)), c.once_in(2));
            let claim = if c.once_in(2) { Claim::Held } else { Claim::Offered };
            LeaseStep::Commit {
                number,
                epoch,
                address,
                client,
                life,
                tenure,
                attested,
                claim,
                facts,
            }
        }
    }
}

/// What a client calls itself.
pub(super) fn hostname(c: &mut Choices) -> String {
    c.of(&["", "a", "b", "B", "web", "10-0-0-3", "x_a"]).to_owned()
}
