//! What no node may ever say, whatever is done to it from outside: that it failed inside.

use crate::judge::violation::{Violation, describe};
use crate::load::record::WriteRecord;
use std::path::Path;

/// How the code of an internal failure begins.
const INTERNAL: &str = "HTTP 500";
/// Words of a node's log that nobody should ever read there.
const ALARMING: [&str; 2] = ["panicked at", "ALARM: "];

/// Answers that tell of an internal failure.
#[must_use]
pub fn in_answers(writes: &[WriteRecord]) -> Vec<Violation> {
    let mut violations = Vec::new();
    for write in writes {
        for attempt in &write.attempts {
            let code = attempt.code.as_ref().filter(|code| code.starts_with(INTERNAL));
            violations.extend(code.map(|code| Violation::Broken {
                node: attempt.node.clone(),
                what: format!("{code} for {}", describe(write)),
            }));
        }
    }
    violations
}

/// Panics and alarms in the log lines of a node.
///
/// # Errors
/// When they cannot be read.
pub fn in_log_lines(node: &str, path: &Path) -> std::io::Result<Vec<Violation>> {
    let bytes = std::fs::read(path)?;
    let text = String::from_utf8_lossy(&bytes);
    let alarming = text.lines().filter(|line| ALARMING.iter().any(|words| line.contains(words)));
    let broken = |line: &str| Violation::Broken { node: node.to_owned(), what: line.to_owned() };
    Ok(alarming.map(broken).collect())
}

#[cfg(test)]
mod tests {
    use super::{in_answers, in_log_lines};
    use crate::judge::violation::Violation;
    use crate::load::record::{AttemptRecord, Fate, Noun, WriteRecord};
    use regent_check::history::line::{Instant, Process};

    fn answered(code: Option<&str>) -> Vec<Violation> {
        let attempt = AttemptRecord {
            process: Process(1),
            node: "r1".into(),
            asked: Instant(1),
            over: Instant(2),
            fate: Fate::Unknown,
            code: code.map(str::to_owned),
        };
        in_answers(&[WriteRecord {
            mark: "c-1-1".into(),
            noun: Noun::Machine,
            target: None,
            key: None,
            attempts: vec![attempt],
            fate: Fate::Unknown,
            address: None,
        }])
    }

    #[test]
    fn internal_failure_that_is_answered_is_a_broken_promise() {
        assert!(matches!(answered(Some("HTTP 500 E0901"))[..], [Violation::Broken { .. }]));
        assert_eq!(answered(Some("E0101")), []);
        assert_eq!(answered(None), []);
    }

    #[test]
    fn panic_and_alarm_in_the_log_are_broken_promises() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("r1.log");
        std::fs::write(&path, "INFO started\nthread 'raft' panicked at x.rs\nERROR ALARM: y\n")
            .unwrap();
        let found = in_log_lines("r1", &path).unwrap();
        assert!(matches!(found[..], [Violation::Broken { .. }, Violation::Broken { .. }]));
    }
}
