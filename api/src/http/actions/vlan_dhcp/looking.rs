//! Looking for DHCP servers that are not ours on a VLAN, through those of its racks that are connected there.

use crate::http::actions::vlan_dhcp::standing::name_of;
use crate::http::context::Context;
use crate::rack_board::probe::{Finding, NotLooked, ProbeKey};
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
    /// Why some rack cannot look.
    pub warnings: Vec<String>,
    /// Why some rack that can did not: who answers there is not known.
    pub failures: Vec<String>,
}

/// Has the racks look.
pub async fn look(context: &Context, state: &State, vlan: VlanId, racks: &[NodeId]) -> Looked {
    let looks = join_all(racks.iter().map(|rack| through(context, state, vlan, *rack))).await;
    let mut looked = Looked::default();
    for (rack, outcome) in racks.iter().zip(looks) {
        let (list, why) = match outcome {
            Ok(servers) => {
                looked.servers.extend(servers);
                continue;
            }
            Err(NotLooked::Unable(why)) => (&mut looked.warnings, why),
            Err(NotLooked::Failed(why)) => (&mut looked.failures, why),
        };
        let name = name_of(state, *rack);
        list.push(format!("rack {name} did not look for DHCP servers that are not ours: {why}"));
    }
    looked
}

async fn through(
    context: &Context,
    state: &State,
    vlan: VlanId,
    rack: NodeId,
) -> Result<Vec<Ipv4Addr>, NotLooked> {
    let unable = |why: &str| NotLooked::Unable(why.to_owned());
    let failed = |why: &str| NotLooked::Failed(why.to_owned());
    let everyone = context.racks.everyone();
    let status = everyone.racks.get(&rack).map(|(_, status)| status);
    let status = status.filter(|status| status.connected);
    let status = status.ok_or_else(|| unable("it is not connected"))?;
    let unseen = "it has no address on the VLAN, which cannot be probed from elsewhere";
    let link = link_on(state, status, vlan).ok_or_else(|| unable(unseen))?;
    let own = context.region.identity().node_id;
    let look = context.racks.look(own, (rack, vlan, link));
    let look = look.ok_or_else(|| failed("too many looks are under way"))?;
    let found = timeout(LOOK_TIME, found(context, look.key)).await;
    let found = found.map_err(|_| failed("it did not answer in time"))?;
    let Finding { servers, trouble, .. } = found;
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
