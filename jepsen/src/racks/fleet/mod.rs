//! Two thousand racks, as the region sees them: each with a token, a key and sessions of its own, two on a VLAN. All come at
//! once; one node dies, and they spread over the others; it comes back, and they are spread again. All the while leases are
//! renewed, and one writer measures how long writes take.
//!
//! Judged: every rack gets a session, each time; every client's lease is renewed in each phase, after the kill too, and nothing
//! is due in the end; no write is given up; in the end racks are spread evenly. Times are told. Floors, lowest first: [`counts`], [`rack`], [`founding`] (how they come to be), [`spread`].

pub mod counts;
pub mod founding;
pub mod rack;
pub mod spread;

use crate::cluster::usage;
use crate::cluster::usage::Usage;
use crate::load::pulse::Pulse;
use crate::racks::arguments::{Extent, Scope};
use crate::racks::findings;
use crate::racks::findings::Findings;
use crate::racks::fleet::counts::{Counted, Counts};
use crate::racks::fleet::rack::{CLIENTS, Common, Orders, Rack};
use crate::racks::fleet::spread::Spread;
use crate::racks::loopback::Region;
use crate::racks::site::Executables;
use anyhow::Context as _;
use regent_api::open_files;
use regent_rack_agent::endpoint::Endpoint;
use regent_rack_agent::remembered::Identity;
use std::sync::Arc;
use std::time::{Duration, Instant};
use tokio::sync::watch;
use tokio::task::JoinSet;
use tokio::time::sleep;

/// Racks, unless somebody asks for another number.
const RACKS_FULL: u32 = 2_000;
const RACKS_SHORT: u32 = 50;
/// From one renewal of a rack to its next: 2,000 racks make 20,000 renewals a minute.
const RENEWALS_APART_FULL: Duration = Duration::from_secs(6);
const RENEWALS_APART_SHORT: Duration = Duration::from_millis(500);
/// How long a phase is looked at, at least.
const PHASE_FULL: Duration = Duration::from_secs(30);
const PHASE_SHORT: Duration = Duration::from_secs(3);
/// What it may take until all racks have sessions, or are spread evenly.
const PATIENCE: Duration = Duration::from_secs(300);
/// What it may take, beyond the time in which each client's turn comes, until all have their leases renewed.
const RENEWAL_PATIENCE: Duration = Duration::from_secs(60);
/// Pause between two looks at what this process counts itself.
const LOOK_PAUSE: Duration = Duration::from_millis(20);
/// Pause between two looks at how racks are spread. Nodes tell each other each second.
const SPREAD_PAUSE: Duration = Duration::from_secs(2);

/// Racks at work, and the region they are of.
struct Fleet {
    region: Region,
    /// The numbers of its nodes, in their order.
    ids: Vec<u64>,
    racks: u32,
    extent: Extent,
    /// In which the turn of each client of a rack comes to have its lease renewed.
    round: Duration,
    counts: Arc<Counts>,
    pulse: Pulse,
    orders: watch::Sender<Orders>,
    living: JoinSet<anyhow::Result<usize>>,
}

/// Plays it.
///
/// # Errors
/// If it could not be played; that says nothing about the region.
pub async fn play(executables: &Executables, scope: Scope) -> anyhow::Result<Findings> {
    let extent = scope.extent;
    let (default, renewals_apart) = match extent {
        Extent::Short => (RACKS_SHORT, RENEWALS_APART_SHORT),
        Extent::Full => (RACKS_FULL, RENEWALS_APART_FULL),
    };
    let racks = scope.agents.unwrap_or(default);
    let files = open_files::raise();
    anyhow::ensure!(u64::from(racks) * 2 < files as u64, "only {files} files may be open");
    let mut findings = Findings::default();
    let region = Region::start(executables).await?;
    let nodes =
        region.apis().iter().map(|api| api.parse()).collect::<Result<Vec<Endpoint>, _>>()?;
    let identities = founded(&region, &nodes, racks, &mut findings).await?;
    let pulse = region.pulse().await?;
    let (orders, counts) = (watch::Sender::new(Orders::Be), Arc::<Counts>::default());
    let common =
        Common { nodes, renewals_apart, orders: orders.subscribe(), counts: Arc::clone(&counts) };
    let living = JoinSet::new();
    let ids = numbers(&region).await?;
    let round = renewals_apart * u32::from(CLIENTS);
    let mut fleet = Fleet { region, ids, racks, extent, round, counts, pulse, orders, living };
    fleet.voyage(identities, common, &mut findings).await?;
    fleet.end(&mut findings).await?;
    Ok(findings)
}

/// The number of each node, as the region gave it.
async fn numbers(region: &Region) -> anyhow::Result<Vec<u64>> {
    let mut numbers = Vec::new();
    for place in 0..region.group.nodes.len() {
        let status = region.group.status_of(place).await.context("a node does not answer")?;
        numbers.push(status.asked);
    }
    Ok(numbers)
}

