//! What makes a history well-formed: each process is one sequential client.
//!
//! A history that breaks these rules says nothing about the cluster, only about the harness. So they are
//! checked while it is written, and the run stops.

use crate::history::line::{Instant, Operation, Process, Verdict};
use std::collections::BTreeMap;

/// A rule of the format that the harness broke.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Malformed {
    /// An answer before its question.
    #[error("process {} was answered before it asked", .0.0)]
    AnsweredTooEarly(Process),
    /// `ok` and `fail` are things an answer said.
    #[error("process {} knows the outcome without an answer", .0.0)]
    OutcomeWithoutAnswer(Process),
    /// Two operations of one process at once.
    #[error("process {} asked again before its last operation was over", .0.0)]
    Overlap(Process),
    /// After an unknown outcome only the same request may be tried again.
    #[error("process {} went on after an operation with unknown outcome", .0.0)]
    NotRetired(Process),
}

/// Where each process stands. One entry a process, so it grows with the history.
#[derive(Debug, Default)]
pub struct Sessions {
    last: BTreeMap<Process, LastOperation>,
}

#[derive(Debug)]
struct LastOperation {
    over: Instant,
    /// The request whose fate is not known, by its idempotency key if it had one.
    open: Option<Option<String>>,
}

impl Sessions {
    /// Takes note of the next operation, which must come in the order of the process's answers.
    ///
    /// # Errors
    /// The rule it breaks; it is then not noted.
    pub fn note(&mut self, operation: &Operation) -> Result<(), Malformed> {
        let process = operation.process;
        let unknown = operation.verdict == Verdict::Unknown;
        if operation.answered.is_none() && !unknown {
            return Err(Malformed::OutcomeWithoutAnswer(process));
        }
        let over = operation.answered.unwrap_or(operation.asked);
        if over < operation.asked {
            return Err(Malformed::AnsweredTooEarly(process));
        }
        if let Some(last) = self.last.get(&process) {
            if operation.asked < last.over {
                return Err(Malformed::Overlap(process));
            }
            if last.open.as_ref().is_some_and(|open| !is_retry(open.as_ref(), operation)) {
                return Err(Malformed::NotRetired(process));
            }
        }
        let open = unknown.then(|| operation.request_id.clone());
        self.last.insert(process, LastOperation { over, open });
        Ok(())
    }
}

fn is_retry(open: Option<&String>, operation: &Operation) -> bool {
    open.is_some() && open == operation.request_id.as_ref()
}

#[cfg(test)]
mod tests {
    use super::{Malformed, Sessions};
    use crate::history::line::{Function, Instant, Operation, Phase, Process, Verdict};

    const ME: Process = Process(7);

    fn write(asked: u64, answered: Option<u64>, verdict: Verdict) -> Operation {
        Operation {
            process: ME,
            function: Function::Write,
            key: None,
            input: None,
            output: None,
            asked: Instant(asked),
            answered: answered.map(Instant),
            verdict,
            revision: None,
            level: None,
            node: None,
            request_id: None,
            phase: Phase::UnderFaults,
        }
    }

    fn retried(operation: Operation, request_id: &str) -> Operation {
        Operation { request_id: Some(request_id.to_owned()), ..operation }
    }

    #[test]
    fn one_operation_after_the_other_is_well_formed() {
        let mut sessions = Sessions::default();
        assert_eq!(sessions.note(&write(10, Some(20), Verdict::Ok)), Ok(()));
        assert_eq!(sessions.note(&write(20, Some(20), Verdict::Fail)), Ok(()));
        let other = Operation { process: Process(8), ..write(5, Some(30), Verdict::Ok) };
        assert_eq!(sessions.note(&other), Ok(()));
    }

    #[test]
    fn overlapping_operations_of_one_process_are_refused() {
        let mut sessions = Sessions::default();
        sessions.note(&write(10, Some(20), Verdict::Ok)).unwrap();
        let overlapping = write(19, Some(30), Verdict::Ok);
        assert_eq!(sessions.note(&overlapping), Err(Malformed::Overlap(ME)));
    }

    #[test]
    fn after_an_unknown_outcome_only_the_same_request_may_be_retried() {
        let mut sessions = Sessions::default();
        sessions.note(&retried(write(10, None, Verdict::Unknown), "a")).unwrap();
        let other = retried(write(20, Some(21), Verdict::Ok), "b");
        assert_eq!(sessions.note(&other), Err(Malformed::NotRetired(ME)));
        assert_eq!(sessions.note(&retried(write(20, Some(21), Verdict::Ok), "a")), Ok(()));
        assert_eq!(sessions.note(&other), Err(Malformed::Overlap(ME)));
        let later = retried(write(21, Some(22), Verdict::Ok), "b");
        assert_eq!(sessions.note(&later), Ok(()));
    }

    #[test]
    fn an_unknown_outcome_without_request_id_retires_the_process() {
        let mut sessions = Sessions::default();
        sessions.note(&write(10, Some(15), Verdict::Unknown)).unwrap();
        let next = write(20, Some(21), Verdict::Ok);
        assert_eq!(sessions.note(&next), Err(Malformed::NotRetired(ME)));
    }

    #[test]
    fn an_outcome_needs_an_answer_and_an_answer_its_question() {
        let mut sessions = Sessions::default();
        let unanswered = write(10, None, Verdict::Fail);
        assert_eq!(sessions.note(&unanswered), Err(Malformed::OutcomeWithoutAnswer(ME)));
        let early = write(10, Some(9), Verdict::Ok);
        assert_eq!(sessions.note(&early), Err(Malformed::AnsweredTooEarly(ME)));
    }
}
