//! Why a command failed, in at most four labelled lines: what, why, what still works, what to do next.

use crate::cli::exit::Exit;
use crate::problem_kind::ProblemKind;
use serde::Deserialize;
use serde_json::{Value, json};
use std::fmt;

/// Code of a region without a leader.
pub const NO_LEADER: &str = ProblemKind::NoLeader.code();

/// A failure as a command reports it.
#[derive(Debug, thiserror::Error)]
pub enum Failure {
    /// Nobody answered; nothing was sent.
    Unreachable {
        /// Each address and why it did not answer.
        tried: Vec<(String, String)>,
    },
    /// The region said no.
    Problem(Box<ProblemBody>),
    /// The write was sent and no answer came.
    OutcomeUnknown {
        /// The key to repeat it with, if it had one.
        key: Option<String>,
        /// What happened to the last attempt.
        why: String,
    },
    /// Something answered that is no region node.
    Foreign {
        /// Where.
        address: String,
        /// What it said.
        why: String,
    },
    /// The command cannot do what it was asked.
    Refused {
        /// How the command ends.
        exit: Exit,
        /// What is wrong.
        what: String,
        /// Why.
        why: String,
        /// What to do.
        next: String,
    },
}

/// A problem body (RFC 9457) of the region, as far as a reader needs it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(default)]
pub struct ProblemBody {
    /// What kind of problem.
    pub title: String,
    /// HTTP status.
    pub status: u16,
    /// What happened this time.
    pub detail: String,
    /// Stable code.
    pub code: String,
    /// Whether the same request may work later.
    pub retryable: bool,
    /// Whether a write was applied.
    pub outcome: String,
    /// What still works.
    pub works: Option<String>,
    /// What to do.
    pub next: String,
    /// The fields that are wrong.
    pub errors: Vec<WrongField>,
    /// The answer's id in the node's log.
    #[serde(skip)]
    pub request_id: String,
}

/// A field that is wrong.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(default)]
pub struct WrongField {
    /// Which, as a JSON pointer or a name.
    pub pointer: String,
    /// What is wrong with it.
    pub message: String,
}

impl Failure {
    /// A command that cannot do what it was asked.
    pub fn refused(
        exit: Exit,
        what: impl Into<String>,
        why: impl Into<String>,
        next: impl Into<String>,
    ) -> Self {
        Self::Refused { exit, what: what.into(), why: why.into(), next: next.into() }
    }

    /// A failure told in prose of possibly many lines: the first says what, the last why.
    #[must_use]
    pub fn told(exit: Exit, prose: &str, next: &str) -> Self {
        let mut lines = prose.lines().map(str::trim).filter(|line| !line.is_empty());
        let what = lines.next().unwrap_or_default();
        Self::refused(exit, what, lines.next_back().unwrap_or_default(), next)
    }

    /// How the command ends.
    #[must_use]
    pub fn exit(&self) -> Exit {
        match self {
            Self::Unreachable { .. } => Exit::Unavailable,
            Self::OutcomeUnknown { .. } => Exit::OutcomeUnknown,
            Self::Foreign { .. } => Exit::Failure,
            Self::Refused { exit, .. } => *exit,
            Self::Problem(problem) => problem.exit(),
        }
    }

    /// For programs.
    #[must_use]
    pub fn to_json(&self) -> Value {
        let Lines { code, what, why, works, next } = self.lines();
        let exit = self.exit() as u8;
        json!({ "error": what, "code": code, "why": why, "works": works, "next": next, "exit": exit })
    }

    fn lines(&self) -> Lines {
        match self {
            Self::Unreachable { tried } => Lines {
                what: "no node of the region can be reached".into(),
                why: reasons(tried),
                next: "start the nodes, e.g. `regent dev`; or name others with --addr HOST:PORT,…"
                    .into(),
                ..Lines::default()
            },
            Self::Problem(problem) => problem.lines(),
            Self::OutcomeUnknown { key, why } => Lines {
                code: Some(ProblemKind::OutcomeUnknown.code().into()),
                what: "the outcome of the write is unknown".into(),
                why: why.clone(),
                works: None,
                next: match key {
                    Some(key) => {
                        format!("repeat it with --idempotency-key {key}: it is applied once")
                    }
                    None => "look before you repeat it: regent status".into(),
                },
            },
            Self::Foreign { address, why } => Lines {
                what: format!("{address} does not answer like a region node"),
                why: why.clone(),
                next: "name the API port of a region node with --addr HOST:PORT".into(),
                ..Lines::default()
            },
            Self::Refused { what, why, next, .. } => Lines {
                what: what.clone(),
                why: why.clone(),
                next: next.clone(),
                ..Lines::default()
            },
        }
    }
}

