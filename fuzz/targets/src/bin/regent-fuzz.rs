//! Runs fuzz targets on a stable compiler, replays single inputs, and writes the seeds of targets to files.

use anyhow::{Context as _, bail};
use clap::{Parser, Subcommand};
use regent_fuzz::catalogue::{ALL, named};
use regent_fuzz::corpus;
use regent_fuzz::rounds::{self, Audience, Plan, Standing};
use regent_fuzz::sys::Counting;
use regent_fuzz::target::Target;
use regent_fuzz::trial::{self, Finding};
use std::fs::File;
use std::io::{Write as _, stdout};
use std::os::unix::fs::FileExt as _;
use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Weak};
use std::time::{Duration, Instant};

#[global_allocator]
static ALLOCATOR: Counting = Counting;

/// Between two lines that say how it stands.
const PROGRESS_EVERY: Duration = Duration::from_secs(10);
/// What shortening a finding may take.
const SHORTEN_MAX: Duration = Duration::from_secs(20);
/// After this long on one input the process ends: it hangs.
const HANG_MAX: Duration = Duration::from_secs(60);
/// Ways shown at the end, the most frequent first.
const WAYS_SHOWN_MAX: usize = 12;

/// Fuzz targets on a stable compiler.
#[derive(Debug, Parser)]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// List the targets.
    List,
    /// Change inputs and try them until the time is over.
    Run {
        /// Which target; without one all, one after the other.
        target: Option<String>,
        /// Seconds for each.
        #[arg(long, default_value_t = 600)]
        seconds: u64,
        /// Determines all choices.
        #[arg(long, default_value_t = 1)]
        seed: u64,
        /// Where findings are written to.
        #[arg(long, default_value = "fuzz/findings")]
        findings: PathBuf,
    },
    /// Try files as they are.
    Replay {
        /// Which target.
        target: String,
        /// The inputs.
        files: Vec<PathBuf>,
    },
    /// Write the inputs a target starts from to a folder.
    Seeds {
        /// Which target.
        target: String,
        /// The folder.
        folder: PathBuf,
    },
}

fn main() -> anyhow::Result<ExitCode> {
    match Arguments::parse().command {
        Command::List => {
            for target in ALL {
                writeln!(stdout(), "{:10} {}", target.name, target.about)?;
            }
            Ok(ExitCode::SUCCESS)
        }
        Command::Run { target, seconds, seed, findings } => {
            let targets = match target {
                Some(name) => vec![known(&name)?],
                None => ALL.iter().collect(),
            };
            let mut exit = ExitCode::SUCCESS;
            for target in targets {
                if !run(target, Duration::from_secs(seconds), seed, &findings)? {
                    exit = ExitCode::FAILURE;
                }
            }
            Ok(exit)
        }
        Command::Replay { target, files } => replay(known(&target)?, &files),
        Command::Seeds { target, folder } => {
            for seed in (known(&target)?.seeds)() {
                corpus::keep(&folder, &seed)?;
            }
            Ok(ExitCode::SUCCESS)
        }
    }
}

fn known(name: &str) -> anyhow::Result<&'static Target> {
    match named(name) {
        Some(target) => Ok(target),
        None => bail!("there is no target {name:?}; `regent-fuzz list` shows all"),
    }
}

fn run(
    target: &'static Target,
    time: Duration,
    seed: u64,
    findings: &std::path::Path,
) -> anyhow::Result<bool> {
    std::fs::create_dir_all(findings)?;
    let inputs = corpus::inputs(&corpus::folder(target.name))?;
    let inputs = inputs.into_iter().map(|(_, input)| input).collect();
    let mut teller = Teller::new(target, findings.to_owned())?;
    writeln!(stdout(), "{}: {} s from seed {seed}", target.name, time.as_secs())?;
    let standing = rounds::go(target, &Plan { seed, time, inputs }, &mut teller);
    teller.tell(&standing);
    let mut ways: Vec<_> = standing.ways.iter().collect();
    ways.sort_by_key(|(_, count)| std::cmp::Reverse(**count));
    for (way, count) in ways.into_iter().take(WAYS_SHOWN_MAX) {
        writeln!(stdout(), "  {count:9} {way}")?;
    }
    teller.end();
    Ok(standing.findings.is_empty())
}

