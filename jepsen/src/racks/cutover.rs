//! Racks take over from Kea, with a copy of its leases that is older than half of them: who has an address keeps it, nobody
//! new gets one that Kea may have given, and everybody else is served from a range Kea did not have.

use crate::lab::client::{Client, Kind};
use crate::lab::client_event::{ClientEvent, Happening};
use crate::lab::kea;
use crate::lab::namespace::Namespace;
use crate::lab::process::Process;
use crate::racks::arguments::Extent;
use crate::racks::findings::Findings;
use crate::racks::site::{Executables, PATIENCE, SERVED, Site, check_holds};
use std::fs;
use std::path::Path;
use std::time::Duration;

/// Kea's leases: so short that clients ask anew soon, and so long that racks serve before they end.
const KEA_LIFE_SECS: u64 = 60;
/// Kea's machine on the network of clients.
const KEA_HOST: u32 = 66;
/// Longer than a closed range stays so: Kea's longest lease, and the guard.
const CLOSED: Duration = Duration::from_secs(KEA_LIFE_SECS + 130);
/// The range Kea did not have begins there, in the host part.
const OPEN_FROM: u8 = 200;
/// For how long a client that nobody may serve is seen to get nothing.
const SILENCE: Duration = Duration::from_secs(8);
const SETTINGS: [(&str, u32); 1] = [("lease_life_s", 120)];

/// Plays it.
///
/// # Errors
/// If it could not be played; that says nothing about the racks.
pub async fn play(executables: &Executables, extent: Extent) -> anyhow::Result<Findings> {
    let mut findings = Findings::default();
    let site = Site::prepare(executables, &SETTINGS).await?;
    site.region.command(&format!(
        "ip-range create subnet=1 type=dynamic start_ip={SERVED}.100 end_ip={SERVED}.199"
    ))?;
    let (old, server) = start_kea(&site)?;
    let mut clients = bound(&site, "told", &mut findings).await?;
    let copy = site.file("copy.csv");
    fs::copy(site.file("kea/leases.csv"), &copy)?;
    clients.extend(bound(&site, "untold", &mut findings).await?);
    server.kill().await?;
    drop(old);
    let had = addresses(&clients)?;
    import(&site, &copy, &mut findings)?;
    site.serve().await?;
    let late = waits(&site, &mut findings).await?;
    site.region.command(&format!(
        "ip-range create subnet=1 type=dynamic start_ip={SERVED}.{OPEN_FROM} end_ip={SERVED}.219"
    ))?;
    let served = findings.need(late.awaits(Happening::Bound, 0, PATIENCE).await);
    let last = served.and_then(|event| event.address).map(|address| address.octets()[3]);
    findings.check(last.is_some_and(|last| last >= OPEN_FROM), || {
        format!("a new client got .{last:?} while what Kea may have given is closed")
    });
    keep_theirs(&clients, &had, &mut findings).await?;
    clients.push(late);
    if extent == Extent::Full {
        clients.push(opened(&site, &mut findings).await?);
    }
    check_holds(&clients, &mut findings)?;
    Ok(findings)
}

fn start_kea(site: &Site) -> anyhow::Result<(Namespace, Process)> {
    let old = Namespace::new("old")?;
    site.served.connect(&old, "eth0", Some(&format!("{SERVED}.{KEA_HOST}/24")))?;
    let folder = site.file("");
    let process = kea::start(&old, "eth0", SERVED, KEA_LIFE_SECS, &folder)?;
    Ok((old, process))
}

/// A client of each kind that has an address of Kea.
async fn bound(site: &Site, label: &str, findings: &mut Findings) -> anyhow::Result<Vec<Client>> {
    let mut clients = Vec::new();
    for kind in Kind::ALL {
        let mut client = site.client(&format!("{}-{label}", &kind.program()[..5]), kind)?;
        client.start(&[])?;
        clients.push(client);
    }
    for client in &clients {
        findings.need(client.awaits(Happening::Bound, 0, PATIENCE).await);
    }
    Ok(clients)
}

fn import(site: &Site, copy: &Path, findings: &mut Findings) -> anyhow::Result<()> {
    let told = site.region.command(&format!("import kea-leases {}", copy.display()))?;
    let recorded = &told["leases"]["recorded"]["count"];
    findings.check(*recorded == Kind::ALL.len(), || format!("other leases came in: {told}"));
    let subnet = site.region.command("subnet show 1")?;
    findings.check(subnet["pending"] == true, || format!("nothing is closed: {subnet}"));
    Ok(())
}

/// A new client, which nobody may serve yet.
async fn waits(site: &Site, findings: &mut Findings) -> anyhow::Result<Client> {
    let mut late = site.client("late", Kind::Udhcpc)?;
    late.start(&["-t", "1000", "-T", "1"])?;
    let bound = late.awaits(Happening::Bound, 0, SILENCE).await;
    findings.check(bound.is_err(), || format!("what Kea may have given went to {bound:?}"));
    let subnet = site.region.command("subnet show 1")?;
    findings.check(subnet["pending_ms"].as_u64() > Some(0), || format!("no end: {subnet}"));
    findings.tell(format!("a new client waited, for {} ms more at most", subnet["pending_ms"]));
    Ok(late)
}

/// Every client of Kea that asks a rack before its lease ends goes on with the address it had. One that asks Kea alone until
/// then, as dhclient now and then does, begins anew, and is served like anybody.
async fn keep_theirs(
    clients: &[Client],
    had: &[ClientEvent],
    findings: &mut Findings,
) -> anyhow::Result<()> {
    let mut kept = 0;
    for (client, had) in clients.iter().zip(had) {
        let seen = client.events()?.iter().take_while(|event| event.at <= had.at).count();
        let served = [Happening::Renewed, Happening::Bound];
        let again = client.awaits_one_of(&served, seen, PATIENCE * 2).await;
        let Some(again) = findings.need(again) else { continue };
        let (before, now) = (had.address, again.address);
        let is_open = now.is_some_and(|address| address.octets()[3] >= OPEN_FROM);
        let may_be_elsewhere = again.what == Happening::Bound && is_open;
        findings.check(before == now || may_be_elsewhere, || {
            format!("{}: {before:?}, then {now:?}", client.name)
        });
        kept += usize::from(again.what == Happening::Renewed);
    }
    findings.check(kept > 0, || "no client of Kea renewed its lease with a rack".to_owned());
    findings.tell(format!("{kept} of {} clients renewed what they had of Kea", clients.len()));
    Ok(())
}

/// Once the range is open a new client gets an address as anywhere.
async fn opened(site: &Site, findings: &mut Findings) -> anyhow::Result<Client> {
    site.region.command("ip-range delete 2")?;
    let mut client = site.client("opened", Kind::Udhcpc)?;
    client.start(&["-t", "1000", "-T", "1"])?;
    findings.need(client.awaits(Happening::Bound, 0, CLOSED).await);
    let subnet = site.region.command("subnet show 1")?;
    findings.check(subnet["pending"] == false, || format!("something is closed: {subnet}"));
    findings.tell("once the range was open, a new client got an address of it");
    Ok(client)
}

/// What each client has from Kea.
fn addresses(clients: &[Client]) -> anyhow::Result<Vec<ClientEvent>> {
    let mut had = Vec::new();
    for client in clients {
        let events = client.events()?;
        had.extend(events.into_iter().rev().find(|event| event.address.is_some()));
    }
    anyhow::ensure!(had.len() == clients.len(), "not every client has an address");
    Ok(had)
}
