//! All nodes of the region are away: renewals go on within what racks may do alone, new clients are served from blocks, and
//! when the region is back it learns of everything.

use crate::lab::client::{Client, Kind};
use crate::lab::client_event::{ClientEvent, Happening};
use crate::lab::rack::Rack;
use crate::racks::arguments::Extent;
use crate::racks::findings::Findings;
use crate::racks::site::{Executables, PATIENCE, Site, check_holds, is_bound};
use std::time::Duration;
use tokio::time::{Instant, sleep_until};

/// Shorter than what a rack may do alone by far, so that clients renew several times.
const WISH_SECS: u32 = 30;
/// How long the region is away when there is time: longer than racks may give anything.
const AWAY_FULL: Duration = Duration::from_secs(600);
/// What is so set that everything runs out in that time.
const SETTINGS: [(&str, u32); 3] =
    [("lease_life_s", 120), ("autonomy_s", 120), ("block_term_s", 180)];
/// For how long a client that nobody may serve is seen to get nothing.
const SILENCE: Duration = Duration::from_secs(20);

/// Plays it.
///
/// # Errors
/// If it could not be played; that says nothing about the racks.
pub async fn play(executables: &Executables, extent: Extent) -> anyhow::Result<Findings> {
    let mut site = Site::start(executables, &SETTINGS).await?;
    let mut findings = Findings::default();
    let mut clients = bound_clients(&site, "old", &mut findings).await?;
    site.await_that("both racks have blocks", || site.racks.iter().all(has_block)).await?;
    site.region.kill_all().await?;
    let gone = Instant::now();
    let is_cut_off = || site.racks.iter().all(|rack| contact(rack) == "cut off");
    site.await_that("the racks notice", is_cut_off).await?;
    for client in &clients {
        let seen = client.events()?.len();
        if client.kind != Kind::Dhclient {
            client.renew()?;
        }
        findings.need(client.awaits(Happening::Renewed, seen, PATIENCE).await);
    }
    findings.tell("old clients renewed while the region was away");
    let new = bound_clients(&site, "new", &mut findings).await?;
    findings.tell(format!("{} new clients were served while the region was away", new.len()));
    clients.extend(new);
    if extent == Extent::Full {
        sleep_until(gone + AWAY_FULL).await;
        clients.push(unserved(&site, &mut findings).await?);
    }
    let away = gone.elapsed();
    site.region.start_all().await?;
    site.await_live().await?;
    findings.tell(format!("the region was away for {} s", away.as_secs()));
    if extent == Extent::Full {
        // What they had ran out; they begin anew, if they have not yet.
        for client in &clients {
            let events = client.events()?;
            if last_held(&events).is_none() {
                let bound = client.awaits(Happening::Bound, events.len(), PATIENCE * 2).await;
                findings.need(bound);
            }
        }
    }
    for client in &clients {
        is_adopted(&site, client, &mut findings).await?;
    }
    check_holds(&clients, &mut findings)?;
    Ok(findings)
}

/// A client of each kind that has an address.
async fn bound_clients(
    site: &Site,
    label: &str,
    findings: &mut Findings,
) -> anyhow::Result<Vec<Client>> {
    let mut clients = Vec::new();
    for kind in Kind::ALL {
        let mut client = site.client(&format!("{}-{label}", kind.program()), kind)?;
        client.wish_secs = Some(WISH_SECS);
        client.start(&[])?;
        clients.push(client);
    }
    for client in &clients {
        findings.need(client.awaits(Happening::Bound, 0, PATIENCE).await);
    }
    Ok(clients)
}

/// A client that comes when racks may give nothing any more.
async fn unserved(site: &Site, findings: &mut Findings) -> anyhow::Result<Client> {
    let mut client = site.client("late", Kind::Udhcpc)?;
    client.wish_secs = Some(WISH_SECS);
    client.start(&[])?;
    let bound = client.awaits(Happening::Bound, 0, SILENCE).await;
    findings.check(bound.is_err(), || format!("nobody may give anything, yet {bound:?}"));
    findings.tell("once blocks had ended, a new client got nothing");
    Ok(client)
}

/// The region knows what a client has.
async fn is_adopted(site: &Site, client: &Client, findings: &mut Findings) -> anyhow::Result<()> {
    let (mac, name) = (client.mac()?, &client.name);
    let is_known = || {
        let has = client.events().ok().and_then(|events| last_held(&events));
        let lease = has.map(|has| site.lease_of(&has)).unwrap_or_default();
        is_bound(&lease) && lease["mac_address"] == mac
    };
    let adopted = site.await_that(&format!("the region knows what {name} has"), is_known).await;
    if findings.need(adopted).is_some() {
        findings.tell(format!("{name}: adopted"));
    }
    Ok(())
}

/// What a client got last and did not lose since.
fn last_held(events: &[ClientEvent]) -> Option<ClientEvent> {
    events.last().filter(|last| last.address.is_some()).cloned()
}

fn has_block(rack: &Rack) -> bool {
    let status = rack.status().unwrap_or_default();
    status["blocks"].as_array().is_some_and(|blocks| !blocks.is_empty())
}

fn contact(rack: &Rack) -> String {
    rack.status().unwrap_or_default()["contact"].as_str().unwrap_or_default().to_owned()
}
