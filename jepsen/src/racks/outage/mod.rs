//! The rack that serves dies, stands still or loses its cable to the clients: how long each client is without an answer, as a
//! table, and beside it, if asked for, the same of two Kea servers.
//!
//! It is judged that nobody waits for longer than they may, that nobody loses an address that could be renewed, and that no
//! address has two holders. Of Kea nothing is judged.
//!
//! Floors: [`moment`], [`stage`] (the servers), [`offer`], [`pass`] (one fault), [`row`] (all passes).

pub mod moment;
pub mod offer;
pub mod pass;
pub mod row;
pub mod stage;

use crate::lab::hold::{Hold, overlaps};
use crate::lab::kea_pair::{self, KeaPair};
use crate::racks::arguments::{Against, Extent, Scope};
use crate::racks::findings::Findings;
use crate::racks::outage::moment::{Fault, Moment};
use crate::racks::outage::pass::{Sample, pass};
use crate::racks::outage::row::{Row, ratio};
use crate::racks::outage::stage::Stage;
use crate::racks::site::{Executables, SERVED, Site};
use crate::tell::tell;

/// So that what earlier passes had comes back soon.
const SETTINGS: [(&str, u32); 3] =
    [("lease_life_s", 120), ("autonomy_s", 60), ("block_term_s", 120)];
/// How often each row is measured when there is time.
const PASSES_FULL: usize = 10;
/// The same with Kea, where each takes minutes.
const PASSES_KEA: usize = 2;
/// How often renewals are, which take two minutes each.
const PASSES_RENEWAL: usize = 1;
/// A pass whose fault strikes too late for somebody is tried so often: what tells the names of each try's clients apart.
const TRIES: [char; 3] = ['-', 'x', 'y'];

/// Plays it.
///
/// # Errors
/// If it could not be played; that says nothing about the racks.
pub async fn play(executables: &Executables, scope: Scope) -> anyhow::Result<Findings> {
    let mut findings = Findings::default();
    let site = Site::start(executables, &SETTINGS).await?;
    // New clients come faster than addresses have rested.
    site.add_addresses()?;
    let mut stage = Stage::Regent(Box::new(site));
    let (ours, holds) = rows(&mut stage, scope, PASSES_FULL, &mut findings).await?;
    drop(stage);
    for row in &ours {
        judge(row, scope.extent, &mut findings);
    }
    let (number, found) = (holds.len(), overlaps(holds));
    findings.tell(format!("{number} holds, {} overlap", found.len()));
    findings.check(found.is_empty(), || format!("two had one address: {found:?}"));
    match scope.against {
        None => {}
        Some(Against::KeaHa) => beside_kea(&ours, scope, &mut findings).await?,
    }
    Ok(findings)
}

async fn beside_kea(ours: &[Row], scope: Scope, findings: &mut Findings) -> anyhow::Result<()> {
    findings.tell(kea_pair::TIMERS);
    let mut stage = Stage::KeaHa(KeaPair::start(SERVED).await?);
    let (theirs, _) = rows(&mut stage, scope, PASSES_KEA, findings).await?;
    for (ours, theirs) in ours.iter().zip(&theirs) {
        findings.tell(ratio(ours, theirs));
    }
    Ok(())
}

/// Every row, and who held which address.
async fn rows(
    stage: &mut Stage,
    scope: Scope,
    passes: usize,
    findings: &mut Findings,
) -> anyhow::Result<(Vec<Row>, Vec<Hold>)> {
    let (kinds, passes) = match scope.extent {
        Extent::Short => (&moment::SHORT[..], 1),
        Extent::Full => (&moment::FULL[..], scope.passes.unwrap_or(passes)),
    };
    let (mut rows, mut holds) = (Vec::new(), Vec::new());
    for (number, (fault, moment)) in kinds.iter().enumerate() {
        let passes = match moment {
            Moment::BeforeDiscover | Moment::AfterOffer => passes,
            Moment::BeforeRenewal => passes.min(PASSES_RENEWAL),
        };
        let (servers, fault, moment) = (stage.name(), *fault, *moment);
        let mut row = Row { servers, fault, moment, samples: Vec::new() };
        for time in 0..passes {
            let label = |again: char| format!("{}{number}{again}{time}", &servers[..1]);
            let (samples, held) = sampled(stage, (fault, moment), label, findings).await?;
            row.samples.extend(samples);
            holds.extend(held);
        }
        tell(&row.line());
        findings.tell(row.line());
        findings.figures.push(row.json());
        rows.push(row);
    }
    Ok((rows, holds))
}

/// The samples of a pass before whose fault nobody had an answer yet, and who held which address.
async fn sampled(
    stage: &mut Stage,
    kind: (Fault, Moment),
    label: impl Fn(char) -> String,
    findings: &mut Findings,
) -> anyhow::Result<(Vec<Sample>, Vec<Hold>)> {
    let (mut samples, mut holds) = (Vec::new(), Vec::new());
    for again in TRIES {
        let came = pass(stage, kind, &label(again)).await?;
        holds.extend(came.holds);
        for lament in came.laments {
            findings.tell(format!("never served: {lament}"));
        }
        if came.voids.is_empty() {
            samples.extend(came.samples);
            return Ok((samples, holds));
        }
        // Who lost something counts all the same.
        samples.extend(came.samples.into_iter().filter(Sample::is_lost));
        findings.tell(format!("void, answered before the fault struck: {}", came.voids.join(", ")));
    }
    let (fault, moment) = (kind.0.name(), kind.1.name());
    findings.check(false, || format!("{fault} {moment}: void each time, so nothing was measured"));
    Ok((samples, holds))
}

fn judge(row: &Row, extent: Extent, findings: &mut Findings) {
    let spread = row.spread(None);
    findings.check(spread.lost == 0, || format!("somebody lost: {}", row.line()));
    match extent {
        // It runs beside other tests.
        Extent::Short => {}
        Extent::Full => findings.check(spread.misses == 0, || format!("too late: {}", row.line())),
    }
}
