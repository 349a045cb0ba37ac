//! One cut after another: start the process, let it die, and hold the store to what it said.

use crate::agent::Telling;
use crate::ledger::{self, Dice};
use regent_rack_agent::store::open::Store;
use std::fs;
use std::io::{self, BufRead as _, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{Receiver, RecvTimeoutError, sync_channel};
use std::time::{Duration, Instant};

const PATIENCE: Duration = Duration::from_secs(20);
const SAID_MAX: usize = 1 << 16;
/// The process lives up to so many milliseconds after its first word.
const LIFE_MS_MAX: u64 = 300;
/// The same store is cut this often before a fresh one is made.
const CUTS_A_STORE: u64 = 10;

/// What a number of cuts came to.
#[derive(Debug, Default)]
pub(crate) struct Tally {
    pub(crate) cuts: u64,
    pub(crate) told: u64,
    pub(crate) losses: Vec<String>,
}

/// How a process dies, and what it takes to look at what is left.
pub(crate) trait Means {
    fn cut(&self) -> io::Result<()>;
    fn restore(&self) -> io::Result<()>;
}

/// What the process said.
#[derive(Clone, Copy, Debug, Default)]
struct Promises {
    is_enrolled: bool,
    durable: u64,
}

/// Cuts `cuts` times; ends early at the first loss of a control.
pub(crate) fn run(
    folder: &Path,
    cuts: u64,
    telling: Telling,
    means: &impl Means,
) -> io::Result<Tally> {
    let mut tally = Tally::default();
    let mut dice = Dice::new(cuts);
    let mut promises = Promises::default();
    for cut in 0..cuts {
        if cut % CUTS_A_STORE == 0 {
            promises = Promises::default();
            drop(fs::remove_dir_all(folder));
        }
        let before = promises.durable;
        let agent = Agent::start(folder, telling)?;
        // Every third time it hardly begins.
        let life = Duration::from_millis(dice.below(LIFE_MS_MAX));
        if cut % 3 == 2 {
            agent.listen(life / 10, &mut promises)?;
        } else {
            agent.listen_for_the_first_word(&mut promises)?;
            agent.listen(life, &mut promises)?;
        }
        means.cut()?;
        agent.end(&mut promises)?;
        means.restore()?;
        tally.cuts += 1;
        tally.told += promises.durable.saturating_sub(before);
        if let Err(loss) = check(folder, &mut promises) {
            tally.losses.push(format!("cut {cut}: {loss}"));
            if telling == Telling::WhenSent {
                break;
            }
            promises = Promises::default();
            drop(fs::remove_dir_all(folder));
        }
    }
    Ok(tally)
}

/// Lets an agent write until the system refuses, as a full disk does: it has to end by itself and say so, and what it
/// said before has to be there. One that starts on that disk must not get as far as to speak to a region, which would begin
/// a life that is lost at once, each time.
pub(crate) fn until_refused(folder: &Path) -> io::Result<Result<(), String>> {
    let mut promises = Promises::default();
    let mut agent = Agent::start_on_little_room(folder)?;
    let failed = agent.listen_until_it_ends(&mut promises)?;
    if agent.process.wait()?.success() || failed.is_none() {
        return Ok(Err("the agent goes on although the disk refuses".into()));
    }
    let mut heard_again = Promises::default();
    let mut again = Agent::start_on_little_room(folder)?;
    again.listen_until_it_ends(&mut heard_again)?;
    if again.process.wait()?.success() || heard_again.is_enrolled {
        return Ok(Err("an agent begins although the disk is full".into()));
    }
    Ok(check(folder, &mut promises))
}

/// Opens the store as a restarted agent would. What is in it counts as promised from now on.
fn check(folder: &Path, promises: &mut Promises) -> Result<(), String> {
    let (store, remembered) = Store::open(folder).map_err(|error| error.to_string())?;
    if let Some(loss) = store.losses().first() {
        return Err(loss.to_string());
    }
    if promises.is_enrolled && store.identity() != Some(&ledger::identity()) {
        return Err("the identity is not there".into());
    }
    let found = remembered.numbers_until;
    if found < promises.durable {
        return Err(format!("ends at {found}, told durable was {}", promises.durable));
    }
    if remembered != ledger::after(found) {
        return Err(format!("is not what {found} sends in their order come to"));
    }
    promises.durable = found;
    Ok(())
}

/// The process that writes, and what it says.
struct Agent {
    process: Child,
    said: Receiver<(String, u64)>,
    folder: PathBuf,
}

impl Agent {
    fn start(folder: &Path, telling: Telling) -> io::Result<Self> {
        Self::begin(Command::new(std::env::current_exe()?), folder, telling)
    }

    /// Starts it where files cannot grow for long.
    fn start_on_little_room(folder: &Path) -> io::Result<Self> {
        let limited = "trap '' XFSZ; ulimit -f 300; exec \"$0\" \"$@\"";
        let mut process = Command::new("sh");
        process.args(["-c", limited]).arg(std::env::current_exe()?);
        Self::begin(process, folder, Telling::WhenDurable)
    }

    fn begin(mut program: Command, folder: &Path, telling: Telling) -> io::Result<Self> {
        let mut process = program
            .arg("write")
            .arg(folder)
            .arg(telling.name())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()?;
        let output = process.stdout.take().ok_or_else(|| io::Error::other("no pipe"))?;
        let (say, said) = sync_channel(SAID_MAX);
        std::thread::spawn(move || {
            for line in BufReader::new(output).lines().map_while(Result::ok) {
                let Some((word, number)) = line.split_once(' ') else { continue };
                let Ok(number) = number.parse() else { continue };
                if say.send((word.to_owned(), number)).is_err() {
                    break;
                }
            }
        });
        Ok(Self { process, said, folder: folder.to_owned() })
    }

    /// Until it says that something it wrote is durable.
    fn listen_for_the_first_word(&self, promises: &mut Promises) -> io::Result<()> {
        let deadline = Instant::now() + PATIENCE;
        loop {
            let left = deadline.saturating_duration_since(Instant::now());
            let Ok((word, number)) = self.said.recv_timeout(left) else {
                let folder = self.folder.display();
                return Err(io::Error::other(format!("the agent on {folder} writes nothing")));
            };
            promises.hear(&word, number);
            if word == "durable" {
                return Ok(());
            }
        }
    }

    /// The number it failed after, if it said that.
    fn listen_until_it_ends(&self, promises: &mut Promises) -> io::Result<Option<u64>> {
        let deadline = Instant::now() + PATIENCE;
        let mut failed = None;
        while Instant::now() < deadline {
            match self.said.recv_timeout(PATIENCE) {
                Ok((word, number)) => {
                    promises.hear(&word, number);
                    failed = failed.or((word == "failed").then_some(number));
                }
                Err(RecvTimeoutError::Disconnected) => return Ok(failed),
                Err(RecvTimeoutError::Timeout) => break,
            }
        }
        Err(io::Error::other("the agent does not end"))
    }

    fn listen(&self, time: Duration, promises: &mut Promises) -> io::Result<()> {
        let deadline = Instant::now() + time;
        loop {
            let left = deadline.saturating_duration_since(Instant::now());
            match self.said.recv_timeout(left) {
                Ok((word, number)) => promises.hear(&word, number),
                Err(RecvTimeoutError::Timeout) => return Ok(()),
                Err(RecvTimeoutError::Disconnected) => {
                    return Err(io::Error::other("the agent ended by itself"));
                }
            }
        }
    }

    /// Kills it and hears what it had said before.
    fn end(mut self, promises: &mut Promises) -> io::Result<()> {
        self.process.kill()?;
        self.process.wait()?;
        self.said.iter().for_each(|(word, number)| promises.hear(&word, number));
        Ok(())
    }
}

impl Drop for Agent {
    fn drop(&mut self) {
        drop(self.process.kill());
        drop(self.process.wait());
    }
}

impl Promises {
    fn hear(&mut self, word: &str, number: u64) {
        self.is_enrolled = true;
        if word == "durable" {
            self.durable = self.durable.max(number);
        }
    }
}
