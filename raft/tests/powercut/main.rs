//! Power cuts under the log: a real file system loses power under a writing process, comes back, and must hold
//! everything that was acknowledged, without false amnesia.
//!
//! Needs root, loop devices and ext4's shutdown call; without them it prints `SKIPPED`. `cargo test` runs a few cuts;
//! `rig [CUTS]` runs many, and the control groups, which must lose data: a rig that cannot see a loss proves nothing.

#![expect(clippy::print_stdout, reason = "it is its own test runner")]

mod full_disk;
mod kind;
mod node;
mod rig;

use crate::kind::Kind;
use crate::rig::{Goal, Tally};
use regent_power::absence::is_absence;
use regent_power::{disk, namespace};
use std::io::{self, Write as _};
use std::path::Path;
use std::process::ExitCode;

const SAFE_KINDS: [Kind; 3] = [Kind::Bursts, Kind::Purge, Kind::Again];
/// The few cuts of every run of the tests, as a plan.
const FEW: &str = "ci";
/// The exit code of a rig that was asked for and cannot be had.
const EXIT_SKIPPED: u8 = 3;
const CUTS_IN_CI: u64 = 2;
const CUTS_OF_THE_RIG: u64 = 60;
/// A round that is too large breaks the store only if the cut falls badly; it must within this many cuts.
const CONTROL_CUTS_MAX: u64 = 400;

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let words: Vec<&str> = arguments.iter().map(String::as_str).collect();
    match words.as_slice() {
        ["write", folder, kind, seed] => {
            let kind = Kind::named(kind).expect("the rig names a kind");
            node::write(Path::new(folder), kind, seed.parse().expect("the rig gives a seed"))
        }
        ["inside", work, FEW] => report(inside(|| few_cuts(Path::new(work)))),
        ["inside", work, cuts] => {
            let cuts = cuts.parse().unwrap_or(CUTS_OF_THE_RIG);
            report(inside(|| whole_rig(Path::new(work), cuts)))
        }
        ["rig"] => in_own_namespace(&CUTS_OF_THE_RIG.to_string()),
        ["rig", cuts] => in_own_namespace(cuts),
        // What `cargo test` and its like may ask of a test binary.
        ["--list", ..] => ExitCode::SUCCESS,
        _ => in_own_namespace(FEW),
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

fn few_cuts(work: &Path) -> io::Result<bool> {
    match disk::probe(work) {
        Ok(()) => {}
        Err(reason) if is_absence(&reason) => {
            tell_skipped(&format!("absent: disks that lose power ({reason})"));
            return Ok(true);
        }
        Err(broken) => return Err(broken),
    }
    let voted = full_disk::votes_on_a_full_disk(work)?;
    println!("powercut full-disk: {}", if voted { "voted" } else { "the reserve was not used" });
    Ok(safe_kinds(work, CUTS_IN_CI)? && voted)
}

fn whole_rig(work: &Path, cuts: u64) -> io::Result<bool> {
    disk::probe(work)?;
    let safe = safe_kinds(work, cuts.div_ceil(SAFE_KINDS.len() as u64))?;
    let mut seen = true;
    for kind in [Kind::WithoutFdatasync, Kind::WithoutCap] {
        let tally = rig::run(work, kind, CONTROL_CUTS_MAX, Goal::FirstLoss)?;
        tell(kind, &tally);
        if tally.losses.is_empty() {
            println!("powercut {}: VOID, this control must lose data", kind.name());
            seen = false;
        }
    }
    Ok(safe && seen)
}

fn safe_kinds(work: &Path, cuts: u64) -> io::Result<bool> {
    let mut safe = true;
    for kind in SAFE_KINDS {
        let tally = rig::run(work, kind, cuts, Goal::AllCuts)?;
        tell(kind, &tally);
        safe &= tally.losses.is_empty();
    }
    Ok(safe)
}

fn tell(kind: Kind, tally: &Tally) {
    let Tally { cuts, acknowledged_entries, losses } = tally;
    let name = kind.name();
    println!("powercut {name}: {cuts} cuts, {acknowledged_entries} entries, {} lost", losses.len());
    for loss in losses {
        println!("  {loss}");
    }
}

fn report(outcome: io::Result<bool>) -> ExitCode {
    match outcome {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(error) => {
            println!("powercut: the rig failed: {error}");
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
    writeln!(io::stdout(), "SKIPPED powercut: {reason}").expect("standard output is open");
}
