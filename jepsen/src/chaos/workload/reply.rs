//! What became of one HTTP request, and what that makes certain.

use regent_check::history::line::Verdict;
use reqwest::{RequestBuilder, StatusCode};
use serde_json::{Value, json};
use std::time::Duration;

/// How long an answer is waited for; nodes give up a little earlier.
const ANSWER_MAX: Duration = Duration::from_secs(3);

/// What became of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Reply {
    /// There is an answer.
    Answer(Answer),
    /// It was not sent: there was no connection.
    NotSent,
    /// It was sent, and no whole answer came.
    Lost,
}

/// An answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Answer {
    /// Its status.
    pub status: StatusCode,
    /// The revision it tells.
    pub revision: Option<u64>,
    /// The mark of the object's state.
    pub etag: Option<String>,
    /// How old the node says its state is, in milliseconds, if it can tell.
    pub age_ms: Option<u64>,
    /// What it says.
    pub body: Value,
}

impl Reply {
    /// Sends a request and waits.
    pub async fn to(request: RequestBuilder) -> Self {
        let response = match request.timeout(ANSWER_MAX).send().await {
            Ok(response) => response,
            Err(error) if error.is_connect() => return Self::NotSent,
            Err(_) => return Self::Lost,
        };
        let status = response.status();
        let header = |name| Some(response.headers().get(name)?.to_str().ok()?.to_owned());
        let number = |name| header(name)?.parse().ok();
        let (revision, age_ms) = (number("regent-revision"), number("regent-state-age-ms"));
        let etag = header("etag");
        match response.bytes().await {
            Ok(bytes) if bytes.is_empty() => {
                Self::Answer(Answer { status, revision, etag, age_ms, body: Value::Null })
            }
            Ok(bytes) => serde_json::from_slice(&bytes).map_or(Self::Lost, |body| {
                Self::Answer(Answer { status, revision, etag, age_ms, body })
            }),
            Err(_) => Self::Lost,
        }
    }

    /// The answer, if what was asked was done.
    #[must_use]
    pub fn success(&self) -> Option<&Answer> {
        match self {
            Self::Answer(answer) => answer.status.is_success().then_some(answer),
            Self::NotSent | Self::Lost => None,
        }
    }

    /// Why it was not done, for people, if the answer says so.
    #[must_use]
    pub fn why(&self) -> Option<Value> {
        match self {
            Self::Answer(answer) => Some(json!({ "why": answer.body["code"] })),
            Self::NotSent | Self::Lost => None,
        }
    }

    /// What is certain about a write.
    #[must_use]
    pub fn verdict(&self) -> Verdict {
        match self {
            Self::Answer(answer) if answer.status.is_success() => Verdict::Ok,
            Self::Answer(answer) if answer.body["outcome"] == "not_applied" => Verdict::Fail,
            Self::NotSent => Verdict::Fail,
            Self::Answer(_) | Self::Lost => Verdict::Unknown,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Answer, Reply};
    use regent_check::history::line::Verdict;
    use reqwest::StatusCode;
    use serde_json::json;

    fn verdict(status: StatusCode, outcome: &str) -> Verdict {
        let body = json!({ "outcome": outcome });
        Reply::Answer(Answer { status, revision: None, etag: None, age_ms: None, body }).verdict()
    }

    #[test]
    fn only_what_was_not_sent_or_told_not_to_be_applied_certainly_had_no_effect() {
        assert_eq!(verdict(StatusCode::CONFLICT, "not_applied"), Verdict::Fail);
        assert_eq!(verdict(StatusCode::SERVICE_UNAVAILABLE, "unknown"), Verdict::Unknown);
        assert_eq!(verdict(StatusCode::OK, ""), Verdict::Ok);
        assert_eq!(Reply::NotSent.verdict(), Verdict::Fail);
        assert_eq!(Reply::Lost.verdict(), Verdict::Unknown);
    }
}
