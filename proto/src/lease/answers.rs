//! What became of everything a rack asked in one message.

use crate::lease::answer;
use crate::malformed::{Fault, Malformed, check_count};
use crate::rack;
use crate::rack::FailureCode as Code;
use regent_core::command::rack::LEASE_STEPS_MAX;
use regent_core::outcome::LeaseAnswer;
use regent_core::time::ClusterTime;

/// The answer to one message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Answers {
    /// The number of the message.
    pub id: u64,
    /// What came of it.
    pub result: Result<Applied, Failure>,
}

/// The steps were applied.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Applied {
    /// Cluster time, no earlier than they were.
    pub now: ClusterTime,
    /// One answer a step, in order.
    pub answers: Vec<LeaseAnswer>,
}

/// No step has an answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Failure {
    /// What is known of them.
    pub fate: Fate,
    /// Why, for people.
    pub text: String,
}

/// What is known of steps without an answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fate {
    /// Nothing was done and nothing will be.
    NotDone,
    /// Nobody knows whether they were applied or will be.
    Unknown,
}

/// The answer to a message. Where it says that there is none, nothing else of it counts.
///
/// # Errors
/// More than [`LEASE_STEPS_MAX`] answers, a code not known here, or the first answer that makes no sense.
pub fn read(answers: rack::Answers) -> Result<Answers, Malformed> {
    let rack::Answers { id, now, answers, failure } = answers;
    let result = match failure {
        Some(failure) => Err(read_failure(failure)?),
        None => Ok(Applied { now: ClusterTime(now), answers: read_all(answers)? }),
    };
    Ok(Answers { id, result })
}

/// The answer to a message.
///
/// # Errors
/// More than [`LEASE_STEPS_MAX`] answers, or the first one that no message can carry.
pub fn write(answers: &Answers) -> Result<rack::Answers, Malformed> {
    let Answers { id, result } = answers;
    let empty = rack::Answers { id: *id, ..rack::Answers::default() };
    match result {
        Ok(Applied { now, answers }) => {
            Ok(rack::Answers { now: now.0, answers: write_all(answers)?, ..empty })
        }
        Err(failure) => Ok(rack::Answers { failure: Some(write_failure(failure)), ..empty }),
    }
}

fn read_all(answers: Vec<rack::Answer>) -> Result<Vec<LeaseAnswer>, Malformed> {
    check_count("answers", answers.len(), LEASE_STEPS_MAX)?;
    let read = |(place, answer)| answer::read(answer).map_err(|error| at_answer(place, error));
    answers.into_iter().enumerate().map(read).collect()
}

fn write_all(answers: &[LeaseAnswer]) -> Result<Vec<rack::Answer>, Malformed> {
    check_count("answers", answers.len(), LEASE_STEPS_MAX)?;
    let write = |(place, answer)| answer::write(answer).map_err(|error| at_answer(place, error));
    answers.iter().enumerate().map(write).collect()
}

fn at_answer(place: usize, error: Malformed) -> Malformed {
    error.within(format_args!("answers[{place}]"))
}

fn read_failure(failure: rack::Failure) -> Result<Failure, Malformed> {
    let rack::Failure { code, text } = failure;
    let unknown = || Malformed::new("failure.code", Fault::UnknownCode(code));
    let fate = match Code::try_from(code).map_err(|_| unknown())? {
        Code::FailureUnspecified => return Err(unknown()),
        Code::FailureNotDone => Fate::NotDone,
        Code::FailureUnknown => Fate::Unknown,
    };
    Ok(Failure { fate, text })
}

fn write_failure(failure: &Failure) -> rack::Failure {
    let code = match failure.fate {
        Fate::NotDone => Code::FailureNotDone,
        Fate::Unknown => Code::FailureUnknown,
    };
    rack::Failure { code: code.into(), text: failure.text.clone() }
}
