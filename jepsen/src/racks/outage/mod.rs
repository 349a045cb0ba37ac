//! The rack that serves dies, stands still, or loses its cable to the clients: how long a new client is without an address.
//!
//! At two moments: before the client begins, and between the rack's OFFER and the client's REQUEST. Times are told; that no
//! client goes without and that no address has two holders is judged.

pub mod moment;
pub mod offer;

use crate::lab::client::{Client, Kind};
use crate::lab::client_event::Happening;
use crate::lab::lookout::now;
use crate::racks::arguments::Extent;
use crate::racks::findings::Findings;
use crate::racks::outage::moment::{Fault, Moment};
use crate::racks::outage::offer::Interception;
use crate::racks::site::{Executables, PATIENCE, Site, check_holds};
use std::time::Duration;

/// The rack that answers every client at once.
const PRIMARY: usize = 0;
/// Who is longer without an address is told of.
const OUTAGE_WANTED: Duration = Duration::from_secs(5);
/// How often each row is measured when there is time.
const TIMES_FULL: usize = 5;

/// Plays it.
///
/// # Errors
/// If it could not be played; that says nothing about the racks.
pub async fn play(executables: &Executables, extent: Extent) -> anyhow::Result<Findings> {
    let (mut findings, mut site) = (Findings::default(), Site::start(executables, &[]).await?);
    let (rows, times) = match extent {
        Extent::Short => (&moment::SHORT[..], 1),
        Extent::Full => (&moment::FULL[..], TIMES_FULL),
    };
    let mut clients = Vec::new();
    for (number, (fault, moment)) in rows.iter().enumerate() {
        let mut outages = Kind::ALL.map(|_| Vec::new());
        for time in 0..times {
            let label = format!("{number}-{time}");
            let bound = one_row(&mut site, *fault, *moment, &label, &mut findings).await?;
            for (kind, (client, outage)) in bound.into_iter().enumerate() {
                clients.push(client);
                outages[kind].extend(outage);
            }
        }
        let told = Kind::ALL.iter().zip(&outages).map(|(kind, outages)| {
            let worst = outages.iter().max().map_or(f64::NAN, Duration::as_secs_f64);
            format!("{} {worst:.2} s", kind.program())
        });
        let told = told.collect::<Vec<_>>().join(", ");
        findings.tell(format!("{:7} {:22} worst of {times}: {told}", fault.name(), moment.name()));
    }
    check_holds(&clients, &mut findings)?;
    Ok(findings)
}

/// A new client of each kind through one fault; with each how long it was without an address.
async fn one_row(
    site: &mut Site,
    fault: Fault,
    moment: Moment,
    label: &str,
    findings: &mut Findings,
) -> anyhow::Result<Vec<(Client, Option<Duration>)>> {
    let mut clients = Vec::new();
    for kind in Kind::ALL {
        clients.push(site.client(&format!("{}-{label}", kind.program()), kind)?);
    }
    let mut bound = Vec::new();
    match moment {
        Moment::BeforeDiscover => {
            fault.strike(&mut site.racks[PRIMARY]).await?;
            let mut begun = Vec::new();
            for client in &mut clients {
                begun.push(now());
                start(client)?;
            }
            for (client, begun) in clients.into_iter().zip(begun) {
                bound.push(outage_of(client, begun, findings).await);
            }
            fault.heal(&mut site.racks[PRIMARY])?;
            site.await_live().await?;
        }
        Moment::AfterOffer => {
            for mut client in clients {
                let mut interception = Interception::of(&client, &site.served).await?;
                start(&mut client)?;
                let rack = site.rack_at(interception.offer().await?)?;
                let struck = now();
                fault.strike(&mut site.racks[rack]).await?;
                interception.let_go(&client)?;
                bound.push(outage_of(client, struck, findings).await);
                fault.heal(&mut site.racks[rack])?;
                site.await_live().await?;
            }
        }
    }
    Ok(bound)
}

fn start(client: &mut Client) -> anyhow::Result<()> {
    match client.kind {
        // Without waiting up to a second before it begins, and five to see whether anybody else has the address.
        Kind::Dhcpcd => client.start(&["--nodelay", "--noarp"]),
        Kind::Udhcpc | Kind::Dhclient => client.start(&[]),
    }
}

async fn outage_of(
    client: Client,
    since: Duration,
    findings: &mut Findings,
) -> (Client, Option<Duration>) {
    let bound = findings.need(client.awaits(Happening::Bound, 0, PATIENCE).await);
    let outage = bound.map(|bound| bound.at.saturating_sub(since));
    if outage.is_some_and(|outage| outage > OUTAGE_WANTED) {
        findings.tell(format!("{} was long without an address: {}", client.name, client.said()));
    }
    (client, outage)
}
