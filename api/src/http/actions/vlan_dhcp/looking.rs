//! Looking for DHCP servers that are not ours on a VLAN, through those of its racks that are connected there.

use crate::http::actions::vlan_dhcp::standing::name_of;
use crate::http::context::Context;
use crate::rack_board::probe::{Finding, ProbeKey};
use crate::rack_board::seen::link_on;
use futures::future::join_all;
use regent_core::id::{NodeId, VlanId};
use regent_core::state::State;
use std::collections::BTreeSet;
use std::net::Ipv4Addr;
use std::time::Duration;
use tokio::time::timeout;

/// What a rack gets to look and to tell, whichever node it is connected to: it looks for three seconds.
pub const LOOK_TIME: Duration = Duration::from_secs(8);

/// What was found.
#[derive(Debug, Default)]
pub struct Looked {
    /// Servers that answer.
    pub servers: BTreeSet<Ipv4Addr>,
    /// Why some rack did not look.
    pub warnings: Vec<String>,
}

/// Has the racks look.
pub async fn look(context: &Context, state: &State, vlan: VlanId, racks: &[NodeId]) -> Looked {
    let looks = join_all(racks.iter().map(|rack| through(context, state, vlan, *rack))).await;
    let mut looked = Looked::default();
    for (rack, outcome) in racks.iter().zip(looks) {
        match outcome {
            Ok(servers) => looked.servers.extend(servers),
            Err(why) => looked.warnings.push(format!(
                "rack {} did not look for DHCP servers that are not ours: {why}",
                name_of(state, *rack)
            )),
        }
    }
    looked
}

async fn through(
    context: &Context,
    state: &State,
    vlan: VlanId,
    rack: NodeId,
) -> Result<Vec<Ipv4Addr>, String> {
    let everyone = context.racks.everyone();
    let status = everyone.racks.get(&rack).map(|(_, status)| status);
    let status = status.filter(|status| status.connected).ok_or("it is not connected")?;
    let link = link_on(state, status, vlan);
    let link =
        link.ok_or("it has no address on the VLAN, which cannot be probed from elsewhere")?;
    let own = context.region.identity().node_id;
    let look = context.racks.look(own, (rack, vlan, link)).ok_or("too many looks are under way")?;
    let found = timeout(LOOK_TIME, found(context, look.key)).await;
    let Finding { servers, trouble, .. } = found.map_err(|_| "it did not answer in time")?;
    trouble.map_or(Ok(servers), Err)
}

async fn found(context: &Context, key: ProbeKey) -> Finding {
    let mut everyone = context.racks.follow();
    loop {
        if let Some(finding) = everyone.borrow_and_update().findings.get(&key) {
            return finding.clone();
        }
        if everyone.changed().await.is_err() {
            std::future::pending::<()>().await;
        }
    }
}
