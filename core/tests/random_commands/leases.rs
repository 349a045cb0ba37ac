//! Random leases that come from elsewhere or end, as people and imports have it. What racks ask is in `racks`.

use super::choices::Choices;
use super::racks;
use regent_core::command::Command;
use regent_core::command::lease::{ForeignHolder, ForeignLease, ForeignLeases, LeaseCommand};
use regent_core::command::rack::ClientFacts;
use regent_core::lease::binding::{Binding, Client, Held};
use regent_core::lease::give_up::Ending;
use regent_core::model::lease::Lease;
use regent_core::time::{ClusterTime, Millis, WallTime};
use std::net::IpAddr;

/// A lease as people bring it from elsewhere, or take it away.
pub(crate) fn lease(c: &mut Choices) -> Command {
    let address = c.address();
    if c.once_in(4) {
        return Command::Lease(LeaseCommand::Forget { address });
    }
    if c.once_in(4) {
        let ending = c.of(&[Ending::ClientMayBeThere, Ending::ClientIsGone]);
        return Command::Lease(LeaseCommand::End { address, ending, by: "ann".into() });
    }
    if c.once_in(4) {
        return foreign_lease(c, address);
    }
    let helds = [Held::Bound, Held::Released, Held::Declined];
    let lease = Lease {
        binding: Binding::new(
            Some(Client::Card(c.mac())),
            c.of(&helds),
            ClusterTime(2 + c.below(9_000)),
        ),
        client_id: Vec::new(),
        hostname: racks::hostname(c),
        subnet: c.maybe(Choices::id),
        rack: None,
        start: ClusterTime(1),
        rests_until: ClusterTime(2),
        is_past: false,
    };
    Command::Lease(LeaseCommand::Record { address, lease })
}

/// A lease of another DHCP server.
fn foreign_lease(c: &mut Choices, address: IpAddr) -> Command {
    let holder = c.maybe(|c| ForeignHolder {
        client: Client::Card(c.mac()),
        facts: ClientFacts { client_id: Vec::new(), hostname: racks::hostname(c) },
        remaining: Millis(c.below(900)),
    });
    let (as_of, longest) = (WallTime(i64::from(c.small(3))), Millis(c.below(900)));
    let leases = vec![ForeignLease { address, holder }];
    Command::Lease(LeaseCommand::Import(ForeignLeases { as_of, longest, leases }))
}
