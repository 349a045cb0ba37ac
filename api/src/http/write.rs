//! From a request to a proposal, and from its outcome to a reply.

use crate::http::body::Body;
use crate::http::context::{Context, REQUEST_TIMEOUT};
use crate::http::headers::IDEMPOTENCY_KEY;
use crate::http::problem::{Problem, ProblemKind};
use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use axum::http::{HeaderMap, Method, Uri, header};
use regent_core::apply::Reply;
use regent_core::command::{ClientKey, Command, Guard};
use regent_core::object::ObjectRef;
use regent_core::revision::Revision;
use regent_raft::region::propose::Write;
use sha2::{Digest as _, Sha256};
use std::time::Instant;

/// Who asks, until there is a way to prove it: one principal for everybody (M4 brings tokens).
const PRINCIPAL: &str = "anonymous";

/// What a write needs to know of the request it came with.
#[derive(Clone, Debug)]
pub struct Asked {
    method: Method,
    uri: Uri,
    headers: HeaderMap,
}

impl<S: Send + Sync> FromRequestParts<S> for Asked {
    type Rejection = std::convert::Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Self::Rejection> {
        Ok(Self {
            method: parts.method.clone(),
            uri: parts.uri.clone(),
            headers: parts.headers.clone(),
        })
    }
}

impl Asked {
    /// Has the region apply `command`; refusals come back as problems.
    ///
    /// # Errors
    /// [`Problem`].
    pub async fn propose(
        &self,
        context: &Context,
        body: &Body,
        guards: Vec<Guard>,
        command: Command,
    ) -> Result<Reply, Problem> {
        let key = self.key(body)?;
        let write = Write { principal: PRINCIPAL.into(), key, guards, command };
        let reply = context.region.propose(write, Instant::now() + REQUEST_TIMEOUT).await?;
        match &reply.result {
            Ok(_) => Ok(reply),
            Err(rejection) => Err(rejection.clone().into()),
        }
    }

    /// The guard an `If-Match` header asks for.
    ///
    /// # Errors
    /// [`Problem`] if it is no entity tag of ours.
    pub fn if_match(&self, epoch: u64, object: ObjectRef) -> Result<Vec<Guard>, Problem> {
        let Some(tag) = self.headers.get(header::IF_MATCH) else { return Ok(Vec::new()) };
        if tag == "*" {
            return Ok(vec![Guard::Exists(object)]);
        }
        match tag.to_str().ok().and_then(parse_etag) {
            Some((tag_epoch, revision)) if tag_epoch == epoch => {
                Ok(vec![Guard::Revision(object, revision)])
            }
            Some(_) => {
                let detail = format!("{object} has an entity tag of another epoch");
                Err(Problem::new(ProblemKind::PreconditionFailed, detail))
            }
            None => Err(Problem::invalid("If-Match", "is not an entity tag this API gave out")),
        }
    }

    /// Whether the client has the object as tagged already (`If-None-Match`).
    #[must_use]
    pub fn has(&self, etag: &str) -> bool {
        self.headers.get(header::IF_NONE_MATCH).is_some_and(|tag| tag == etag)
    }

    fn key(&self, body: &Body) -> Result<Option<ClientKey>, Problem> {
        let Some(key) = self.headers.get(&IDEMPOTENCY_KEY) else { return Ok(None) };
        let key = key
            .to_str()
            .map_err(|_| Problem::invalid("Idempotency-Key", "is not visible ASCII"))?
            .to_owned();
        let mut hash = Sha256::new();
        hash.update(self.method.as_str());
        hash.update([0]);
        hash.update(self.uri.path());
        hash.update([0]);
        hash.update(self.uri.query().unwrap_or_default());
        hash.update([0]);
        hash.update(&body.0);
        Ok(Some(ClientKey { key, request_hash: hash.finalize().into() }))
    }
}

/// The entity tag of an object: the epoch and the revision that changed it last.
#[must_use]
pub fn etag(epoch: u64, revision: Revision) -> String {
    format!("\"{epoch}-{revision}\"")
}

fn parse_etag(tag: &str) -> Option<(u64, Revision)> {
    let (epoch, revision) = tag.strip_prefix('"')?.strip_suffix('"')?.split_once('-')?;
    Some((epoch.parse().ok()?, Revision(revision.parse().ok()?)))
}
