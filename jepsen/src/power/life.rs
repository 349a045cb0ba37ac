//! One cluster from its start through several power cuts to its end.
//!
//! After each cut: the nodes come back by themselves (a node that was leaving or joining with the operator's help, as
//! the documents say), all come to one state, and that state holds what clients were told. At the end, where the logs
//! were kept whole, the same is judged from them.

use crate::cluster::group::Group;
use crate::cluster::log_lines::LogLines;
use crate::cluster::node::{Node, Resume, Settings};
use crate::cluster::place::{self, Place};
use crate::judge::addresses;
use crate::judge::committed;
use crate::judge::expected::Expected;
use crate::judge::liveness::{self, ANSWERS_AGAIN_MAX};
use crate::judge::names;
use crate::judge::objects::Shown;
use crate::judge::order;
use crate::judge::violation::Violation;
use crate::load::client::Door;
use crate::load::crowd::Crowd;
use crate::load::intent::{ADDRESSES, Weight};
use crate::load::record::WriteRecord;
use crate::power::approach::{Approach, within};
use crate::power::arguments::Weakness;
use crate::power::disks::Disks;
use crate::power::moment::Moment;
use crate::power::recovery::{self, Errand};
use crate::power::report::{Cut, Report};
use crate::power::watch;
use crate::tell::tell;
use anyhow::Context as _;
use regent_raft::offline_log::OfflineLog;
use std::path::Path;
use std::time::{Duration, Instant};
use tempfile::TempDir;
use tokio::time::sleep;

/// Acknowledged writes before power goes, and where all of them are heavy.
const WRITES_BEFORE: usize = 150;
const HEAVY_WRITES_BEFORE: usize = 32;
/// How long they are waited for.
const WRITES_BEFORE_MAX: Duration = Duration::from_secs(10);
/// Power goes again within this time of the restart.
const RESTART_WITHIN: Duration = Duration::from_millis(700);
/// Pause between two looks.
const LOOK_PAUSE: Duration = Duration::from_millis(3);

/// A cluster and what its clients were told.
pub struct Life<'a> {
    group: Group,
    disks: Disks,
    _folder: TempDir,
    settings: Settings,
    load: Weight,
    writes: Vec<WriteRecord>,
    crowds: usize,
    report: &'a mut Report,
}

/// What is known of a node when power is back.
struct Found {
    /// What it will say.
    log: LogLines,
    /// Up to where its snapshots allow its log to be purged.
    purge_due: Option<u64>,
}

impl<'a> Life<'a> {
    /// Disks and nodes in `work`, of which nothing runs yet.
    ///
    /// # Errors
    /// When there is no room for them.
    pub fn prepare(
        work: &Path,
        executable: &Path,
        settings: Settings,
        report: &'a mut Report,
    ) -> anyhow::Result<Self> {
        let folder = tempfile::tempdir_in(work)?;
        let mut places = place::choose(folder.path()).context("there are no free ports")?;
        let names: Vec<_> = places.iter().map(|place| place.name.clone()).collect();
        let disks = Disks::make(folder.path(), &names)?;
        for (place, disk) in places.iter_mut().zip(disks.paths()) {
            place.directory = disk.join("data");
        }
        let group = Group::prepare(places, executable, settings)?;
        Ok(Self {
            group,
            disks,
            _folder: folder,
            settings,
            load: Weight::Heavy,
            writes: Vec::new(),
            crowds: 0,
            report,
        })
    }

    /// Lives through a cut at each of `moments`, or up to the first broken promise.
    ///
    /// # Errors
    /// When the harness cannot go on.
    pub async fn live(
        &mut self,
        moments: &[Moment],
        weakness: Option<Weakness>,
    ) -> anyhow::Result<()> {
        self.group.start().await.context("the cluster did not come up")?;
        self.group.make_subnet(ADDRESSES).await?;
        if let Some(weakness) = weakness {
            self.load = weakness.load();
            self.weaken(weakness).await?;
        }
        for moment in moments {
            self.cut(*moment).await?;
            if self.report.cuts.last().is_some_and(Cut::is_broken) {
                return Ok(());
            }
        }
        self.end().await
    }

