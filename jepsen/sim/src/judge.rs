//! The plainest checks of a history: nothing acknowledged is lost, nothing appears that nobody asked for, and what was
//! read at one revision is one thing. The properties proper are judged by `regent-check`.

use crate::history::History;
use regent_check::history::line::{Function, Note, Operation, Phase, Revision, Verdict};
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};

/// A sentence for each thing that is wrong.
#[must_use]
pub fn findings(history: &History) -> Vec<String> {
    let mut findings = lost_elements(history);
    findings.extend(log_and_answers(history));
    findings.extend(contradictions(history));
    findings
}

/// Elements that were added and are not there, and such that are there and nobody added.
fn lost_elements(history: &History) -> Vec<String> {
    let adds = || history.operations.iter().filter(|op| op.function == Function::Add);
    let element = |op: &Operation| op.input.as_ref()?.as_str().map(str::to_owned);
    let asked: BTreeSet<String> = adds().filter_map(element).collect();
    let acknowledged = adds().filter(|op| op.verdict == Verdict::Ok);
    let acknowledged: BTreeSet<String> = acknowledged.filter_map(element).collect();
    let sets = history.operations.iter().filter(|op| {
        op.function == Function::ReadSet && op.phase == Phase::Final && op.verdict == Verdict::Ok
    });
    sets.flat_map(|op| {
        let there: BTreeSet<String> = op
            .output
            .iter()
            .filter_map(Value::as_array)
            .flatten()
            .filter_map(|element| element.as_str().map(str::to_owned))
            .collect();
        let node = op.node.clone().unwrap_or_default();
        let lost = acknowledged.difference(&there).map(|lost| format!("{node} has lost {lost}"));
        let strange = there.difference(&asked).map(|it| format!("{node} has {it} from nowhere"));
        lost.chain(strange).collect::<Vec<_>>()
    })
    .collect()
}

/// Acknowledged writes that are not in the log, such that are in it twice, and refused ones that are in it.
fn log_and_answers(history: &History) -> Vec<String> {
    let mut log = BTreeMap::new();
    let mut findings = Vec::new();
    for note in &history.notes {
        if let Note::Log { request_id, revision } = note
            && log.insert(request_id.as_str(), *revision).is_some()
        {
            findings.push(format!("{request_id} was applied twice"));
        }
    }
    for op in &history.operations {
        let Some(request_id) = &op.request_id else { continue };
        let logged = log.get(request_id.as_str()).copied();
        let refused = op.output == Some(Value::Bool(false));
        match (op.verdict, logged) {
            (Verdict::Ok, None) if !refused => {
                findings.push(format!("{request_id} was acknowledged and is not in the log"));
            }
            (Verdict::Ok, logged) if !refused && logged != op.revision => {
                findings.push(format!("{request_id} was told another revision than it has"));
            }
            (Verdict::Ok, Some(_)) if refused => {
                findings.push(format!("{request_id} was refused and done"));
            }
            (Verdict::Ok | Verdict::Fail | Verdict::Unknown, _) => {}
        }
    }
    findings
}

/// Reads at one revision that do not say the same.
fn contradictions(history: &History) -> Vec<String> {
    let mut seen = BTreeMap::<(u8, Option<&str>, Revision), &Value>::new();
    let mut findings = Vec::new();
    for op in &history.operations {
        let kind = match op.function {
            Function::Read => 0,
            Function::ReadSet => 1,
            Function::Digest => 2,
            _ => continue,
        };
        let (Some(revision), Some(output)) = (op.revision, &op.output) else { continue };
        if let Some(other) = seen.insert((kind, op.key.as_deref(), revision), output)
            && other != output
        {
            findings.push(format!("{:?} at revision {} differs", op.function, revision.0));
        }
    }
    findings
}

#[cfg(test)]
mod tests {
    use super::findings;
    use crate::history::History;
    use regent_check::history::line::{
        Function, Instant, Note, Operation, Phase, Process, Revision, Verdict,
    };
    use serde_json::{Value, json};

    fn add(mark: &str, verdict: Verdict, revision: u64) -> Operation {
        Operation {
            process: Process(1),
            function: Function::Add,
            key: Some("set".into()),
            input: Some(json!(mark)),
            output: None,
            asked: Instant(1),
            answered: Some(Instant(2)),
            verdict,
            revision: Some(Revision(revision)),
            level: None,
            node: Some("h1".into()),
            request_id: Some(mark.into()),
            phase: Phase::UnderFaults,
        }
    }

    fn last_read(elements: Value) -> Operation {
        Operation {
            function: Function::ReadSet,
            input: None,
            output: Some(elements),
            revision: Some(Revision(9)),
            request_id: None,
            phase: Phase::Final,
            ..add("", Verdict::Ok, 9)
        }
    }

    fn logged(request_id: &str, revision: u64) -> Note {
        Note::Log { request_id: request_id.into(), revision: Revision(revision) }
    }

    #[test]
    fn what_was_acknowledged_is_there_and_what_is_unknown_may_be() {
        let adds = [add("a", Verdict::Ok, 4), add("b", Verdict::Unknown, 0)];
        for there in [json!(["a"]), json!(["a", "b"])] {
            let operations = [&adds[..], &[last_read(there)]].concat();
            let history = History { operations, notes: vec![logged("a", 4)] };
            assert_eq!(findings(&history), Vec::<String>::new());
        }
    }

    #[test]
    fn lost_strange_repeated_and_moved_writes_are_found() {
        let lost = vec![add("a", Verdict::Ok, 4), last_read(json!([]))];
        let strange = vec![last_read(json!(["z"]))];
        let twice = vec![logged("a", 4), logged("a", 5)];
        for (operations, notes) in [
            (lost, vec![logged("a", 4)]),
            (strange, Vec::new()),
            (Vec::new(), twice),
            (vec![add("a", Verdict::Ok, 4)], Vec::new()),
            (vec![add("a", Verdict::Ok, 4)], vec![logged("a", 5)]),
        ] {
            let history = History { operations, notes };
            assert_eq!(findings(&history).len(), 1, "{history:?}");
        }
    }

    #[test]
    fn two_answers_at_one_revision_contradict_each_other() {
        let operations = vec![last_read(json!([])), last_read(json!([1]))];
        let found = findings(&History { operations, notes: Vec::new() });
        assert!(found.iter().any(|finding| finding.contains("differs")), "{found:?}");
    }
}
