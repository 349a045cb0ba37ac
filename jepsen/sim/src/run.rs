//! One run: a group, a load, what goes wrong, and what is left in the end.

use crate::chance::{Chance, Part};
use crate::client::{Client, Processes};
use crate::group::Group;
use crate::history::whole;
use crate::judge::{Judgement, judge};
use crate::names::HostId;
use crate::nemesis;
use crate::network::router::Router;
use crate::options::SimOptions;
use crate::plan::Plan;
use crate::rack::all::Racks;
use crate::rack::nemesis::befall;
use crate::rack::site::RackSite;
use crate::record::{Recorded, Recorder};
use crate::staleness;
use crate::trace::Trace;
use crate::verify::Watch;
use crate::workload::site::Site;
use regent_check::history::reader::History;
use regent_raft::region::handle::Region;
use regent_raft::runtime::simulated::Simulated;
use std::path::Path;
use std::time::Duration;
use tokio::task::LocalSet;
use tokio::time::{Instant, sleep};

/// What a group gets to come together.
const FOUND_MAX: Duration = Duration::from_secs(30);
/// What it gets to agree again once nothing goes wrong any more.
const HEAL_MAX: Duration = Duration::from_secs(60);
/// Faults may go on so long beyond their plan: a change of the group has its own time.
const OVERTIME: Duration = Duration::from_secs(60);
/// Memory that is a file system: snapshots are synced.
const MEMORY_FILES: &str = "/dev/shm";

/// What a run came to.
#[derive(Clone, Debug)]
pub struct SimOutcome {
    /// What clients saw.
    pub history: History,
    /// What was planned.
    pub plan: Plan,
    /// The hash of all that happened.
    pub trace_hash: String,
    /// What is to be said of it.
    pub judgement: Judgement,
    /// Messages and operations.
    pub events: u64,
    /// Virtual time it took in the end.
    pub took: Duration,
}

/// The run of a seed.
#[must_use]
pub fn run(seed: u64, options: &SimOptions) -> SimOutcome {
    replay(&Plan::of(seed, options))
}

/// The run of a plan.
///
/// # Panics
/// When this machine has no room for it, or another simulation runs on this thread.
#[must_use]
pub fn replay(plan: &Plan) -> SimOutcome {
    let memory = Path::new(MEMORY_FILES);
    let folder = if memory.is_dir() { tempfile::tempdir_in(memory) } else { tempfile::tempdir() };
    let folder = folder.expect("there is room for a few small files");
    let mut chance = Chance::of(plan.seed, Part::Product);
    let _simulated = Simulated::from_seed(chance.within(0..=u64::MAX));
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_time()
        .start_paused(true)
        .build()
        .expect("a runtime of one thread needs nothing");
    let local = LocalSet::new();
    runtime.block_on(local.run_until(life(plan, folder.path())))
}

async fn life(plan: &Plan, folder: &Path) -> SimOutcome {
    let trace = Trace::begin();
    let recorder = Recorder::new(trace.clone());
    let chance = |part| Chance::of(plan.seed, part);
    let router = Router::new(plan.weather, chance(Part::Network), trace.clone());
    let config = SimOptions { voters: plan.voters, ..SimOptions::default() }
        .config(plan.snapshot_entries, plan.entries_kept);
    let disks = chance(Part::Disks);
    let group = Group::new(folder.to_owned(), config, router, disks, recorder.clone());
    let mut watch = Watch::default();
    if let Some(sites) = come_together(plan, &group, &recorder).await {
        break_and_load(plan, &group, &recorder, &mut watch, &sites).await;
        settle(plan, &group, &recorder, &mut watch, sites.of_load).await;
    }
    let took = Duration::from_nanos(trace.now_ns());
    for host in group.hosts() {
        group.discard(host).await;
    }
    let Recorded { operations, notes, findings } = recorder.take();
    let (history, malformed) = whole(plan.seed, operations, notes);
    let findings = [findings, staleness::findings(&history)].concat();
    let judgement = judge(&history, malformed.as_ref(), findings);
    let (plan, trace_hash, events) = (plan.clone(), trace.hash(), trace.events());
    SimOutcome { history, plan, trace_hash, judgement, events, took }
}

/// What the load works on, and what racks serve.
struct Sites {
    of_load: Site,
    of_racks: Option<RackSite>,
}

impl Sites {
    async fn made_through(region: Region, racks: Option<u8>) -> Result<Self, String> {
        let of_load = Site::made_through(region.clone()).await?;
        let of_racks = match racks {
            Some(racks) => Some(RackSite::made_through(region, racks).await?),
            None => None,
        };
        Ok(Self { of_load, of_racks })
    }
}

