//! How soon after its ACK a client's name is there, on each node: told, not judged. The client notes the time when its script
//! runs, which is some milliseconds after the ACK.

use crate::lab::client::{Client, Kind};
use crate::lab::client_event::Happening;
use crate::lab::lookout::look_out;
use crate::racks::arguments::Extent;
use crate::racks::findings::{Findings, spread};
use crate::racks::site::{NODES, PATIENCE, Site};
use std::time::Duration;

const BINDINGS_SHORT: usize = 20;
const BINDINGS_FULL: usize = 200;

/// One machine, which gets another card again and again.
///
/// # Errors
/// If it could not be played.
pub async fn play(site: &Site, extent: Extent, findings: &mut Findings) -> anyhow::Result<Client> {
    let bindings = match extent {
        Extent::Short => BINDINGS_SHORT,
        Extent::Full => BINDINGS_FULL,
    };
    let mut client = site.client("many", Kind::Udhcpc)?;
    let (mut there, mut elsewhere) = (Vec::new(), Vec::new());
    for number in 0..bindings {
        client.set_mac(&format!("02:00:00:00:01:{number:02x}"))?;
        client.hostname = format!("many-{number}");
        let mut lookouts = Vec::new();
        for node in 0..NODES {
            let (machine, server) = (site.region.machine(node), site.region.dns(node));
            lookouts.push(look_out(machine, &server, &format!("many-{number}.maas"))?);
        }
        let seen = client.events()?.len();
        client.start(&[])?;
        let bound = client.awaits(Happening::Bound, seen, PATIENCE).await?;
        let own = site.node_of(site.rack_of(&bound)?)?;
        for (node, lookout) in lookouts.into_iter().enumerate() {
            let seen = lookout.join().expect("it does not panic")?;
            let Some(late) = seen.map(|seen| seen.saturating_sub(bound.at)) else {
                findings.broken.push(format!("many-{number} never came to node {node}"));
                continue;
            };
            if node == own { &mut there } else { &mut elsewhere }.push(late);
        }
        client.release().await?;
    }
    let at_once = there.iter().filter(|late| **late == Duration::ZERO).count();
    findings.tell(format!(
        "name at the rack's node after the ACK: {}, {at_once} before it",
        spread(there)
    ));
    findings.tell(format!("name at other nodes after the ACK: {}", spread(elsewhere)));
    Ok(client)
}
