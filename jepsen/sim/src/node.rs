//! One simulated host with its node: started, killed, frozen, and out of power.

use crate::chance::Chance;
use crate::clock::HostClock;
use crate::names::HostId;
use crate::network::router::Router;
use crate::network::wires::HostWires;
use regent_raft::config::RaftConfig;
use regent_raft::error::StartError;
use regent_raft::log_store::memory::{MemoryDisk, PowerCut};
use regent_raft::log_store::reserve::ReserveSize;
use regent_raft::log_store::store::LogOptions;
use regent_raft::region::handle::Region;
use regent_raft::region::host::{Host, SimulatedHost};
use regent_raft::region::prepare::Preparation;
use regent_raft::region::start::StartOptions;
use regent_raft::runtime::life::Life;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;
use tokio::time::Instant;

/// The room of a log is not simulated.
const NO_RESERVE: ReserveSize = ReserveSize { bytes: 0, floor_bytes: 0 };
/// The folder of a node's snapshots.
const SNAPSHOTS: &str = "snapshots";
/// The ending of a snapshot.
const SNAPSHOT: &str = "snapshot";
/// Without a leader a node answers DNS questions after so long, as the daemon does.
const LEADERLESS_START_MAX: Duration = Duration::from_secs(3);

/// A host. It outlives the processes on it.
#[derive(Debug)]
pub struct Node {
    /// Which host.
    pub host: HostId,
    /// The disk of its log.
    pub disk: MemoryDisk,
    /// Identity and snapshots.
    directory: PathBuf,
    router: Router,
    config: RaftConfig,
    /// Its clocks.
    pub clock: HostClock,
    process: Process,
}

/// What runs on a host.
#[derive(Debug)]
enum Process {
    None,
    Starts(Life),
    Runs(Running),
}

/// A process that runs.
#[derive(Clone)]
pub struct Running {
    /// Its tasks.
    pub life: Life,
    /// The node in it.
    pub region: Region,
    /// Whether it answers DNS questions yet.
    pub answers_names: Arc<AtomicBool>,
}

impl std::fmt::Debug for Running {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Running").field("life", &self.life).finish_non_exhaustive()
    }
}

/// A process on its way up, apart from its host, so that nobody has to wait for it.
#[derive(Debug)]
pub struct Launch {
    life: Life,
    simulated: SimulatedHost,
    directory: PathBuf,
    address: String,
    name: String,
    config: RaftConfig,
    clock: HostClock,
}

impl Node {
    /// A host without a node yet, that keeps files in `directory`, in a run that began then.
    #[must_use]
    pub fn new(
        (host, began): (HostId, Instant),
        directory: PathBuf,
        router: &Router,
        config: RaftConfig,
    ) -> Self {
        let clock = HostClock::made_now(began, i64::from(host.0) * 1000);
        let (router, disk) = (router.clone(), MemoryDisk::default());
        Self { host, disk, directory, router, config, clock, process: Process::None }
    }

    /// The process on it, if one runs.
    #[must_use]
    pub const fn running(&self) -> Option<&Running> {
        match &self.process {
            Process::Runs(running) => Some(running),
            Process::None | Process::Starts(_) => None,
        }
    }

    /// The life of the process on it, even if it is not up yet.
    #[must_use]
    pub const fn life(&self) -> Option<&Life> {
        match &self.process {
            Process::None => None,
            Process::Starts(life) => Some(life),
            Process::Runs(running) => Some(&running.life),
        }
    }

    /// A process that is to be started on it, where there is none.
    #[must_use]
    pub fn launch(&mut self) -> Launch {
        let life = Life::begin();
        self.process = Process::Starts(life.clone());
        let (router, own) = (self.router.clone(), self.host);
        let wires = Arc::new(HostWires { router, own, life: life.clone() });
        Launch {
            life,
            simulated: SimulatedHost { wires, disk: self.disk.clone() },
            directory: self.directory.clone(),
            address: self.host.peer_address(),
            name: self.host.to_string(),
            config: self.config.clone(),
            clock: self.clock.clone(),
        }
    }