    /// Whether a promise was broken.
    #[must_use]
    pub fn is_broken(&self) -> bool {
        self.report.is_broken()
    }

    /// Ends whatever still runs.
    pub async fn abandon(&mut self) {
        self.group.end().await;
    }

    /// The nodes' places, for whoever wants to know what happened there.
    #[must_use]
    pub fn places(&self) -> Vec<Place> {
        self.group.nodes.iter().map(|node| node.place.clone()).collect()
    }

    async fn weaken(&mut self, weakness: Weakness) -> anyhow::Result<()> {
        self.group.stop().await?;
        let executable = std::env::current_exe()?;
        for node in &mut self.group.nodes {
            let arguments = vec!["weak-node".into(), weakness.name().into()];
            node.resume_with(Resume { executable: executable.clone(), arguments });
            node.start(None)?;
        }
        for number in 0..self.group.nodes.len() {
            self.group.ready(number).await?;
        }
        Ok(())
    }

    async fn cut(&mut self, wanted: Moment) -> anyhow::Result<()> {
        let crowd = Crowd::start(&self.doors(), self.crowds, self.load)?;
        self.crowds += 1;
        let before = match self.load {
            Weight::Light | Weight::Heavy => WRITES_BEFORE,
            Weight::Full => HEAVY_WRITES_BEFORE,
        };
        let started = crowd.meter.now();
        wait_for(WRITES_BEFORE_MAX, || crowd.meter.count() >= before).await;
        let is_dead =
            !(0..crowd.meter.doors()).any(|door| crowd.meter.answers_since(door, started));
        let turn = self.crowds;
        let mut approach =
            Approach { group: &mut self.group, settings: self.settings, meter: &crowd.meter, turn };
        let mut met = approach.to(wanted).await?;
        let mut found = self.lose_power().await?;
        let mut forgotten = self.forgotten(met.errand);
        let began = Instant::now();
        self.start_all()?;
        if wanted == Moment::Restart {
            sleep(within(RESTART_WITHIN)).await;
            found = self.lose_power().await?;
            forgotten.extend(self.forgotten(met.errand));
            self.start_all()?;
        }
        let restarted = crowd.meter.now();
        let logs: Vec<_> = found.iter().map(|found| found.log.clone()).collect();
        let back = recovery::come_back(&mut self.group, &logs, met.errand).await?;
        let back_after = began.elapsed();
        let mut wrong = forgotten;
        if back.violation.is_none() {
            let names: Vec<_> = self.places().into_iter().map(|place| place.name).collect();
            let each = liveness::through_each(&crowd.meter, &names, ANSWERS_AGAIN_MAX);
            wrong.extend(each.await);
        }
        if wanted == Moment::Purging && !self.purge_was_cut(&found) {
            met.moment = Moment::Load;
        }
        if back.removal_was_begun == Some(false) {
            // Power went before anybody had heard of it.
            met.moment = Moment::Load;
        }
        if is_dead {
            met.moment = Moment::Idle;
            let door = "any node".to_owned();
            wrong.push(Violation::Stuck { door, patience: WRITES_BEFORE_MAX });
        }
        let served_after = crowd.meter.first_after(restarted);
        let writes = crowd.end().await?;
        let mut cut = Cut::new(wanted, met.moment, &writes, back_after);
        let reordered = order::judge(&writes);
        self.writes.extend(writes);
        cut.rejoined = back.rejoined;
        cut.served_after = served_after;
        cut.violations = match back.violation {
            Some(violation) => vec![violation],
            None => self.judge_state().await?,
        };
        cut.violations.extend(wrong);
        cut.violations.extend(reordered);
        tell(&cut.to_string());
        self.report.cuts.push(cut);
        Ok(())
    }

