//! One cluster from its start through a plan of faults to its judgement.

use crate::chaos::clocks::Clocks;
use crate::chaos::healing;
use crate::chaos::lives::Lives;
use crate::chaos::nemesis::import;
use crate::chaos::plan::{Kind, Logs, Plan};
use crate::chaos::record::Record;
use crate::chaos::rig::Rig;
use crate::chaos::served::{Served, Visits};
use crate::chaos::terrain::Terrain;
use crate::chaos::tracks;
use crate::chaos::workload::place::Ground;
use crate::chaos::workload::{self, Workload};
use crate::cluster::api::Api;
use crate::cluster::group::Group;
use crate::cluster::node::{ALL_ENTRIES, Settings, Surroundings};
use crate::cluster::place::Place;
use crate::faults::report::Tally;
use crate::faults::trail::End;
use crate::judge::after_load::{self, WholeLog};
use crate::judge::liveness::{self, ANSWERS_AGAIN_MAX};
use crate::judge::violation::Violation;
use crate::lab::shim::Shim;
use crate::load::client::Door;
use crate::load::crowd::Crowd;
use crate::load::intent::{ADDRESSES, Weight};
use crate::load::meter::Meter;
use crate::load::record::WriteRecord;
use anyhow::Context as _;
use regent_check::history::line::{Note, Operation};
use regent_power::disk::Disk;
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// Entries between two snapshots, and kept behind the older one, where nodes are to need snapshots.
const SNAPSHOT_ENTRIES: u64 = 2000;
const ENTRIES_KEPT: u64 = 50;
/// Entries between two snapshots where these are made all the time.
const STORM_ENTRIES: u64 = 150;
/// What a node says that was made to forget.
const ALARM: &str = "ALARM: ";

/// What is run, and where.
pub struct Stage<'a> {
    /// The program of the nodes.
    pub executable: &'a Path,
    /// The program of the racks.
    pub rack_executable: &'a Path,
    /// The folder of their disks and lines.
    pub work: &'a Path,
    /// Where they live.
    pub terrain: &'a Terrain,
    /// What is done.
    pub plan: &'a Plan,
    /// The library for clocks that jump, if there is one.
    pub faketime: Option<PathBuf>,
    /// Whether something can stand before disks.
    pub can_shim: bool,
}

/// What became of it.
#[derive(Default)]
pub struct Lived {
    /// What was done to the cluster.
    pub records: Vec<Record>,
    /// What the load wrote.
    pub writes: Vec<WriteRecord>,
    /// What everybody else did.
    pub operations: Vec<Operation>,
    /// What was seen beside operations.
    pub seen: Vec<Note>,
    /// Nodes that began anew.
    pub lives: Lives,
    /// DHCP clients that did not stay.
    pub visits: Visits,
    /// What racks wrote, by name.
    pub racks_said: Vec<(String, String)>,
    /// What was found in the end, if it came to that.
    pub end: Option<End>,
    /// What was looked at, in words.
    pub judged: Vec<String>,
    /// What is wrong.
    pub violations: Vec<Violation>,
    /// Where nodes lived.
    pub places: Vec<Place>,
}

