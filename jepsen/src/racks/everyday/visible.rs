//! How soon after its ACK a client's name is there, on each node: told, and judged where there is time for enough of them. The
//! ACK has the kernel's stamp at the client's cable; each node is asked every millisecond.

use crate::lab::client::{Client, Kind};
use crate::lab::client_event::Happening;
use crate::lab::lookout::look_out;
use crate::lab::reply_watch::ReplyWatch;
use crate::racks::arguments::Extent;
use crate::racks::findings::{Findings, spread};
use crate::racks::site::{NODES, PATIENCE, Site};
use std::time::Duration;

/// 99 of 100 names are on every node so soon.
const LATE_MAX: Duration = Duration::from_millis(50);
const BINDINGS_SHORT: usize = 20;
const BINDINGS_FULL: usize = 120;

/// One machine, which gets another card again and again.
///
/// # Errors
/// If it could not be played.
pub async fn play(site: &Site, extent: Extent, findings: &mut Findings) -> anyhow::Result<Client> {
    let bindings = match extent {
        Extent::Short => BINDINGS_SHORT,
        Extent::Full => BINDINGS_FULL,
    };
    if extent == Extent::Full {
        // What is given back rests for a while.
        site.add_addresses()?;
    }
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
        let mut replies = ReplyWatch::of(&client, &site.served).await?;
        client.start(&[])?;
        let bound = client.awaits(Happening::Bound, seen, PATIENCE).await?;
        let acked = ack(&mut replies).await?;
        let own = site.node_of(site.rack_of(&bound)?)?;
        for (node, lookout) in lookouts.into_iter().enumerate() {
            let seen = lookout.join().expect("it does not panic")?;
            let Some(late) = seen.map(|seen| seen.saturating_sub(acked)) else {
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
    let late = elsewhere.iter().filter(|late| **late > LATE_MAX).count();
    let (all, told) = (elsewhere.len(), spread(elsewhere));
    findings.tell(format!("name at other nodes after the ACK: {told}"));
    match extent {
        // It runs beside other tests.
        Extent::Short => {}
        Extent::Full => findings.check(late * 100 <= all, || format!("not within 50 ms: {told}")),
    }
    Ok(client)
}

/// When the ACK came.
async fn ack(replies: &mut ReplyWatch) -> anyhow::Result<Duration> {
    loop {
        let reply = replies.next().await?;
        if reply.kind == "ACK" {
            return Ok(reply.at);
        }
    }
}
