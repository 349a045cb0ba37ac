//! What a run came to: its history, its verdict, and what is left of its nodes.

use crate::chaos::arguments::ChaosArguments;
use crate::chaos::life::Lived;
use crate::chaos::plan::Plan;
use crate::chaos::report;
use crate::chaos::trail::Trail;
use crate::chaos::verdict;
use crate::cluster::place::Place;
use crate::judgement::Judgement;
use crate::power::evidence;
use crate::tell::tell;
use anyhow::Context as _;
use regent_check::verdict::Outcome;
use regent_report::about::{About, Tier};
use std::fs::{self, File};
use std::io::BufWriter;
use std::path::{Path, PathBuf};
use std::time::SystemTime;

/// Keeps what is left of a run and tells what it came to.
///
/// # Errors
/// When that cannot be written, or the history is none.
pub fn draw(
    lived: &Lived,
    plan: &Plan,
    arguments: &ChaosArguments,
    folder: &Path,
    (tier, began): (Tier, SystemTime),
) -> anyhow::Result<Judgement> {
    let history = folder.join("history.jsonl");
    let trail = Trail {
        seed: plan.seed,
        writes: &lived.writes,
        operations: &lived.operations,
        records: &lived.records,
        seen: &lived.seen,
        lives: &lived.lives,
        end: lived.end.as_ref(),
    };
    trail.write(BufWriter::new(File::create(&history)?)).context("the history")?;
    fs::write(folder.join("faults.json"), serde_json::to_vec_pretty(&lived.records)?)?;
    for Place { name, log, .. } in &lived.places {
        fs::copy(log, folder.join(format!("{name}.log")))?;
    }
    for (name, said) in &lived.racks_said {
        fs::write(folder.join(format!("{name}.log")), said)?;
    }
    tell(&lived.summary());
    let judged = verdict::of(&history, plan)?;
    let verdict = &judged.verdict;
    let about = About::new(tier, plan.seed, plan.nodes as u64, began, began.elapsed()?);
    report::leave(folder, about, &judged, &lived.violations, arguments.runs.as_deref())?;
    tell(&verdict::told(verdict));
    if !lived.violations.is_empty() {
        let kept: PathBuf = evidence::keep(&lived.places)?;
        tell(&format!("what is left of the nodes is in {}", kept.display()));
    }
    let is_passed = match verdict.outcome {
        Outcome::Pass => true,
        Outcome::Fail => false,
        // What was not demanded with a word may be missing, but nothing may be open.
        Outcome::Unknown => arguments.require.is_none() && verdict.doubts == 0,
    };
    let is_whole = is_passed && lived.violations.is_empty();
    Ok(if is_whole { Judgement::Passed } else { Judgement::Failed })
}