impl Stage<'_> {
    /// Lives it.
    ///
    /// # Errors
    /// When the harness cannot go on; that says nothing about the cluster.
    pub async fn live(&self) -> anyhow::Result<(Lived, Vec<Disk>)> {
        let disks = self.terrain.disks(self.work, self.plan.nodes)?;
        let (clocks, shim) = (self.clocks()?, self.shim()?);
        let mut group = self.group(&disks, clocks.as_ref(), shim.as_ref())?;
        group.start().await.context("the cluster did not come up")?;
        if self.plan.has(Kind::Import) {
            let apis = group.nodes.iter().map(|node| node.place.api.clone()).collect();
            import::prepare(&Api::new(group.http.clone(), apis)).await?;
        }
        group.make_subnet(ADDRESSES).await?;
        let places: Vec<_> = group.nodes.iter().map(|node| node.place.clone()).collect();
        let mut lived = Lived { places: places.clone(), ..Lived::default() };
        let faces = self.terrain.faces(&places);
        let crowd = Crowd::start(&doors(&faces), 0, Weight::Light)?;
        let meter = Arc::clone(&crowd.meter);
        let apis = faces.iter().map(|place| place.api.clone()).collect();
        let api = Api::new(group.http.clone(), apis);
        let (ground, made) = Ground::make(&api, faces, self.plan.seconds, &meter).await?;
        lived.operations.extend(made);
        let ground = Arc::new(ground);
        let workload = Workload::start(&ground, self.plan.seed, &meter)?;
        let mut rig = Rig::new(group, disks, Arc::clone(&meter));
        rig.cables = self.terrain.cables();
        (rig.clocks, rig.shim) = (clocks, shim);
        rig.spared = match self.plan.logs {
            Logs::Whole => None,
            Logs::Purged | Logs::Storm => Some(rig.count() - 1),
        };
        if self.plan.racks {
            let lan = self.terrain.lan().context("racks need machines of their own")?;
            rig.served = Some(Served::start(&api, lan, self.rack_executable, self.work).await?);
        }
        let racks = rig.served.as_ref().map(Served::ports).unwrap_or_default();
        rig.cuts = self.terrain.cuts(racks, self.work)?;
        let stops = rig.served.as_ref().map(Served::stops).unwrap_or_default();
        rig.queues = self.terrain.queues(stops, self.work);
        let (records, visits) = tokio::join!(tracks::play(&rig, self.plan), self.receive(&rig));
        (lived.records, lived.visits) = (records, visits?);
        let back = healing::heal(&rig).await;
        if back.is_ok() {
            let names = rig.names(&(0..rig.count()).collect::<Vec<_>>());
            lived
                .violations
                .extend(liveness::through_each(&meter, &names, ANSWERS_AGAIN_MAX).await);
        }
        let (operations, seen) = workload.end().await?;
        lived.operations.extend(operations);
        lived.seen = seen;
        lived.writes = crowd.end().await?;
        if let Some(served) = rig.served.take() {
            lived.operations.extend(served.operations(&lived.visits, &meter)?);
            lived.racks_said = served.said();
        }
        let forgetful = rig.forgetful.take();
        lived.lives = rig.lives.take();
        let (mut group, mut disks) = rig.into_parts();
        match back {
            Ok(()) => lived.judge(&mut group, &ground, &meter, &forgetful).await?,
            Err(error) => lived.violations.push(group_is_down(&error)),
        }
        if lived.end.is_some() && self.plan.has(Kind::Import) {
            let rig = Rig::new(group, disks, meter);
            lived.go_on(&rig, self.plan).await;
            (group, disks) = rig.into_parts();
        }
        group.end().await;
        Ok((lived, disks))
    }

    async fn receive(&self, rig: &Rig) -> anyhow::Result<Visits> {
        match &rig.served {
            Some(served) => served.receive(self.plan.seconds).await,
            None => Ok(Visits::default()),
        }
    }

    /// Only for plans in which they jump: each look at the clock costs a node something then.
    fn clocks(&self) -> anyhow::Result<Option<Clocks>> {
        let library = self.faketime.clone().filter(|_| self.plan.has(Kind::ClockJump));
        let clocks = library.map(|library| Clocks::prepare(library, self.work, self.plan.nodes));
        Ok(clocks.transpose()?)
    }

    /// Only for plans in which disks fail.
    fn shim(&self) -> anyhow::Result<Option<Shim>> {
        let is_needed = self.plan.has(Kind::DiskSlow) || self.plan.has(Kind::DiskFails);
        let shim = (self.can_shim && is_needed).then(|| Shim::prepare(self.work, self.plan.nodes));
        shim.transpose()
    }

    fn group(
        &self,
        disks: &[Disk],
        clocks: Option<&Clocks>,
        shim: Option<&Shim>,
    ) -> anyhow::Result<Group> {
        let whole = Settings { entries_kept: Some(ALL_ENTRIES), ..Settings::SHIPPED };
        let purged = |snapshot_entries| Settings {
            snapshot_entries: Some(snapshot_entries),
            entries_kept: Some(ENTRIES_KEPT),
            ..Settings::SHIPPED
        };
        let settings = match self.plan.logs {
            Logs::Whole => whole,
            Logs::Purged => purged(SNAPSHOT_ENTRIES),
            Logs::Storm => purged(STORM_ENTRIES),
        };
        let places = self.terrain.places(self.work, disks);
        let mut group = Group::prepare(places, self.executable, settings)?;
        for (number, node) in group.nodes.iter_mut().enumerate() {
            let voters = self.plan.nodes.to_string();
            let mut preparing = vec!["--voters", &voters];
            let network = self.terrain.network(number);
            // Without TLS nobody may be reached from elsewhere unless that is said.
            preparing.extend(network.is_some().then_some("--insecure-no-auth"));
            node.surround(Surroundings {
                network,
                preparing: preparing.into_iter().map(str::to_owned).collect(),
                environment: environment(number, clocks, shim),
            });
        }
        if let Some(last) = group.nodes.last_mut() {
            last.settle(Settings { entries_kept: Some(ALL_ENTRIES), ..settings });
        }
        Ok(group)
    }
}

