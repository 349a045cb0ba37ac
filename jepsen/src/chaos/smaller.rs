//! Plans that fail, with fewer faults. Each try is a run in a room of its own, and takes as long as the first one; chance
//! is against it, since processes have their own timing. So there are few tries.

use crate::chaos::arguments::ChaosArguments;
use crate::chaos::plan::Plan;
use crate::tell::tell;
use anyhow::Context as _;
use regent_report::folder::{self, FolderError, PLAN};
use regent_report::shrink::{TRIES_SLOW_MAX, is_same_failure, shrink as shrunk};
use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

/// The folder of the tries, in that of the run.
const TRIES: &str = "smaller";

/// Tries a plan that has failed with fewer faults.
///
/// # Errors
/// When what the run left cannot be read, or this program not be started again.
pub fn shrink(arguments: &ChaosArguments) -> anyhow::Result<()> {
    let seed = match &arguments.plan {
        Some(plan) => read(plan)?.seed,
        None => arguments.seed,
    };
    let run = arguments.results.join(seed.to_string());
    let plan = read(&run.join(PLAN))?;
    let properties = folder::verdict(&run)?.properties();
    if properties.is_empty() {
        tell("smaller: no property was violated, so there is nothing to try again");
        return Ok(());
    }
    let home = run.join(TRIES);
    if home.exists() {
        fs::remove_dir_all(&home)?;
    }
    let mut tries = 0;
    let smaller = shrunk(&plan.faults, TRIES_SLOW_MAX, |faults| {
        tries += 1;
        let plan = Plan { faults: faults.to_vec(), ..plan.clone() };
        let again = tried(&plan, &home.join(tries.to_string()), arguments)?;
        let fails = is_same_failure(&properties, &again);
        let word = if fails { "fails as before" } else { "does not fail as before" };
        tell(&format!("smaller: try {tries} with {} faults {word}", faults.len()));
        anyhow::Ok(fails)
    })?;
    let (left, whole) = (smaller.faults.len(), plan.faults.len());
    let file = run.join("smaller.json");
    fs::write(&file, serde_json::to_vec_pretty(&Plan { faults: smaller.faults, ..plan })?)?;
    tell(&format!("smaller: {left} of {whole} faults after {tries} tries: {}", file.display()));
    Ok(())
}

fn read(plan: &Path) -> anyhow::Result<Plan> {
    let text = fs::read(plan).with_context(|| plan.display().to_string())?;
    serde_json::from_slice(&text).context("this is no plan")
}

/// The properties that a run of this plan violates; none, too, if it came to no verdict.
fn tried(plan: &Plan, home: &Path, arguments: &ChaosArguments) -> anyhow::Result<BTreeSet<String>> {
    fs::create_dir_all(home)?;
    let file = home.join(PLAN);
    fs::write(&file, serde_json::to_vec_pretty(plan)?)?;
    let mut again = Command::new(std::env::current_exe()?);
    again.arg("netns").arg("--plan").arg(&file).arg("--results").arg(home);
    let programs = [
        ("--executable", &arguments.executable),
        ("--rack-executable", &arguments.rack_executable),
    ];
    for (option, program) in programs {
        if let Some(program) = program {
            again.arg(option).arg(program);
        }
    }
    // How it ends is in its verdict.
    again.status()?;
    let run: PathBuf = home.join(plan.seed.to_string());
    match folder::verdict(&run) {
        Ok(report) => Ok(report.properties()),
        Err(FolderError::Io(..)) => Ok(BTreeSet::new()),
        Err(error @ FolderError::NoVerdict(..)) => Err(error.into()),
    }
}