/// Founds the group, lets the others join, and makes what the load works on.
async fn come_together(plan: &Plan, group: &Group, recorder: &Recorder) -> Option<Sites> {
    group.found().await;
    let founder = *group.hosts().first()?;
    for _ in 1..plan.voters {
        if group.join(founder).await.is_none() {
            recorder.find("a node could not join a healthy group".into());
        }
    }
    let wanted = usize::from(plan.voters);
    if !group.until(FOUND_MAX, |group| group.voters().len() == wanted).await {
        recorder.find(format!("only {} nodes vote", group.voters().len()));
        return None;
    }
    let running = group.running(founder)?;
    let racks = plan.racks.as_ref().map(|racks| racks.racks);
    let made = running.life.spawn(Sites::made_through(running.region, racks)).await;
    match made {
        Ok(Ok(sites)) => Some(sites),
        Ok(Err(why)) => {
            recorder.find(format!("nothing to work on could be made: {why}"));
            None
        }
        Err(_gone) => None,
    }
}

async fn break_and_load(
    plan: &Plan,
    group: &Group,
    recorder: &Recorder,
    watch: &mut Watch,
    sites: &Sites,
) {
    let site = sites.of_load;
    let began = Instant::now();
    let end = began + Duration::from_millis(plan.length_ms);
    let faults = plan.faults.iter().zip(0..).map(|(planned, number)| {
        let fault = nemesis::happen(group.clone(), recorder.clone(), *planned, began, number);
        tokio::task::spawn_local(fault)
    });
    let faults: Vec<_> = faults.collect();
    let (processes, mut chance) = (Processes::default(), Chance::of(plan.seed, Part::Clients));
    let clients = (0..u64::from(plan.clients)).map(|number| {
        let (group, recorder) = (group.clone(), recorder.clone());
        let chance = chance.nth(number);
        let client = Client::new(number, group, recorder, site, processes.clone(), chance);
        tokio::task::spawn_local(client.live(end))
    });
    let clients: Vec<_> = clients.collect();
    let racks = plan.racks.as_ref().zip(sites.of_racks.as_ref()).map(|(racks, site)| {
        let chance = Chance::of(plan.seed, Part::Racks).nth(0);
        let all = Racks::begin(racks, site, (group, recorder), &processes, chance);
        befall(&all, racks, began);
        all
    });
    watch.until(end, group, recorder).await;
    for client in clients {
        if client.await.is_err() {
            recorder.find("a client of the harness panicked".into());
        }
    }
    let end = began + Duration::from_millis(plan.end_ms());
    watch.until_quiet(end, group, recorder).await;
    if let Some(racks) = racks {
        racks.end().await;
    }
    for fault in faults {
        match tokio::time::timeout(OVERTIME, fault).await {
            Ok(Ok(())) => {}
            Ok(Err(_)) => recorder.find("a fault of the harness panicked".into()),
            Err(_) => recorder.find("a fault does not end".into()),
        }
    }
}

/// Demands that everybody agrees, reads everything for the last time, and looks at the disks.
async fn settle(plan: &Plan, group: &Group, recorder: &Recorder, watch: &mut Watch, site: Site) {
    for host in group.hosts() {
        group.restart_in_health(host).await;
    }
    let deadline = Instant::now() + HEAL_MAX;
    while !agrees(plan, group) {
        if Instant::now() >= deadline {
            recorder.find(format!("the group does not agree again: {}", standings(group)));
            break;
        }
        watch.look(group, recorder).await;
        sleep(Duration::from_millis(50)).await;
    }
    let processes = Processes::after_all();
    let chance = Chance::of(plan.seed, Part::Clients);
    let client = Client::new(0, group.clone(), recorder.clone(), site, processes, chance);
    client.read_at_last().await;
    watch.look(group, recorder).await;
    watch.disks(group, recorder);
    watch.replay(group, recorder);
}

/// Whether as many vote as shall, all of them are up, one leads, and all have applied the same.
fn agrees(plan: &Plan, group: &Group) -> bool {
    let regions = group.regions();
    let voters = group.voters();
    let applied = |region: &Region| region.published().applied_index();
    let first = regions.first().map(|(_, region)| applied(region));
    let leaders = regions.iter().filter(|(_, region)| region.leadership().is_leader).count();
    voters.len() == usize::from(plan.voters)
        && voters.iter().all(|voter| regions.iter().any(|(host, _)| host == voter))
        && regions.iter().all(|(_, region)| Some(applied(region)) == first)
        && leaders == 1
}

fn standings(group: &Group) -> String {
    let standing = |(host, region): (HostId, Region)| {
        let leadership = region.leadership();
        let applied = region.published().applied_index();
        format!("{host} at {applied} in term {} led by {:?}", leadership.term, leadership.leader)
    };
    let standings: Vec<_> = group.regions().into_iter().map(standing).collect();
    format!("voters {:?}; {}", group.voters(), standings.join(", "))
}
