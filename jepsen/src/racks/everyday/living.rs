//! The life of a client: it gets an address, keeps it, gives it back and gets it again, and the region knows.

use crate::lab::client::{Client, Kind};
use crate::lab::client_event::{ClientEvent, Happening};
use crate::racks::findings::Findings;
use crate::racks::site::{NODES, PATIENCE, Site, is_bound};

/// So short that a client which knows no order to renew does it while it is looked at.
const WISH_SECS: u32 = 30;

/// Clients of all kinds at once.
///
/// # Errors
/// If it could not be played.
pub async fn play(site: &Site, findings: &mut Findings) -> anyhow::Result<Vec<Client>> {
    let mut clients = Vec::new();
    for kind in Kind::ALL {
        let mut client = site.client(kind.program(), kind)?;
        client.wish_secs = Some(WISH_SECS);
        client.start(&[])?;
        clients.push(client);
    }
    let mut had = Vec::new();
    for client in &clients {
        let Some(bound) = findings.need(client.awaits(Happening::Bound, 0, PATIENCE).await) else {
            return Ok(clients);
        };
        is_known(site, client, &bound, findings).await?;
        had.push(bound);
    }
    for client in &clients {
        if client.kind != Kind::Dhclient {
            client.renew()?;
        }
        findings.need(client.awaits(Happening::Renewed, 1, PATIENCE).await);
    }
    for (client, had) in clients.iter_mut().zip(had) {
        client.release().await?;
        is_forgotten(site, client, &had, findings).await;
        let seen = client.events()?.len();
        client.start(&[])?;
        let again = findings.need(client.awaits(Happening::Bound, seen, PATIENCE).await);
        let name = &client.name;
        findings.check(again.as_ref().is_some_and(|again| again.address == had.address), || {
            format!("{name} had {had:?} and got {again:?}")
        });
        findings.tell(format!("{name}: got, renewed, gave back and got again"));
    }
    Ok(clients)
}

/// At the ACK: lease and names at the node the rack speaks to; then at all.
async fn is_known(
    site: &Site,
    client: &Client,
    bound: &ClientEvent,
    findings: &mut Findings,
) -> anyhow::Result<()> {
    let node = site.node_of(site.rack_of(bound)?)?;
    let address = bound.address.map(|address| address.to_string()).unwrap_or_default();
    let lease =
        site.region.command_of(node, &format!("api get /v1/leases/{address}?consistency=stale"))?;
    let is_its = lease["mac_address"] == client.mac()?;
    findings.check(is_bound(&lease) && is_its, || format!("{bound:?} but {lease}"));
    let host = format!("{}.maas.", client.hostname);
    for number in std::iter::once(node).chain(0..NODES) {
        let is_there = || {
            let forward = site.region.dig(number, &format!("{host} A"));
            let reverse = site.region.dig(number, &format!("-x {address}"));
            // The address has a name of its own beside that of its client.
            forward.is_ok_and(|told| told == address)
                && reverse.is_ok_and(|told| told.lines().any(|name| name == host))
        };
        if number == node {
            findings.check(is_there(), || format!("{host} is not {address} at its node"));
        } else {
            findings.need(site.await_that(&format!("{host} is {address}"), is_there).await);
        }
    }
    Ok(())
}

/// The lease has ended, and its name is gone.
async fn is_forgotten(site: &Site, client: &Client, had: &ClientEvent, findings: &mut Findings) {
    let host = format!("{}.maas.", client.hostname);
    let is_gone = || {
        let forward = site.region.dig(0, &format!("{host} A"));
        !is_bound(&site.lease_of(had)) && forward.is_ok_and(|told| told.is_empty())
    };
    findings.need(site.await_that(&format!("{host} was given back"), is_gone).await);
}