    /// The process that was launched is up.
    pub fn launched(&mut self, running: Running) {
        if !running.life.is_over() {
            self.process = Process::Runs(running);
        }
    }

    /// The process that was launched did not come up.
    pub fn failed(&mut self) {
        self.end();
    }

    /// Kills the process. What it had written is there, synced or not.
    pub fn kill(&mut self) {
        if self.end() {
            self.disk = self.disk.after_kill();
        }
    }

    /// Takes the power away. Of what was not synced, this much is left.
    pub fn cut_power(&mut self, left: PowerCut) {
        if self.end() {
            self.disk = self.disk.after_power_cut(left);
            self.clock = self.clock.booted_again();
        }
    }

    /// Has a byte of its newest snapshot be another. Tells whether it has a snapshot.
    pub fn rot(&self, chance: &mut Chance) -> bool {
        rotten(&self.directory, chance).is_ok_and(|found| found)
    }

    fn end(&mut self) -> bool {
        self.router.close(self.host);
        let is_there = self.life().is_some_and(|life| {
            life.end();
            true
        });
        self.process = Process::None;
        is_there
    }
}

impl Launch {
    /// The life it will have.
    #[must_use]
    pub const fn life(&self) -> &Life {
        &self.life
    }

    /// Makes it the first node of a new group.
    ///
    /// # Errors
    /// [`StartError`].
    pub fn found(&self) -> Result<(), StartError> {
        self.preparation()?.found().map(drop)
    }

    /// Gets it a place in the group of the node at `member`. `None` if the process was killed meanwhile.
    pub async fn join(&self, member: String) -> Option<Result<(), StartError>> {
        let preparation = match self.preparation() {
            Ok(preparation) => preparation,
            Err(error) => return Some(Err(error)),
        };
        let address = self.address.clone();
        let joining = async move { preparation.join(&member, &address, "api:0").await.map(drop) };
        self.life.spawn(joining).await.ok()
    }

    /// Starts it. `None` if the process was killed meanwhile.
    pub async fn start(self) -> Option<Result<Running, StartError>> {
        let Self { life, simulated, directory, address, name: _, config, clock } = self;
        let broken = life.clone();
        let options = StartOptions {
            data_dir: directory,
            advertise_peer: address,
            advertise_api: "api:0".into(),
            host: Host::Simulated(simulated),
            config,
            log: LogOptions { reserve: NO_RESERVE, ..LogOptions::default() },
            clock: Arc::new(clock),
            fatal: Box::new(move |_error| broken.end()),
        };
        let started = life.spawn(Region::start(options)).await.ok()?;
        Some(started.map(|region| {
            let answers_names = Arc::new(AtomicBool::new(false));
            drop(life.spawn(answer_names(region.clone(), Arc::clone(&answers_names))));
            Running { life, region, answers_names }
        }))
    }

    fn preparation(&self) -> Result<Preparation, StartError> {
        let preparation = Preparation::begin(&self.directory, &self.name)?;
        Ok(preparation.simulated_on(self.simulated.clone()))
    }
}

/// A name service answers once its node has caught up, as the daemon has it.
async fn answer_names(region: Region, answers: Arc<AtomicBool>) {
    region.caught_up(LEADERLESS_START_MAX).await;
    answers.store(true, Ordering::Relaxed);
}

fn rotten(directory: &Path, chance: &mut Chance) -> io::Result<bool> {
    let mut snapshots = Vec::new();
    for entry in fs::read_dir(directory.join(SNAPSHOTS))? {
        let path = entry?.path();
        snapshots.extend(path.extension().is_some_and(|ending| ending == SNAPSHOT).then_some(path));
    }
    let Some(newest) = snapshots.into_iter().max() else { return Ok(false) };
    let mut bytes = fs::read(&newest)?;
    if bytes.is_empty() {
        return Ok(false);
    }
    let place = chance.below(bytes.len());
    bytes[place] ^= 1 << chance.below(8);
    fs::write(newest, bytes)?;
    Ok(true)
}
