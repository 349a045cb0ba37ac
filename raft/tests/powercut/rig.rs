//! One cut after another: start the writer, take its power, bring it back, and hold the log to what was acknowledged.

use crate::kind::{DISK_BYTES, Dice, Kind, is_intact};
use crate::node::{self, Said};
use openraft::RaftLogReader;
use openraft::storage::RaftLogStorage;
use regent_power::disk::Disk;
use regent_raft::identity::IDENTITY_FILE;
use std::fs;
use std::io::{self, BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{Receiver, RecvTimeoutError, sync_channel};
use std::time::{Duration, Instant};

/// The same store is cut this often before a fresh one is made.
const CUTS_A_STORE: u64 = 8;
const START_PATIENCE: Duration = Duration::from_secs(20);
const SAID_MAX: usize = 1 << 16;

/// What a number of cuts came to.
#[derive(Debug, Default)]
pub(crate) struct Tally {
    pub(crate) cuts: u64,
    pub(crate) acknowledged_entries: u64,
    pub(crate) losses: Vec<String>,
}

/// What the writer was told is durable, and what it asked for.
#[derive(Clone, Copy, Debug, Default)]
struct Promises {
    last: Option<u64>,
    vote_term: u64,
    purge_asked: Option<u64>,
}

/// Cuts the power `cuts` times under `kind`, or until the first loss if `until_loss`.
pub(crate) fn run(work: &Path, kind: Kind, cuts: u64, goal: Goal) -> io::Result<Tally> {
    let disk = Disk::make(work, kind.name(), DISK_BYTES)?;
    let folder = disk.path().join("node");
    let mut dice = Dice::new(cuts ^ 0xC07);
    let mut promises = Promises::default();
    let mut tally = Tally::default();
    for cut in 0..cuts {
        if cut % CUTS_A_STORE == 0 {
            drop(fs::remove_dir_all(&folder));
            promises = Promises::default();
        }
        let before = promises.last;
        lose_power(&disk, &folder, kind, cut, &mut dice, &mut promises)?;
        tally.cuts += 1;
        let gained =
            promises.last.unwrap_or(0) - before.unwrap_or(0).min(promises.last.unwrap_or(0));
        tally.acknowledged_entries += gained;
        if let Err(loss) = check(&folder, kind, &mut promises) {
            tally.losses.push(format!("cut {cut}: {loss}"));
            if goal == Goal::FirstLoss {
                break;
            }
            drop(fs::remove_dir_all(&folder));
            promises = Promises::default();
        }
    }
    Ok(tally)
}

/// When to stop.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Goal {
    /// After all cuts.
    AllCuts,
    /// At the first loss: controls only have to show that the rig can see one.
    FirstLoss,
}

fn lose_power(
    disk: &Disk,
    folder: &Path,
    kind: Kind,
    seed: u64,
    dice: &mut Dice,
    promises: &mut Promises,
) -> io::Result<()> {
    let mut writer = Writer::start(folder, kind, seed)?;
    match kind {
        Kind::Again if seed % 2 == 1 => {
            writer.listen(Duration::from_millis(dice.below(50)), promises)?;
        }
        Kind::Again | Kind::Bursts | Kind::Purge | Kind::WithoutFdatasync | Kind::WithoutCap => {
            writer.listen_until_first_entries(promises)?;
            writer.listen(Duration::from_millis(dice.below(300)), promises)?;
        }
    }
    disk.cut_power()?;
    writer.end(promises)?;
    disk.restart()
}

/// The writer's process and what it says.
struct Writer {
    process: Child,
    said: Receiver<Said>,
    folder: PathBuf,
}

impl Writer {
    fn start(folder: &Path, kind: Kind, seed: u64) -> io::Result<Self> {
        let mut process = Command::new(std::env::current_exe()?)
            .arg("write")
            .arg(folder)
            .args([kind.name(), &seed.to_string()])
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()?;
        let output = process.stdout.take().ok_or_else(|| io::Error::other("no pipe"))?;
        let (say, said) = sync_channel(SAID_MAX);
        std::thread::spawn(move || {
            for line in BufReader::new(output).lines().map_while(Result::ok) {
                if Said::parse(&line).is_some_and(|said| say.send(said).is_err()) {
                    break;
                }
            }
        });
        Ok(Self { process, said, folder: folder.to_owned() })
    }

