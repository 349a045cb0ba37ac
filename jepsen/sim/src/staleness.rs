//! Whether stale reads are no older than they say: what was acknowledged before that is in them.

use regent_check::history::line::{Function, Instant, Level, Nature, Operation, Revision};
use regent_check::history::reader::{History, Numbered};
use regent_check::request::changed;

const NANOSECONDS_PER_MILLISECOND: u64 = 1_000_000;

/// A sentence for each stale read that lacks what was acknowledged before the time from which it claims to be.
#[must_use]
pub fn findings(history: &History) -> Vec<String> {
    let acknowledged = acknowledged(history);
    let mut findings = Vec::new();
    for Numbered { line, said } in &history.operations {
        let (Some(Level::Stale { age_ms }), Some(shown)) = (said.level, said.revision) else {
            continue;
        };
        // A name service tells no age.
        if !said.is_ok() || said.function == Function::Dns {
            continue;
        }
        // Ages are told in whole milliseconds.
        let age = (age_ms + 1).saturating_mul(NANOSECONDS_PER_MILLISECOND);
        let from = Instant(said.asked.0.saturating_sub(age));
        let before = acknowledged.partition_point(|(answered, _)| *answered < from);
        let Some((_, highest)) = before.checked_sub(1).map(|last| acknowledged[last]) else {
            continue;
        };
        if shown < highest {
            let node = said.node.as_deref().unwrap_or_default();
            let (shown, highest) = (shown.0, highest.0);
            findings.push(format!(
                "{node} showed revision {shown} as {age_ms} ms old, when {highest} had been acknowledged earlier ({line})"
            ));
        }
    }
    findings
}

/// When writes were answered, in that order, with the highest revision that was told by then.
fn acknowledged(history: &History) -> Vec<(Instant, Revision)> {
    let writes = history.operations.iter().map(|told| &told.said);
    let is_one = |write: &&Operation| {
        write.function.nature() == Nature::Write && write.is_ok() && changed(write)
    };
    let answers =
        writes.filter(is_one).filter_map(|write| Some((write.answered?, write.revision?)));
    let mut answers: Vec<_> = answers.collect();
    answers.sort_unstable();
    let mut highest = Revision(0);
    for (_, revision) in &mut answers {
        highest = highest.max(*revision);
        *revision = highest;
    }
    answers
}

#[cfg(test)]
mod tests {
    use super::findings;
    use crate::history::whole;
    use regent_check::history::line::{
        Function, Instant, Level, Operation, Phase, Process, Revision, Verdict,
    };

    fn operation(process: u64, asked_ms: u64, level: Option<Level>, revision: u64) -> Operation {
        Operation {
            process: Process(process),
            function: if level.is_some() { Function::Digest } else { Function::Write },
            key: Some("r1".into()),
            input: None,
            output: None,
            asked: Instant(asked_ms * 1_000_000),
            answered: Some(Instant((asked_ms + 5) * 1_000_000)),
            verdict: Verdict::Ok,
            revision: Some(Revision(revision)),
            level,
            node: Some("h1".into()),
            request_id: None,
            phase: Phase::UnderFaults,
        }
    }

    #[test]
    fn stale_read_has_all_that_is_older_than_it_says() {
        let write = operation(1, 100, None, 7);
        let read = |age_ms, revision| operation(2, 400, Some(Level::Stale { age_ms }), revision);
        let found = |read| findings(&whole(1, vec![write.clone(), read], Vec::new()).0).len();
        assert_eq!(found(read(10, 7)), 0);
        assert_eq!(found(read(300, 6)), 0, "the write was not acknowledged then");
        assert_eq!(found(read(200, 6)), 1);
    }
}
