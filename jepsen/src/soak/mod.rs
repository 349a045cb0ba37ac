//! `regent-jepsen soak`: one `netns` after the other, with fresh seeds, until the time is over.
//!
//! Each run is a process of its own, so that none leaves anything to the next. What did not pass is kept whole, of the
//! others the verdict; each is a line in the book of runs. Judges nothing itself. [`mix`] says what a seed tries, [`round`]
//! has one run done, [`keep`] what is left of it, [`progress`] what is shown meanwhile.

pub mod arguments;
pub mod keep;
pub mod mix;
pub mod progress;
pub mod round;

use crate::judgement::Judgement;
use crate::soak::arguments::SoakArguments;
use crate::soak::keep::Keeper;
use crate::soak::mix::Mix;
use crate::soak::progress::Progress;
use crate::soak::round::{Ended, Round};
use crate::stop::Stop;
use crate::tell::tell;
use regent_report::folder;
use regent_report::outages::outages;
use regent_report::report::Word;
use regent_report::summary::summary;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

/// So many runs in a row that come to no verdict end it: this machine cannot do them.
const MUTE_MAX: u32 = 3;
/// Longer than this nobody waits for the end of all runs.
const FOR_EVER: Duration = Duration::from_secs(365 * 24 * 3600);

/// Runs for hours.
///
/// # Errors
/// When a run cannot be started, or what it left not be read.
pub fn run(arguments: &SoakArguments) -> anyhow::Result<Judgement> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let judgement = runtime.block_on(soak(arguments))?;
    let runs = folder::runs(&[arguments.folder()])?;
    let reports: Vec<_> = runs.iter().map(|(_, report)| report.clone()).collect();
    tell(&format!("\n{}\n{}", summary(&runs), outages(&reports)));
    Ok(judgement)
}

async fn soak(arguments: &SoakArguments) -> anyhow::Result<Judgement> {
    std::fs::create_dir_all(arguments.folder())?;
    let mut stop = Stop::new(FOR_EVER)?;
    let (mut keeper, mut progress) = (Keeper::new(arguments), Progress::new(arguments.length()));
    let (began, mut mute) = (Instant::now(), 0);
    for (number, seed) in (0..).zip(arguments.from.unwrap_or_else(fresh)..) {
        if began.elapsed() >= arguments.length() {
            break;
        }
        let mix = Mix::draw(number, seed);
        let round = Round { mix: &mix, arguments };
        let ended = round.done(&mut stop, || progress.show(began.elapsed(), &mix)).await?;
        progress.clear();
        let report = keeper.keep(&mix)?;
        mute = if report.is_some() { 0 } else { mute + 1 };
        let word = match (&report, ended) {
            (Some(report), _) => report.verdict.name(),
            (None, Ended::Asked) => "interrupted",
            (None, Ended::ByItself) => "no verdict",
        };
        tell(&format!("{word:<11} {mix}"));
        progress.count(report.as_ref());
        if ended == Ended::Asked || mute == MUTE_MAX {
            break;
        }
    }
    let is_bad = |word: Word| matches!(word, Word::Fail | Word::Unknown);
    Ok(match keeper.reports().map(|report| report.verdict).max() {
        None => Judgement::Skipped,
        Some(_) if mute == MUTE_MAX || keeper.reports().any(|report| is_bad(report.verdict)) => {
            Judgement::Failed
        }
        Some(_) => Judgement::Passed,
    })
}

/// A seed that nobody has had: they are counted on from this second.
fn fresh() -> u64 {
    SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default().as_secs()
}
