//! Does faults to a cluster, one after the other, each only when the cluster has recovered from the last.

use crate::cluster::group::Group;
use crate::cluster::log_lines::LogLines;
use crate::cluster::place::NODES;
use crate::faults::arguments::RATE_WANTED;
use crate::faults::arrival::Arrival;
use crate::faults::fault::{Fault, FaultKind, Outcome, Resumption};
use crate::judge::liveness::{self, ANSWERS_AGAIN_MAX};
use crate::judge::violation::Violation;
use crate::load::meter::Meter;
use rustix::process::Signal;
use std::time::{Duration, Instant};
use tokio::time::sleep;

/// The time over which writes a second are counted.
const RATE_WINDOW: Duration = Duration::from_secs(1);
/// How long a killed node stays away, so that the others are on their own for a moment.
const AWAY: Duration = Duration::from_secs(1);
/// How long a snapshot may take to begin to arrive at a restarted node.
const INSTALL_MAX: Duration = Duration::from_secs(20);
/// The node is killed within this time of the first bytes: some moment up to the whole snapshot's being in place. If it was
/// quicker, the fault is tried again.
const ARRIVAL_WITHIN: Duration = Duration::from_millis(12);
const ARRIVAL_HALVES_MAX: usize = 10;
/// How long the others may take to purge what a node that is away would need.
const PURGE_MAX: Duration = Duration::from_secs(60);
/// Pause between two looks.
const LOOK_PAUSE: Duration = Duration::from_millis(20);
/// Times a kind of fault is tried for each time it is wanted.
const TRIES_PER_FAULT: usize = 3;

/// The node that keeps its whole log while others are killed: to be judged by, neither leader nor killed itself.
pub const WITNESS: usize = NODES - 1;
/// Times the witness may be made leader before a fault.
const HANDOVERS_MAX: usize = 5;

/// What faults are done to, and what they meet.
pub struct Injector<'a> {
    /// The cluster.
    pub group: &'a mut Group,
    /// The load on it.
    pub meter: &'a Meter,
    /// How long the load may take to come up to what a fault should meet; then it meets what there is.
    pub load_max: Duration,
    /// Every fault so far.
    pub faults: Vec<Fault>,
    /// What was wrong meanwhile.
    pub violations: Vec<Violation>,
}

/// The leader that a fault is about to be done to.
struct Aim {
    leader: usize,
    term: u64,
}