    fn doors(&self) -> Vec<Door> {
        let places = self.group.nodes.iter().map(|node| &node.place);
        places.map(|place| Door { name: place.name.clone(), api: place.api.clone() }).collect()
    }

    async fn lose_power(&mut self) -> anyhow::Result<Vec<Found>> {
        self.disks.cut_power()?;
        self.group.end().await;
        self.disks.restart()?;
        let found = self.group.nodes.iter().map(|node| Found {
            log: LogLines::from_now(&node.place.log),
            purge_due: watch::purge_due(&node.snapshots()),
        });
        Ok(found.collect())
    }

    /// Nodes whose directories hold nobody any more; one that was joining need not have been anybody.
    fn forgotten(&self, errand: Errand) -> Vec<Violation> {
        let nodes = self.group.nodes.iter().enumerate();
        let gone = nodes.filter(|(number, node)| !node.is_prepared() && !errand.joins(*number));
        let violation = |(_, node): (usize, &Node)| Violation::Down {
            node: node.place.name.clone(),
            why: "its directory holds no node any more".into(),
        };
        gone.map(violation).collect()
    }

    /// Whether a node came back with a purge behind its snapshots not done, or begun and not finished.
    fn purge_was_cut(&self, found: &[Found]) -> bool {
        found.iter().any(|found| {
            let opened = found.log.opened();
            let kept = self.settings.entries_kept.unwrap_or_default();
            let due = found.purge_due.map(|due| due.saturating_sub(kept));
            opened.is_some_and(|opened| opened.removable_records > 0 || Some(opened.purged) < due)
        })
    }

    fn start_all(&mut self) -> anyhow::Result<()> {
        for number in 0..self.group.nodes.len() {
            recovery::start(&mut self.group, number)?;
        }
        Ok(())
    }

    /// All nodes in one state, and in it what clients were told. One node is looked at: the others are in the same.
    async fn judge_state(&self) -> anyhow::Result<Vec<Violation>> {
        if let Err(error) = self.group.agreement().await {
            let node = "the group".to_owned();
            return Ok(vec![Violation::Down { node, why: format!("{error:#}") }]);
        }
        let node = &self.group.nodes[self.crowds % self.group.nodes.len()];
        let shown = Shown::read(&self.group.http, &node.place.api).await?;
        let mut violations = shown.judge(&Expected::new(&self.writes), &node.place.name);
        violations.extend(addresses::judge(&self.writes, &shown.addresses, &node.place.name));
        Ok(violations)
    }

    /// Every node's own state, and the logs where they were kept.
    async fn end(&mut self) -> anyhow::Result<()> {
        let expected = Expected::new(&self.writes);
        let agreed = self.group.agreement().await?;
        for node in &self.group.nodes {
            let shown = Shown::read(&self.group.http, &node.place.api).await?;
            let Place { name, dns, .. } = &node.place;
            self.report.violations.extend(shown.judge(&expected, name));
            self.report.violations.extend(names::judge(&shown.texts, dns, name).await?);
        }
        self.group.stop().await?;
        if self.settings.snapshot_entries.is_some() {
            return Ok(());
        }
        let directories = self.group.nodes.iter().map(|node| &node.place.directory);
        let logs: Result<Vec<_>, _> = directories.map(|path| OfflineLog::read(path)).collect();
        let logs = logs?;
        let (first, others) = logs.split_first().context("there are no logs")?;
        let (replayed, violations) = committed::judge(first, others, &agreed, &expected);
        self.report.violations.extend(violations);
        self.report.replayed_entries += replayed.entries;
        self.report.replayed_effects += replayed.effects.len();
        Ok(())
    }
}

async fn wait_for(patience: Duration, come_true: impl Fn() -> bool) {
    let until = Instant::now() + patience;
    while !come_true() && Instant::now() < until {
        sleep(LOOK_PAUSE).await;
    }
}