    fn listen_until_first_entries(&mut self, promises: &mut Promises) -> io::Result<()> {
        let deadline = Instant::now() + START_PATIENCE;
        loop {
            let left = deadline.saturating_duration_since(Instant::now());
            match self.said.recv_timeout(left) {
                Ok(said) => {
                    promises.hear(said);
                    if matches!(said, Said::Entries(_)) {
                        return Ok(());
                    }
                }
                Err(RecvTimeoutError::Timeout | RecvTimeoutError::Disconnected) => {
                    let folder = self.folder.display();
                    return Err(io::Error::other(format!("the writer on {folder} writes nothing")));
                }
            }
        }
    }

    fn listen(&mut self, time: Duration, promises: &mut Promises) -> io::Result<()> {
        let deadline = Instant::now() + time;
        loop {
            let left = deadline.saturating_duration_since(Instant::now());
            match self.said.recv_timeout(left) {
                Ok(said) => promises.hear(said),
                Err(RecvTimeoutError::Timeout) => return Ok(()),
                Err(RecvTimeoutError::Disconnected) => {
                    return Err(io::Error::other("the writer ended before its power was cut"));
                }
            }
        }
    }

    /// Kills it and hears what it had said before.
    fn end(mut self, promises: &mut Promises) -> io::Result<()> {
        self.process.kill()?;
        self.process.wait()?;
        self.said.iter().for_each(|said| promises.hear(said));
        Ok(())
    }
}

impl Drop for Writer {
    fn drop(&mut self) {
        drop(self.process.kill());
        drop(self.process.wait());
    }
}

impl Promises {
    fn hear(&mut self, said: Said) {
        match said {
            Said::Open => {}
            Said::Entries(index) => self.last = self.last.max(Some(index)),
            Said::Vote(term) => self.vote_term = self.vote_term.max(term),
            Said::Purge(index) => self.purge_asked = self.purge_asked.max(Some(index)),
        }
    }
}

/// Opens the log as a restarted node would. What is in it counts as promised from now on.
fn check(folder: &Path, kind: Kind, promises: &mut Promises) -> Result<(), String> {
    let promised_nothing = promises.last.is_none() && promises.vote_term == 0;
    if promised_nothing && !folder.join(IDENTITY_FILE).exists() {
        // Cut while it was being made: `init` would be run again on an emptied folder.
        drop(fs::remove_dir_all(folder));
        return Ok(());
    }
    let mut log = node::open(folder, kind).map_err(|error| error.to_string())?;
    let runtime = tokio::runtime::Builder::new_current_thread().build().expect("a runtime");
    let (state, vote, entries) = runtime
        .block_on(async {
            let state = log.get_log_state().await?;
            Ok::<_, io::Error>((state, log.read_vote().await?, log.try_get_log_entries(..).await?))
        })
        .map_err(|error| error.to_string())?;
    let last = state.last_log_id.map(|id| id.index);
    if last < promises.last {
        return Err(format!("ends at {last:?}, acknowledged was {:?}", promises.last));
    }
    let term = vote.map_or(0, |vote| vote.leader_id.term);
    if term < promises.vote_term {
        return Err(format!("vote of term {term}, acknowledged was {}", promises.vote_term));
    }
    let purged = state.last_purged_log_id.map(|id| id.index);
    if purged > promises.purge_asked {
        return Err(format!("purged {purged:?}, asked for was {:?}", promises.purge_asked));
    }
    let first = purged.map_or(0, |index| index + 1);
    let places = entries.iter().map(|entry| entry.log_id.index);
    if !places.eq(first..last.map_or(0, |last| last + 1)) {
        return Err("there is a hole in the log".into());
    }
    match entries.iter().find(|entry| !is_intact(entry)) {
        Some(entry) => Err(format!("entry {} has other content", entry.log_id.index)),
        None => {
            (promises.last, promises.vote_term) = (last, term);
            Ok(())
        }
    }
}