impl Lived {
    async fn judge(
        &mut self,
        group: &mut Group,
        ground: &Arc<Ground>,
        meter: &Arc<Meter>,
        forgetful: &BTreeSet<usize>,
    ) -> anyhow::Result<()> {
        self.operations.extend(workload::read_finally(ground, meter).await?);
        let found = match after_load::judge(group, &self.writes, WholeLog::IfThere).await {
            Ok(found) => found,
            // Nothing is in their way: that they do not come to one state, or stop, is their fault.
            Err(error) => {
                self.violations.push(group_is_down(&error));
                return Ok(());
            }
        };
        self.judged.extend(found.judged);
        let names = forgetful.iter().map(|node| &group.nodes[*node].place.name);
        let names: BTreeSet<_> = names.collect();
        // One that was made to forget has to say so.
        let is_meant = |violation: &Violation| {
            let Violation::Broken { node, what } = violation else { return false };
            names.contains(node) && what.contains(ALARM)
        };
        self.violations.extend(found.violations.into_iter().filter(|found| !is_meant(found)));
        let nodes = group.nodes.iter().map(|node| node.place.name.clone()).collect();
        let keys = found.replayed.map(|replayed| replayed.keys).unwrap_or_default();
        self.end = Some(End { at: meter.now(), agreed: found.agreed, nodes, keys });
        Ok(())
    }

    /// Has the cluster, which was stopped, do what is left for afterwards.
    async fn go_on(&mut self, rig: &Rig, plan: &Plan) {
        let all: Vec<_> = (0..rig.count()).collect();
        let mut back = all.iter().try_for_each(|node| rig.start(*node));
        if back.is_ok() {
            back = rig.ready(&all).await;
        }
        match back {
            Ok(()) => self.records.extend(tracks::play_afterwards(rig, plan).await),
            Err(error) => self.violations.push(group_is_down(&error)),
        }
        self.violations.extend(rig.found.take());
    }

    /// What it came to, for people.
    #[must_use]
    pub fn summary(&self) -> String {
        let Tally { acknowledged, retried, refused, unknown } = Tally::of(&self.writes);
        let operations = self.operations.len();
        let mut lines = vec![format!(
            "{acknowledged} writes acknowledged ({retried} after retries), {refused} refused, {unknown} unknown; {operations} other operations"
        )];
        lines.extend(self.judged.iter().cloned());
        lines.extend(self.violations.iter().map(|violation| format!("VIOLATION: {violation}")));
        lines.join("\n")
    }
}

fn group_is_down(error: &anyhow::Error) -> Violation {
    Violation::Down { node: "the group".to_owned(), why: format!("{error:#}") }
}

/// What a node's environment must say for its clock and its disk to be ours.
fn environment(node: usize, clocks: Option<&Clocks>, shim: Option<&Shim>) -> Vec<(String, String)> {
    let libraries = [clocks.map(Clocks::library), shim.map(Shim::library)];
    let libraries: Vec<_> =
        libraries.into_iter().flatten().map(|path| path.display().to_string()).collect();
    let mut all = vec![("LD_PRELOAD".to_owned(), libraries.join(":"))];
    all.extend(clocks.iter().flat_map(|clocks| clocks.environment(node)));
    all.extend(shim.iter().flat_map(|shim| shim.environment(node)));
    all.retain(|(_, value)| !value.is_empty());
    all
}

fn doors(places: &[Place]) -> Vec<Door> {
    let door = |place: &Place| Door { name: place.name.clone(), api: place.api.clone() };
    places.iter().map(door).collect()
}