impl ProblemBody {
    fn exit(&self) -> Exit {
        if self.outcome == "unknown" && self.status == 504 {
            return Exit::OutcomeUnknown;
        }
        match self.status {
            404 => Exit::NotFound,
            409 | 412 => Exit::Conflict,
            401 | 403 => Exit::Forbidden,
            429 | 503 => Exit::Unavailable,
            _ => Exit::Failure,
        }
    }

    fn lines(&self) -> Lines {
        let reads = "DNS, and `--consistency stale` reads from nodes that run".to_owned();
        let works = self.works.clone().or_else(|| (self.code == NO_LEADER).then_some(reads));
        let what = match self.request_id.as_str() {
            "" => self.title.clone(),
            id => format!("{} (request {id})", self.title),
        };
        let code = (!self.code.is_empty()).then(|| self.code.clone());
        Lines { code, what, why: self.why(), works, next: self.next.clone() }
    }

    /// What happened: of several wrong fields each.
    fn why(&self) -> String {
        let told = |WrongField { pointer, message }: &WrongField| {
            format!("{} {message}", pointer.trim_start_matches('/'))
        };
        match self.errors.as_slice() {
            [] | [_] => self.detail.clone(),
            several => several.iter().map(told).collect::<Vec<_>>().join("; "),
        }
    }
}

#[derive(Default)]
struct Lines {
    code: Option<String>,
    what: String,
    why: String,
    works: Option<String>,
    next: String,
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Lines { code, what, why, works, next } = self.lines();
        let code = code.map(|code| format!("[{code}]")).unwrap_or_default();
        write!(f, "error{code}: {what}")?;
        for (label, text) in [("why", &why), ("works", &works.unwrap_or_default()), ("next", &next)]
        {
            if !text.is_empty() {
                write!(f, "\n  {:<7}{text}", format!("{label}:"))?;
            }
        }
        Ok(())
    }
}

fn reasons(tried: &[(String, String)]) -> String {
    let reason = |(address, why): &(String, String)| format!("{address}: {why}");
    tried.iter().map(reason).collect::<Vec<_>>().join("; ")
}

#[cfg(test)]
mod tests {
    use super::{Failure, ProblemBody, WrongField};
    use crate::cli::exit::Exit;

    fn problem(status: u16, code: &str, outcome: &str) -> Failure {
        Failure::Problem(Box::new(ProblemBody {
            title: "no leader, request refused".into(),
            status,
            code: code.into(),
            outcome: outcome.into(),
            detail: "2 of 3 nodes are missing".into(),
            next: "start r2".into(),
            ..ProblemBody::default()
        }))
    }

    #[test]
    fn failure_is_told_in_four_labelled_lines() {
        let expected = "error[E0101]: no leader, request refused\n  why:   2 of 3 nodes are missing\n  \
                        works: DNS, and `--consistency stale` reads from nodes that run\n  next:  start r2";
        assert_eq!(problem(503, "E0101", "not_applied").to_string(), expected);
    }

    #[test]
    fn every_wrong_field_is_told() {
        let wrong = |pointer: &str, message: &str| WrongField {
            pointer: pointer.into(),
            message: message.into(),
        };
        let errors = vec![wrong("/vid", "is missing"), wrong("/mut", "is no field of a vlan")];
        let problem = ProblemBody { detail: "vid is missing".into(), errors, ..Default::default() };
        let told = Failure::Problem(Box::new(problem)).to_string();
        assert!(told.contains("why:   vid is missing; mut is no field of a vlan"), "{told}");
    }

    #[test]
    fn excerpt_between_what_and_why_is_left_out() {
        let prose =
            "file x: error at line 1\n  |\n1 | hartbeat\n  | ^^^\nunknown field `hartbeat`\n";
        let told = Failure::told(Exit::BadConfig, prose, "correct it").to_string();
        assert_eq!(
            told,
            "error: file x: error at line 1\n  why:   unknown field `hartbeat`\n  next:  correct it"
        );
    }

    #[test]
    fn exit_code_says_whether_a_retry_is_safe() {
        for (status, outcome, exit) in [
            (404, "not_applied", Exit::NotFound),
            (409, "not_applied", Exit::Conflict),
            (412, "not_applied", Exit::Conflict),
            (403, "not_applied", Exit::Forbidden),
            (503, "not_applied", Exit::Unavailable),
            (504, "unknown", Exit::OutcomeUnknown),
            (500, "not_applied", Exit::Failure),
        ] {
            assert_eq!(problem(status, "E", outcome).exit(), exit, "{status}");
        }
    }
}
