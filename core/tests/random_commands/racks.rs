//! What racks may ask, at random.

use super::choices::Choices;
use regent_core::command::Command;
use regent_core::command::edit::Edit;
use regent_core::command::rack::{ClientFacts, LeaseStep, RackCommand};
use regent_core::command::vlan::VlanPatch;
use regent_core::id::{NodeId, SubnetId, VlanId};
use regent_core::lease::adopt::Remaining;
use regent_core::lease::binding::Client;
use regent_core::lease::server::Incarnation;
use regent_core::model::ip_range::{IpRange, IpRangeType};
use regent_core::time::{ClusterTime, Millis};

/// A VLAN that the rack of the groundwork, node 2, serves in a session.
pub(crate) fn served() -> [Command; 3] {
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
        Command::Rack(RackCommand::OpenSession { rack: NodeId(2), life: None }),
    ]
}

/// Sessions that [`served`] opens: their numbers are the revisions, behind the groundwork without and with an import.
const SESSIONS: [u64; 2] = [9, 12];

/// A session of a rack, or what it asks in one. The rack of the groundwork is node 2.
pub(super) fn rack(c: &mut Choices) -> RackCommand {
    let rack = if c.once_in(6) { c.id() } else { NodeId(2) };
    if c.once_in(4) {
        let life = c.maybe(|c| Incarnation(1 + c.small(3)));
        return RackCommand::OpenSession { rack, life };
    }
    let count = 1 + c.below(3);
    let steps = (0..count).map(|_| lease_step(c)).collect();
    RackCommand::Leases { rack, session: c.of(&SESSIONS), steps }
}

fn lease_step(c: &mut Choices) -> LeaseStep {
    let (address, client) = (c.address(), Client::Card(c.mac()));
    let (number, epoch) = (1 + c.below(30), c.below(3));
    let facts = ClientFacts { hostname: hostname(c), ..ClientFacts::default() };
    let remaining = Millis(c.below(900));
    match c.below(12) {
        0 => LeaseStep::Release { number, address, client },
        1 => LeaseStep::Decline { number, address, client },
        2 => LeaseStep::FoundInUse { epoch, address },
        3 => LeaseStep::Relinquish { number, address, client, remaining },
        4 => {
            let (as_of, remaining) = (ClusterTime(c.below(2000)), Remaining::Exactly(remaining));
            LeaseStep::Adopt { number, as_of, address, client, remaining, facts }
        }
        5 => LeaseStep::Adopted,
        6 | 7 => LeaseStep::Delegate { number, epoch, subnet: SubnetId(1), count: c.small(4) },
        8 => LeaseStep::Extend { first: address },
        9 => LeaseStep::Return { number, first: address },
        _ => {
            let (life, attested) = (Millis(1 + c.below(500)), c.once_in(2));
            LeaseStep::Commit { number, epoch, address, client, life, attested, facts }
        }
    }
}

/// What a client calls itself.
pub(super) fn hostname(c: &mut Choices) -> String {
    c.of(&["", "a", "b", "B", "web", "10-0-0-3", "x_a"]).to_owned()
}
