//! What racks asked for in the committed log and got: the other side of every ACK a client heard.

use regent_core::apply::Reply;
use regent_core::command::Command;
use regent_core::command::rack::{LeaseStep, RackCommand};
use regent_core::lease::binding::Client;
use regent_core::outcome::{LeaseAnswer, Outcome};
use regent_core::time::WallTime;
use std::net::IpAddr;
use std::time::Duration;

/// An address that is a client's by the log.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Recorded {
    /// The client.
    pub client: Client,
    /// Its address.
    pub address: IpAddr,
    /// How it came to be recorded.
    pub way: Way,
}

/// How a lease comes into the log.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Way {
    /// The rack asked before it acknowledged, and the leader proposed it at this time since 1970, in whole milliseconds.
    Committed(Duration),
    /// The rack gave it alone and told afterwards, which the leader proposed at this time since 1970.
    Adopted(Duration),
}

/// The leases that a command, proposed then, put into the log with this answer.
#[must_use]
pub fn recorded(command: &Command, wall: WallTime, reply: &Reply) -> Vec<Recorded> {
    let Command::Rack(RackCommand::Leases { steps, .. }) = command else { return Vec::new() };
    let Ok(Outcome::Leases(answers)) = &reply.result else { return Vec::new() };
    let at = Duration::from_millis(u64::try_from(wall.0).unwrap_or_default());
    steps.iter().zip(answers).filter_map(|(step, answer)| one(step, answer, at)).collect()
}

fn one(step: &LeaseStep, answer: &LeaseAnswer, at: Duration) -> Option<Recorded> {
    let recorded = |client: &Client, address: &IpAddr, way| {
        Some(Recorded { client: client.clone(), address: *address, way })
    };
    if let LeaseStep::Commit { client, address, .. } = step
        && let LeaseAnswer::Committed { .. } = answer
    {
        return recorded(client, address, Way::Committed(at));
    }
    if let LeaseStep::Adopt { client, address, .. } = step
        && *answer == LeaseAnswer::Done
    {
        return recorded(client, address, Way::Adopted(at));
    }
    None
}

#[cfg(test)]
mod tests {
    use super::{Way, recorded};
    use regent_core::apply::Reply;
    use regent_core::command::Command;
    use regent_core::command::rack::{ClientFacts, LeaseStep, RackCommand};
    use regent_core::id::NodeId;
    use regent_core::lease::binding::{Client, Tenure};
    use regent_core::lease::commit::Claim;
    use regent_core::lease::refusal::Refusal;
    use regent_core::net::mac::MacAddr;
    use regent_core::outcome::{LeaseAnswer, Outcome};
    use regent_core::revision::Revision;
    use regent_core::time::{ClusterTime, Millis, WallTime};
    use std::net::IpAddr;
    use std::time::Duration;

    fn commit(last: u8) -> LeaseStep {
        LeaseStep::Commit {
            number: 1,
            epoch: 1,
            address: IpAddr::from([10, 0, 0, last]),
            client: Client::Card(MacAddr([2, 0, 0, 0, 0, last])),
            life: Millis(1),
            tenure: Tenure::Leased,
            attested: false,
            claim: Claim::Offered,
            facts: ClientFacts::default(),
        }
    }

    #[test]
    fn only_what_was_granted_is_recorded() {
        let command =
            RackCommand::Leases { rack: NodeId(1), session: 1, steps: vec![commit(7), commit(8)] };
        let granted = LeaseAnswer::Committed { until: ClusterTime(1), autonomy: Millis(0) };
        let refused = LeaseAnswer::Refused(Refusal::Owned { until: ClusterTime(1) });
        let result = Ok(Outcome::Leases(vec![refused, granted]));
        let reply = Reply { revision: Revision(1), result, replayed: false };
        let leases = recorded(&Command::Rack(command), WallTime(1500), &reply);
        let [lease] = &leases[..] else { panic!("{leases:?}") };
        assert_eq!(lease.address, IpAddr::from([10, 0, 0, 8]));
        assert_eq!(lease.way, Way::Committed(Duration::from_millis(1500)));
    }
}
