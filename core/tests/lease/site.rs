//! A VLAN with two racks, three clients and one address.

use regent_core::id::NodeId;
use regent_core::lease::binding::{Binding, Client, Tenure};
use regent_core::lease::commit::{self, Claim, Commit};
use regent_core::lease::free::Standing;
use regent_core::lease::refusal::Refusal;
use regent_core::lease::server::{Incarnation, Server};
use regent_core::lease::terms::Terms;
use regent_core::net::mac::MacAddr;
use regent_core::time::{ClusterTime, Millis};

/// Ten minutes, an hour beyond, an hour's blocks, clocks that are wrong by a thousandth.
pub(crate) fn terms() -> Terms {
    let hour = Millis::from_secs(3_600);
    Terms::new(Millis::from_secs(600), hour, hour, 1_000)
}

pub(crate) fn rack(number: u32) -> Server {
    Server { rack: NodeId(number), incarnation: Incarnation(0) }
}

pub(crate) fn client(number: u8) -> Client {
    Client::Card(MacAddr([2, 0, 0, 0, 0, number]))
}

pub(crate) fn at(secs: u64) -> ClusterTime {
    ClusterTime(0).after(Millis::from_secs(secs))
}

/// The moment before.
pub(crate) fn just_before(time: ClusterTime) -> ClusterTime {
    ClusterTime(time.0 - 1)
}

/// Nothing is recorded of the address.
pub(crate) const UNKNOWN: Standing<'static> =
    Standing { binding: None, block: None, kept_for: None, closed_until: None, quarantine: None };

/// This much is recorded.
pub(crate) fn recorded(binding: &Binding) -> Standing<'_> {
    Standing { binding: Some(binding), ..UNKNOWN }
}

/// A rack asks for the full length.
pub(crate) fn asks(server: Server, number: u64, client: Client) -> Commit {
    let (life, tenure, claim) = (terms().life, Tenure::Leased, Claim::Offered);
    Commit { server, number, client, life, tenure, attested: false, claim }
}

pub(crate) fn try_commit(
    standing: &Standing<'_>,
    asked: &Commit,
    now: ClusterTime,
) -> Result<Binding, Refusal> {
    commit::commit(standing, asked, now, &terms())
}

/// The first client got the address at 0 through the first rack, in its message 1.
pub(crate) fn held() -> Binding {
    try_commit(&UNKNOWN, &asks(rack(1), 1, client(1)), at(0)).expect("nobody has it")
}