impl Injector<'_> {
    /// Kills the leader `times` times.
    ///
    /// # Errors
    /// When the cluster does not recover.
    pub async fn kill_leader(&mut self, times: usize) -> anyhow::Result<()> {
        for _ in 0..tries(times) {
            if self.installed(FaultKind::KillLeader) == times {
                break;
            }
            let (Aim { leader, term }, mut fault) = self.aim(FaultKind::KillLeader).await?;
            self.group.nodes[leader].kill().await?;
            fault.outcome = Outcome::Installed;
            self.others_answer().await;
            sleep(AWAY).await;
            self.group.nodes[leader].start(None)?;
            self.heal(leader, &mut fault).await?;
            self.other_term(leader, term).await?;
            self.faults.push(fault);
        }
        Ok(())
    }

    /// Pauses the leader `times` times for so long.
    ///
    /// # Errors
    /// When the cluster does not recover.
    pub async fn pause_leader(&mut self, times: usize, pause: Duration) -> anyhow::Result<()> {
        for _ in 0..tries(times) {
            if self.installed(FaultKind::PauseLeader) == times {
                break;
            }
            let (Aim { leader, term }, mut fault) = self.aim(FaultKind::PauseLeader).await?;
            self.group.nodes[leader].signal(Signal::STOP)?;
            fault.outcome = Outcome::Installed;
            tokio::join!(sleep(pause), self.others_answer());
            self.group.nodes[leader].signal(Signal::CONT)?;
            self.heal(leader, &mut fault).await?;
            self.other_term(leader, term).await?;
            self.faults.push(fault);
        }
        Ok(())
    }

    /// Kills a follower `times` times while a snapshot arrives there. `entries` written while it is away make it need
    /// one.
    ///
    /// # Errors
    /// When the cluster does not recover.
    pub async fn kill_install(&mut self, times: usize, entries: u64) -> anyhow::Result<()> {
        for _ in 0..tries(times) {
            if self.installed(FaultKind::KillInstall) == times {
                break;
            }
            self.load().await;
            let follower = self.follower_beside_witness().await?;
            self.group.nodes[follower].kill().await?;
            self.until_written(entries).await;
            let arrival = Arrival::watch(&self.group.nodes[follower].snapshots())?;
            self.group.nodes[follower].start(None)?;
            let began = arrival.began(INSTALL_MAX).await?;
            sleep(self.arrival_within().mul_f64(rand::random())).await;
            let mut fault = self.fault(FaultKind::KillInstall, follower);
            self.group.nodes[follower].kill().await?;
            let held = arrival.under_way()?;
            if !began {
                fault.outcome = Outcome::Skipped { why: "no snapshot was seen to arrive".into() };
            } else if held.is_none() {
                fault.outcome = Outcome::Skipped { why: "the snapshot was there already".into() };
            } else {
                fault.outcome = Outcome::Installed;
            }
            let lines = LogLines::from_now(&self.group.nodes[follower].place.log);
            self.group.nodes[follower].start(None)?;
            self.heal(follower, &mut fault).await?;
            let next = lines.first_arrival();
            fault.resumption = held.map(|held| Resumption::of(&held, next.as_ref()));
            self.faults.push(fault);
        }
        Ok(())
    }

    /// The node that neither leads nor is the witness. If the witness leads, it hands leadership over: it stops in order
    /// and starts again, too fast to miss what others purge.
    async fn follower_beside_witness(&mut self) -> anyhow::Result<usize> {
        for _ in 0..HANDOVERS_MAX {
            let leader = self.group.leader().await?;
            let follower = (0..NODES).find(|node| *node != leader && *node != WITNESS);
            if let (true, Some(follower)) = (leader != WITNESS, follower) {
                return Ok(follower);
            }
            self.group.nodes[WITNESS].stop().await?;
            self.group.nodes[WITNESS].start(None)?;
            self.group.ready(WITNESS).await?;
        }
        anyhow::bail!("the node that keeps its log leads again and again");
    }

    /// How long a snapshot may take to be in place: half as long after each time that the node was killed too late.
    fn arrival_within(&self) -> Duration {
        let of_kind = self.faults.iter().filter(|fault| fault.kind == FaultKind::KillInstall);
        let late = of_kind.filter(|fault| !fault.is_installed()).count();
        ARRIVAL_WITHIN / (1 << late.min(ARRIVAL_HALVES_MAX))
    }

    fn installed(&self, kind: FaultKind) -> usize {
        self.faults.iter().filter(|fault| fault.kind == kind && fault.is_installed()).count()
    }

    /// The leader, certainly leading just now, and a fault that is about to be done to it.
    async fn aim(&mut self, kind: FaultKind) -> anyhow::Result<(Aim, Fault)> {
        self.load().await;
        let (term, leader) = self.group.leading().await?;
        Ok((Aim { leader, term }, self.fault(kind, leader)))
    }

    /// Demands that somebody was elected since `term`, in which this node led.
    async fn other_term(&mut self, leader: usize, term: u64) -> anyhow::Result<()> {
        if self.group.leading().await?.0 <= term {
            let node = self.group.nodes[leader].place.name.clone();
            self.violations.push(Violation::SameTerm { node, term });
        }
        Ok(())
    }

    fn fault(&self, kind: FaultKind, node: usize) -> Fault {
        Fault {
            kind,
            node: self.group.nodes[node].place.name.clone(),
            rate: self.meter.within(RATE_WINDOW),
            in_flight: self.meter.in_flight(),
            began: self.meter.now(),
            healed: None,
            outcome: Outcome::Skipped { why: "it was not done".into() },
            resumption: None,
        }
    }

    async fn heal(&mut self, node: usize, fault: &mut Fault) -> anyhow::Result<()> {
        self.group.ready(node).await?;
        fault.healed = Some(self.meter.now());
        let names: Vec<_> = self.group.nodes.iter().map(|node| node.place.name.clone()).collect();
        let stuck = liveness::through_each(self.meter, &names, ANSWERS_AGAIN_MAX).await;
        self.violations.extend(stuck);
        Ok(())
    }

    /// Waits until the load is as high as it should be.
    async fn load(&self) {
        let enough = || self.meter.within(RATE_WINDOW) >= RATE_WANTED;
        wait_until(self.load_max, enough).await;
    }

    /// Demands that those that are left take writes.
    async fn others_answer(&mut self) {
        self.violations.extend(liveness::through_any(self.meter, ANSWERS_AGAIN_MAX).await);
    }

    async fn until_written(&self, entries: u64) {
        let wanted = self.meter.count() + usize::try_from(entries).unwrap_or(usize::MAX);
        wait_until(PURGE_MAX, || self.meter.count() >= wanted).await;
    }
}

const fn tries(times: usize) -> usize {
    times * TRIES_PER_FAULT
}

/// Looks again and again; whether it came true.
async fn wait_until(patience: Duration, come_true: impl Fn() -> bool) -> bool {
    let until = Instant::now() + patience;
    while !come_true() {
        if Instant::now() >= until {
            return false;
        }
        sleep(LOOK_PAUSE).await;
    }
    true
}