async fn founded(
    region: &Region,
    nodes: &[Endpoint],
    racks: u32,
    findings: &mut Findings,
) -> anyhow::Result<Vec<Identity>> {
    let began = Instant::now();
    let identities = founding::enrolled(region, nodes, racks).await?;
    findings.tell(format!("{racks} racks joined in {:.1?}", began.elapsed()));
    let began = Instant::now();
    let vlans = founding::given_vlans(region, &identities).await?;
    findings.tell(format!("{vlans} VLANs made and given to them in {:.1?}", began.elapsed()));
    Ok(identities)
}

impl Fleet {
    async fn voyage(
        &mut self,
        identities: Vec<Identity>,
        common: Common,
        findings: &mut Findings,
    ) -> anyhow::Result<()> {
        let phase = self.begin().await?;
        self.last(&phase).await?;
        self.tell("nobody there", &phase, findings);

        let phase = self.begin().await?;
        for (number, identity) in (0..).zip(identities) {
            self.living.spawn(Rack::new(number, common.clone()).live(identity));
        }
        self.all_connected(findings).await?;
        self.even(&phase, findings).await?;
        self.last(&phase).await?;
        self.tell("all come at once", &phase, findings);

        self.orders.send_replace(Orders::Renew);
        for what in ["every client gets a lease", "renewals"] {
            let phase = self.begin().await?;
            sleep(self.round).await;
            self.all_renewed(what, findings).await?;
            self.tell(what, &phase, findings);
        }

        let phase = self.begin().await?;
        let leader = self.region.group.leader().await?;
        self.region.group.nodes[leader].kill().await?;
        // What was granted before says nothing.
        self.counts.forget_served();
        self.all_connected(findings).await?;
        self.even(&phase, findings).await?;
        self.last(&phase).await?;
        let what = "the leader is killed";
        self.all_renewed(what, findings).await?;
        self.tell(what, &phase, findings);

        let phase = self.begin().await?;
        self.region.group.nodes[leader].start(None)?;
        self.region.group.ready(leader).await?;
        self.even(&phase, findings).await?;
        self.last(&phase).await?;
        let what = "it is back";
        self.all_renewed(what, findings).await?;
        self.tell(what, &phase, findings);
        self.nothing_due(findings).await;
        Ok(())
    }

    async fn end(self, findings: &mut Findings) -> anyhow::Result<()> {
        let Self { mut region, racks, pulse, orders, mut living, .. } = self;
        orders.send_replace(Orders::Stop);
        let mut leases = 0;
        while let Some(ended) = living.join_next().await {
            leases += ended??;
        }
        let all = usize::try_from(racks)? * usize::from(CLIENTS);
        findings.check(leases == all, || format!("{leases} of {all} clients have a lease"));
        let given_up = pulse.end().await?.given_up;
        findings.check(given_up == 0, || format!("{given_up} writes were given up"));
        let agreed = region.group.agreement().await?;
        findings.tell(format!("all nodes at index {} with one digest", agreed.index));
        region.group.stop().await
    }

    async fn begin(&mut self) -> anyhow::Result<Phase> {
        self.counts.begin_phase();
        // A rack never ends by itself: if one has, something is wrong with it.
        if let Some(ended) = self.living.try_join_next() {
            anyhow::bail!("a rack ended: {:?}", ended?);
        }
        Ok(Phase { began: Instant::now(), usages: self.usages() })
    }

    fn usages(&self) -> Vec<(String, Option<Usage>)> {
        let nodes = self.region.group.nodes.iter().map(|node| {
            let usage = node.process_id().and_then(|process| usage::of(process).ok());
            (node.place.name.clone(), usage)
        });
        nodes.chain([("racks".to_owned(), usage::of(std::process::id()).ok())]).collect()
    }

    /// Waits until every rack has a session.
    async fn all_connected(&self, findings: &mut Findings) -> anyhow::Result<()> {
        let (began, all) = (Instant::now(), usize::try_from(self.racks)?);
        // A node that was killed a moment ago has racks that do not know it yet.
        let mut lowest = self.counts.connected();
        loop {
            let connected = self.counts.connected();
            lowest = lowest.min(connected);
            let is_over = connected == all && (lowest < all || began.elapsed() > PHASE_SHORT);
            if is_over {
                break;
            }
            if began.elapsed() > PATIENCE {
                findings.check(false, || format!("{connected} of {all} racks have a session"));
                break;
            }
            sleep(LOOK_PAUSE).await;
        }
        let without = all - lowest;
        findings.tell(format!(
            "{without} racks without a session, all had one after {:.1?}",
            began.elapsed()
        ));
        Ok(())
    }

    /// Waits until they are spread evenly, where there is time for that.
    async fn even(&self, phase: &Phase, findings: &mut Findings) -> anyhow::Result<()> {
        let mut seen = Vec::new();
        if self.extent == Extent::Short {
            self.last(phase).await?;
        }
        loop {
            let spread = Spread::now(&self.region.api, &self.running()).await?;
            let is_even = spread.is_even(self.racks);
            let elapsed = phase.began.elapsed();
            seen.push(format!("{spread}@{:.0}s", elapsed.as_secs_f64()));
            match self.extent {
                Extent::Full if !is_even && elapsed < PATIENCE => sleep(SPREAD_PAUSE).await,
                Extent::Full => {
                    findings
                        .check(is_even, || format!("unevenly spread after {PATIENCE:?}: {spread}"));
                    break;
                }
                Extent::Short => break,
            }
        }
        findings.tell(format!("over the nodes: {}", thinned(&seen).join(" ")));
        Ok(())
    }

