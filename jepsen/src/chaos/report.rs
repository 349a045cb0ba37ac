//! What is left of a run for people: verdict, picture, and a line in the book of runs.

use crate::chaos::verdict::Judged;
use crate::judge::violation::Violation;
use regent_report::about::About;
use regent_report::folder;
use regent_report::report::{Case, Report};
use regent_report::runs::book;
use regent_report::runs::entry::Entry;
use std::path::Path;

/// The property of what was seen beside the history: in the logs on the disks, in what nodes wrote, in who came back. The
/// sentence says which.
const BESIDE: &str = "beside-the-history";

/// Leaves it in the folder of a run.
///
/// # Errors
/// When that cannot be written, or the book is none.
pub fn leave(
    folder: &Path,
    about: About,
    judged: &Judged,
    violations: &[Violation],
    runs: Option<&Path>,
) -> anyhow::Result<()> {
    let Judged { history, demand, verdict } = judged;
    let beside = violations.iter().map(|violation| Case {
        property: BESIDE.to_owned(),
        sentence: violation.to_string(),
        lines: Vec::new(),
    });
    let report = Report::of(about, history, verdict, demand, beside.collect());
    folder::leave(folder, history, &report)?;
    if let Some(runs) = runs {
        book::add(runs, &[Entry::of(&report)])?;
    }
    Ok(())
}