fn replay(target: &'static Target, files: &[PathBuf]) -> anyhow::Result<ExitCode> {
    let mut exit = ExitCode::SUCCESS;
    for file in files {
        let input = std::fs::read(file).with_context(|| file.display().to_string())?;
        match trial::run(target, &input) {
            Ok(way) => writeln!(stdout(), "{}: {way}", file.display())?,
            Err(finding) => {
                exit = ExitCode::FAILURE;
                writeln!(stdout(), "{}: {}\n{}", file.display(), finding.place, finding.message)?;
            }
        }
    }
    Ok(exit)
}

/// Tells people how it stands, and keeps the input that is being tried in a file, for the case that the process does
/// not survive it.
struct Teller {
    target: &'static Target,
    findings: PathBuf,
    current: File,
    current_path: PathBuf,
    began: Instant,
    told: Instant,
    tried: Arc<AtomicU64>,
}

/// Ends the process when the same input is tried for too long; its file stays.
fn watch_over(tried: Weak<AtomicU64>, current: PathBuf) -> anyhow::Result<()> {
    // Nobody ever sends: waiting to receive is how this thread waits.
    let (nobody, waiting) = std::sync::mpsc::sync_channel::<()>(0);
    std::thread::Builder::new().name("watch".into()).spawn(move || {
        let _nobody = nobody;
        let mut before = None;
        while let Some(now) = tried.upgrade().map(|tried| tried.load(Ordering::Relaxed)) {
            if before == Some(now) {
                drop(writeln!(stdout(), "FOUND: no end in {HANG_MAX:?} of {}", current.display()));
                std::process::exit(3);
            }
            before = Some(now);
            let _over = waiting.recv_timeout(HANG_MAX);
        }
    })?;
    Ok(())
}

impl Teller {
    fn new(target: &'static Target, findings: PathBuf) -> anyhow::Result<Self> {
        let current_path = findings.join(format!("{}-current", target.name));
        let current = File::create(&current_path)?;
        let now = Instant::now();
        let tried = Arc::new(AtomicU64::new(0));
        watch_over(Arc::downgrade(&tried), current_path.clone())?;
        Ok(Self { target, findings, current, current_path, began: now, told: now, tried })
    }

    fn tell(&self, standing: &Standing) {
        let seconds = self.began.elapsed().as_secs_f64().max(0.001);
        let line = format!(
            "{}: {seconds:.0} s, {} runs, {:.0}/s, {} ways, {} findings",
            self.target.name,
            standing.runs,
            f64::from(u32::try_from(standing.runs).unwrap_or(u32::MAX)) / seconds,
            standing.ways.len(),
            standing.findings.len(),
        );
        // Nobody may be listening any more.
        drop(writeln!(stdout(), "{line}"));
    }

    fn end(self) {
        // It was only for a process that did not come this far.
        drop(std::fs::remove_file(self.current_path));
    }
}

impl Audience for Teller {
    fn before(&mut self, input: &[u8]) {
        self.tried.fetch_add(1, Ordering::Relaxed);
        let kept = self.current.write_all_at(input, 0);
        let kept = kept.and_then(|()| self.current.set_len(input.len() as u64));
        kept.expect("the folder of findings can be written to");
    }

    fn after(&mut self, standing: &Standing) {
        if self.told.elapsed() >= PROGRESS_EVERY {
            self.told = Instant::now();
            self.tell(standing);
        }
    }

    fn found(&mut self, finding: &Finding, input: &[u8]) {
        let until = Instant::now() + SHORTEN_MAX;
        let input = trial::shortened(self.target, input, finding, until);
        let kept = corpus::keep(&self.findings.join(self.target.name), &input);
        let path = kept.expect("the folder of findings can be written to");
        let (name, path) = (self.target.name, path.display());
        let replay = format!("cargo run --locked -p regent-fuzz -- replay {name} {path}");
        // The file is there even if nobody hears of it.
        drop(writeln!(
            stdout(),
            "FOUND at {}\n{}\n  again: {replay}",
            finding.place,
            finding.message
        ));
    }
}