    /// The numbers of the nodes that run.
    fn running(&self) -> Vec<u64> {
        let nodes = self.region.group.nodes.iter().zip(&self.ids);
        nodes.filter(|(node, _)| node.process_id().is_some()).map(|(_, id)| *id).collect()
    }

    /// Waits until the phase was long enough to be looked at.
    async fn last(&self, phase: &Phase) -> anyhow::Result<()> {
        let length = match self.extent {
            Extent::Short => PHASE_SHORT,
            Extent::Full => PHASE_FULL,
        };
        sleep(length.saturating_sub(phase.began.elapsed())).await;
        Ok(())
    }

    /// Waits until every client has had its lease renewed.
    async fn all_renewed(&self, what: &str, findings: &mut Findings) -> anyhow::Result<()> {
        let all = usize::try_from(self.racks)? * usize::from(CLIENTS);
        let patience = self.round + RENEWAL_PATIENCE;
        let is_so = self.comes_about(patience, |counts| counts.served() == all).await;
        findings.check(is_so, || {
            let served = self.counts.served();
            format!(
                "{what}: {served} of {all} clients had their leases renewed, {patience:?} later"
            )
        });
        Ok(())
    }

    /// Has no more renewals begun, and waits for those that were.
    async fn nothing_due(&self, findings: &mut Findings) {
        self.orders.send_replace(Orders::Be);
        let is_so = self.comes_about(RENEWAL_PATIENCE, |counts| counts.due() == 0).await;
        findings.check(is_so, || {
            format!("{} renewals still due after {RENEWAL_PATIENCE:?}", self.counts.due())
        });
    }

    async fn comes_about(&self, patience: Duration, is_so: impl Fn(&Counts) -> bool) -> bool {
        let began = Instant::now();
        while !is_so(&self.counts) {
            if began.elapsed() > patience {
                return false;
            }
            sleep(LOOK_PAUSE).await;
        }
        true
    }

    fn tell(&self, what: &str, phase: &Phase, findings: &mut Findings) {
        let now = Instant::now();
        let length = now - phase.began;
        let written = self.pulse.so_far();
        findings.tell(format!("{what} ({:.0} s):", length.as_secs_f64()));
        findings.tell(format!(
            "    writes {}; longest time without one {:.0?}",
            findings::spread(written.lengths(phase.began, now)),
            written.longest_gap(phase.began, now),
        ));
        let counted = self.counts.so_far();
        findings.tell(format!("    {}", told(&counted, length)));
        findings.check(counted.refused == 0, || {
            format!("{} renewals were refused: {:?}", counted.refused, counted.refusals)
        });
        findings.tell(format!("    processor and memory: {}", self.used(phase, length)));
    }

    fn used(&self, phase: &Phase, length: Duration) -> String {
        let used =
            self.usages().into_iter().zip(&phase.usages).map(|((name, now), (_, before))| {
                let Some(now) = now else { return format!("{name} gone") };
                // One that was started anew counts from its start.
                let before = before.filter(|before| before.processor <= now.processor);
                let processor =
                    now.processor - before.map_or(Duration::ZERO, |usage| usage.processor);
                let cores = processor.as_secs_f64() / length.as_secs_f64();
                let (resident, peak) = (now.resident_kib >> 10, now.peak_kib >> 10);
                format!("{name} {cores:.2} cores {resident} MiB (at most {peak})")
            });
        used.collect::<Vec<_>>().join(", ")
    }
}

/// What there is to compare with when a phase is over.
struct Phase {
    began: Instant,
    usages: Vec<(String, Option<Usage>)>,
}

fn told(counted: &Counted, length: Duration) -> String {
    let Counted { sessions, alone, whole_views, differences, granted, unanswered, .. } = counted;
    let per_minute = granted.len() as f64 * 60.0 / length.as_secs_f64();
    let alone: Vec<Duration> = alone.values().copied().collect();
    format!(
        "{sessions} sessions opened (time without one: {}), {whole_views} whole views and {differences} differences told, \
         {per_minute:.0} renewals a minute ({}), {unanswered} questions without an answer",
        findings::spread(alone),
        findings::spread(granted.clone()),
    )
}

/// No more than can be read: the first, the last, and some between.
fn thinned(seen: &[String]) -> Vec<String> {
    const SEEN_MAX: usize = 12;
    let step = seen.len().div_ceil(SEEN_MAX).max(1);
    let mut some: Vec<String> = seen.iter().step_by(step).cloned().collect();
    some.extend(seen.last().filter(|last| some.last() != Some(last)).cloned());
    some
}
