//! Racks cut from the region and from their clients in turns, without their disk, and standing still, while clients come, stay
//! and go. No address has two holders, and in the end everybody is served.

use crate::lab::client::{Client, Kind};
use crate::lab::client_event::Happening;
use crate::racks::arguments::Extent;
use crate::racks::findings::Findings;
use crate::racks::site::{Executables, PATIENCE, RACKS, Site, check_holds};
use rustix::process::Signal;
use std::time::Duration;
use tokio::time::sleep;

const WISH_SECS: u32 = 30;
/// So few addresses that they go round.
const SETTINGS: [(&str, u32); 3] =
    [("lease_life_s", 120), ("autonomy_s", 60), ("block_term_s", 120)];
/// How long each state of affairs lasts.
const SPELL_SHORT: Duration = Duration::from_secs(5);
const SPELL_FULL: Duration = Duration::from_secs(60);
/// Three leases.
const PAUSE_FULL: Duration = Duration::from_secs(90);
const PAUSE_SHORT: Duration = Duration::from_secs(5);

/// Which cables are cut.
#[derive(Clone, Copy)]
struct Cut {
    name: &'static str,
    /// Racks without the region.
    from_region: &'static [usize],
    /// Racks without clients, and so without each other.
    from_clients: &'static [usize],
}

const CUTS: [Cut; 5] = [
    Cut { name: "the first rack without the region", from_region: &[0], from_clients: &[] },
    Cut { name: "the second rack without the region", from_region: &[1], from_clients: &[] },
    Cut { name: "both without the region", from_region: &[0, 1], from_clients: &[] },
    Cut {
        name: "both without it, one alone with clients",
        from_region: &[0, 1],
        from_clients: &[0],
    },
    Cut {
        name: "one without it, the other without clients",
        from_region: &[0],
        from_clients: &[1],
    },
];

/// Plays it.
///
/// # Errors
/// If it could not be played; that says nothing about the racks.
pub async fn play(executables: &Executables, extent: Extent) -> anyhow::Result<Findings> {
    let mut site = Site::start(executables, &SETTINGS).await?;
    let mut findings = Findings::default();
    let (spell, pause) = match extent {
        Extent::Short => (SPELL_SHORT, PAUSE_SHORT),
        Extent::Full => (SPELL_FULL, PAUSE_FULL),
    };
    let mut clients = Vec::new();
    for kind in Kind::ALL {
        clients.push(begun(&site, &format!("{}-stays", kind.program()), kind)?);
    }
    for client in &clients {
        findings.need(client.awaits(Happening::Bound, 0, PATIENCE).await);
    }
    for (number, cut) in CUTS.into_iter().enumerate() {
        set(&site, cut, Cables::Cut)?;
        clients.push(begun(&site, &format!("cut-{number}"), Kind::Udhcpc)?);
        sleep(spell).await;
        set(&site, cut, Cables::Whole)?;
        clients.push(begun(&site, &format!("whole-{number}"), Kind::Udhcpc)?);
        clients[number].kill().await?;
        clients[number].start(&[])?;
        findings.tell(format!("{}: {spell:?}", cut.name));
    }
    site.await_live().await?;
    without_disk(&mut site).await?;
    findings.tell("the first rack lost its disk and was joined again");
    clients.push(begun(&site, "disk", Kind::Udhcpc)?);
    site.racks[1].signal(Signal::STOP)?;
    clients.push(begun(&site, "paused", Kind::Udhcpc)?);
    sleep(pause).await;
    site.racks[1].signal(Signal::CONT)?;
    site.await_live().await?;
    findings.tell(format!("the second rack stood still for {pause:?}"));
    for client in &mut clients {
        let name = &client.name;
        let events = client.events()?;
        let has = events.last().is_some_and(|last| last.address.is_some());
        if !has {
            let bound = client.awaits(Happening::Bound, events.len(), PATIENCE).await;
            findings.need(bound.map_err(|error| error.context(format!("{name} in the end"))));
        }
    }
    check_holds(&clients, &mut findings)?;
    Ok(findings)
}

fn begun(site: &Site, name: &str, kind: Kind) -> anyhow::Result<Client> {
    let mut client = site.client(name, kind)?;
    client.wish_secs = Some(WISH_SECS);
    client.start(&[])?;
    Ok(client)
}

#[derive(Clone, Copy)]
enum Cables {
    Cut,
    Whole,
}

fn set(site: &Site, cut: Cut, cables: Cables) -> anyhow::Result<()> {
    let to_region = cut.from_region.iter().map(|rack| &site.racks[*rack].to_region);
    let to_clients = cut.from_clients.iter().map(|rack| &site.racks[*rack].to_clients);
    for cable in to_region.chain(to_clients) {
        match cables {
            Cables::Cut => cable.cut()?,
            Cables::Whole => cable.mend()?,
        }
    }
    Ok(())
}

/// The first rack loses its disk, and goes on as the same rack with a token made for it.
async fn without_disk(site: &mut Site) -> anyhow::Result<()> {
    site.racks[0].kill().await?;
    site.racks[0].lose_disk()?;
    let token = site.token(&format!("token create rack --for {}", RACKS[0]))?;
    site.racks[0].join(&token)?;
    site.racks[0].start()?;
    site.await_live().await
}
