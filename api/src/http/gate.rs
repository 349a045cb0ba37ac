//! What holds for a route whatever its handler does: which parameters it takes, whether it takes `If-Match`, and how
//! long its answer may take to begin. A handler cannot forget what it never sees.

use crate::http::filter::SUFFIXES;
use crate::http::parameters::Parameters;
use crate::http::problem::Problem;
use crate::problem_kind::ProblemKind;
use axum::extract::Request;
use axum::http::{Method, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use std::time::Duration;
use tokio::time::timeout;

/// Whether a write can be made to depend on the object as the client saw it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Condition {
    /// By `If-Match`.
    IfMatch,
    /// No: there is no one object it is about. To send `If-Match` all the same is a mistake.
    None,
}

/// What is asked of every request of a route.
#[derive(Clone, Debug)]
pub struct Gate {
    /// The query parameters the route takes; fields of lists also with a comparison (`memory__gt`).
    pub parameters: Vec<String>,
    /// Whether it takes `If-Match`.
    pub condition: Condition,
    /// What may pass until its answer begins.
    pub time_max: Duration,
}

impl Gate {
    /// Lets a request through to its handler, or answers it with what is wrong about it.
    pub async fn pass(&self, request: Request, next: Next) -> Response {
        if let Err(problem) = self.check(&request) {
            return problem.into_response();
        }
        let reads = reads(request.method());
        match timeout(self.time_max, next.run(request)).await {
            Ok(response) => response,
            Err(_) => {
                let kind =
                    if reads { ProblemKind::NotReached } else { ProblemKind::OutcomeUnknown };
                Problem::new(kind, "the answer took too long").into_response()
            }
        }
    }

    fn check(&self, request: &Request) -> Result<(), Problem> {
        if request.uri().query().is_some() {
            let mut parameters = Parameters::of(request.uri())?;
            parameters.retain(|name| !self.takes(name));
            parameters.none_left(self.parameters.iter().map(String::as_str))?;
        }
        let conditional = request.headers().contains_key(header::IF_MATCH);
        match self.condition {
            Condition::None if conditional && !reads(request.method()) => {
                Err(Problem::invalid("If-Match", "says nothing here: this is about no one object"))
            }
            Condition::None | Condition::IfMatch => Ok(()),
        }
    }

    fn takes(&self, name: &str) -> bool {
        let field = name.rsplit_once("__");
        let field = field.filter(|(_, suffix)| SUFFIXES.iter().any(|(known, _)| known == suffix));
        let field = field.map_or(name, |(field, _)| field);
        self.parameters.iter().any(|known| known == name || known == field)
    }
}

/// Whether a method only reads.
#[must_use]
pub fn reads(method: &Method) -> bool {
    [Method::GET, Method::HEAD].contains(method)
}
