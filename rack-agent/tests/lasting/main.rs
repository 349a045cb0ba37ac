//! What an agent was told is durable is there after the process was killed, after the power failed, and after the
//! system refused to write.
//!
//! Brings its own main, since it starts itself as the process that dies. Power cuts need root, loop devices and
//! ext4's shutdown call; without them it prints `SKIPPED`. `cargo test` cuts a few times; `lasting rig [CUTS]` cuts
//! often, and tries itself out on a writer that tells too early: a rig that cannot see a loss proves nothing.

#![expect(clippy::print_stdout, reason = "it is its own test runner")]

mod agent;
mod cut;
mod ledger;

use crate::agent::Telling;
use crate::cut::{Means, Tally};
use regent_power::absence::is_absence;
use regent_power::disk::Disk;
use regent_power::{disk, namespace};
use std::io::{self, Write as _};
use std::path::Path;
use std::process::ExitCode;

/// The few cuts of every run of the tests, as a plan.
const FEW: &str = "ci";
const CUTS_IN_CI: u64 = 3;
const CUTS_OF_THE_RIG: u64 = 60;
/// A writer that tells too early is found out within this many cuts.
const CONTROL_CUTS_MAX: u64 = 60;
/// The exit code of a rig that was asked for and cannot be had.
const EXIT_SKIPPED: u8 = 3;
/// Room on a disk.
const DISK_BYTES: u64 = 256 << 20;

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let words: Vec<&str> = arguments.iter().map(String::as_str).collect();
    match words.as_slice() {
        ["write", folder, telling] => {
            let telling = Telling::named(telling).expect("the rig says when to tell");
            agent::write(Path::new(folder), telling)
        }
        ["inside", work, FEW] => report(inside(|| power_cuts_if_any(Path::new(work)))),
        ["inside", work, cuts] => {
            let cuts = cuts.parse().unwrap_or(CUTS_OF_THE_RIG);
            report(inside(|| whole_rig(Path::new(work), cuts)))
        }
        ["rig"] => in_own_namespace(&CUTS_OF_THE_RIG.to_string()),
        ["rig", cuts] => in_own_namespace(cuts),
        // What `cargo test` and its like may ask of a test binary.
        ["--list", ..] => ExitCode::SUCCESS,
        _ => match kills() {
            Ok(true) => in_own_namespace(FEW),
            lost_or_failed => report(lost_or_failed),
        },
    }
}

/// The process is killed; the disk goes on.
fn kills() -> io::Result<bool> {
    let folder = tempfile::tempdir()?;
    let state = folder.path().join("state");
    let tally = cut::run(&state, CUTS_IN_CI, Telling::WhenDurable, &Killed)?;
    tell("kill", &tally);
    let refused = cut::until_refused(&folder.path().join("full"))?;
    println!("lasting, refused by the system: {}", refused.as_ref().err().map_or("held", |e| e));
    Ok(tally.losses.is_empty() && refused.is_ok())
}

fn power_cuts_if_any(work: &Path) -> io::Result<bool> {
    match disk::probe(work) {
        Ok(()) => {}
        Err(reason) if is_absence(&reason) => {
            tell_skipped(&format!("absent: disks that lose power ({reason})"));
            return Ok(true);
        }
        Err(broken) => return Err(broken),
    }
    power_cuts(work, CUTS_IN_CI)
}

fn whole_rig(work: &Path, cuts: u64) -> io::Result<bool> {
    disk::probe(work)?;
    let is_safe = power_cuts(work, cuts)?;
    let early = power(work, CONTROL_CUTS_MAX, Telling::WhenSent)?;
    tell("control, told too early", &early);
    if early.losses.is_empty() {
        println!("lasting: VOID, this control must lose data");
    }
    Ok(is_safe && !early.losses.is_empty())
}

fn power_cuts(work: &Path, cuts: u64) -> io::Result<bool> {
    let tally = power(work, cuts, Telling::WhenDurable)?;
    tell("power cut", &tally);
    Ok(tally.losses.is_empty())
}

fn power(work: &Path, cuts: u64, telling: Telling) -> io::Result<Tally> {
    let disk = Disk::make(work, telling.name(), DISK_BYTES)?;
    cut::run(&disk.path().join("state"), cuts, telling, &Unpowered(&disk))
}

/// Only the process dies.
struct Killed;

impl Means for Killed {
    fn cut(&self) -> io::Result<()> {
        Ok(())
    }

    fn restore(&self) -> io::Result<()> {
        Ok(())
    }
}

/// The disk loses its power, and whatever was not on it.
struct Unpowered<'a>(&'a Disk);

impl Means for Unpowered<'_> {
    fn cut(&self) -> io::Result<()> {
        self.0.cut_power()
    }

    fn restore(&self) -> io::Result<()> {
        self.0.restart()
    }
}

/// Starts this program again in a mount namespace that nobody else can hold on to.
fn in_own_namespace(plan: &str) -> ExitCode {
    if !rustix::process::geteuid().is_root() {
        return skipped(plan, "needs root");
    }
    let arguments = |work: &Path| vec!["inside".into(), work.into(), plan.into()];
    match namespace::run(arguments) {
        Ok(status) if status.success() => ExitCode::SUCCESS,
        Ok(_) => ExitCode::FAILURE,
        Err(error) if is_absence(&error) => {
            skipped(plan, &format!("absent: mount namespaces ({error})"))
        }
        Err(error) => report(Err(error)),
    }
}

fn inside(plan: impl FnOnce() -> io::Result<bool>) -> io::Result<bool> {
    namespace::end_with_outside()?;
    plan()
}

fn tell(how: &str, tally: &Tally) {
    let Tally { cuts, told, losses } = tally;
    println!("lasting, {how}: {cuts} cuts, {told} writes told durable, {} lost", losses.len());
    for loss in losses {
        println!("  {loss}");
    }
}

fn report(outcome: io::Result<bool>) -> ExitCode {
    match outcome {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(error) => {
            println!("lasting: the rig failed: {error}");
            ExitCode::FAILURE
        }
    }
}

/// Ends without cuts: well for those of every run, not well for a rig that was asked for.
fn skipped(plan: &str, reason: &str) -> ExitCode {
    tell_skipped(reason);
    if plan == FEW { ExitCode::SUCCESS } else { ExitCode::from(EXIT_SKIPPED) }
}

/// Says that the cuts did not run, in the form that the summary counts.
fn tell_skipped(reason: &str) {
    writeln!(io::stdout(), "SKIPPED lasting: {reason}").expect("standard output is open");
}
