//! From a request to a proposal, and from its outcome to a reply.

use crate::http::body::Body;
use crate::http::client_address::ClientAddress;
use crate::http::consistency::ReadParameters;
use crate::http::context::Context;
use crate::http::etag::{ETag, parse_list};
use crate::http::parameters::Parameters;
use crate::http::problem::Problem;
use crate::problem_kind::ProblemKind;
use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderName, Method, Uri, header};
use regent_core::apply::{Reply, apply};
use regent_core::command::{ClientKey, Command, Guard, Proposal, Request};
use regent_core::object::ObjectRef;
use regent_core::query::name::called;
use regent_core::rejection::Rejection;
use regent_core::state::State;
use regent_core::state::idempotency::KeyUse;
use regent_core::state::key_id::KeyId;
use regent_raft::clock::{Clock as _, SystemClock};
use regent_raft::region::propose::Write;
use sha2::{Digest as _, Sha256};
use std::net::{IpAddr, Ipv4Addr};

/// A client's key for its write.
pub const IDEMPOTENCY_KEY: HeaderName = HeaderName::from_static("idempotency-key");
/// Who asks, until there is a way to prove it: one principal for everybody (M4 brings tokens).
pub const PRINCIPAL: &str = "anonymous";

/// What a handler needs to know of the request beside its body.
#[derive(Clone, Debug)]
pub struct Asked {
    method: Method,
    uri: Uri,
    headers: HeaderMap,
    client: IpAddr,
}

/// A write that was carried out, or would have been.
#[derive(Clone, Debug)]
pub struct Written {
    /// The state of this node, which has it in it unless [`Written::pending_here`] says otherwise.
    pub state: State,
    /// What the state machine said.
    pub reply: Reply,
    /// Whether it was only tried out.
    pub dry_run: bool,
}

impl Written {
    /// Whether the state does not have the write in it yet. That it is applied is certain all the same.
    #[must_use]
    pub fn pending_here(&self) -> bool {
        self.state.meta().revision < self.reply.revision
    }
}

impl<S: Send + Sync> FromRequestParts<S> for Asked {
    type Rejection = std::convert::Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Self::Rejection> {
        let client = parts.extensions.get::<ClientAddress>();
        Ok(Self {
            method: parts.method.clone(),
            uri: parts.uri.clone(),
            headers: parts.headers.clone(),
            client: client.map_or(IpAddr::V4(Ipv4Addr::LOCALHOST), |ClientAddress(client)| *client),
        })
    }
}

impl Asked {
    /// The path and query as sent.
    #[must_use]
    pub const fn uri(&self) -> &Uri {
        &self.uri
    }

    /// Where it came from.
    #[must_use]
    pub const fn client(&self) -> IpAddr {
        self.client
    }

    /// A header as text.
    #[must_use]
    pub fn header(&self, name: &HeaderName) -> Option<&str> {
        self.headers.get(name).and_then(|value| value.to_str().ok())
    }

    /// The query parameters.
    ///
    /// # Errors
    /// [`Problem`] if they cannot be read.
    pub fn parameters(&self) -> Result<Parameters, Problem> {
        Parameters::of(&self.uri)
    }

    /// The query parameters of a read that takes no others.
    ///
    /// # Errors
    /// [`Problem`] naming the one that is wrong.
    pub fn read_parameters(&self) -> Result<ReadParameters, Problem> {
        let mut parameters = self.parameters()?;
        let read = ReadParameters::take(&mut parameters)?;
        parameters.finish()?;
        Ok(read)
    }

    /// Has the region apply `command`, or tries it out if the query says `dry_run=true`, which is the only parameter
    /// a write takes. Refusals come back as problems.
    ///
    /// # Errors
    /// [`Problem`].
    pub async fn propose(
        &self,
        context: &Context,
        body: &Body,
        guards: Vec<Guard>,
        command: Command,
    ) -> Result<Written, Problem> {
        let dry_run = self.dry_run()?;
        let key = self.key(body)?;
        let written = if dry_run {
            try_out(context, guards, command).await?
        } else {
            let write = Write { principal: PRINCIPAL.into(), key, guards, command };
            let proposing = context.metrics.proposing();
            let reply = context.region.propose(write, context.deadline()).await;
            proposing.ended(reply.is_ok());
            let reply = reply?;
            Written { state: context.region.published().state.clone(), reply, dry_run }
        };
        self.judged(written)
    }

    /// The answer kept under the request's key, for a request that cannot be proposed any more: what its path named
    /// may be gone or be called otherwise *because* it was applied.
    ///
    /// # Errors
    /// [`Problem`]: the kept refusal, that the key was used for another request, or that nobody leads.
    pub async fn kept(&self, context: &Context, body: &Body) -> Result<Option<Written>, Problem> {
        if self.dry_run()? {
            return Ok(None);
        }
        let Some(key) = self.key(body)? else { return Ok(None) };
        let published = ReadParameters::default().load(context).await?;
        let id = KeyId { principal: PRINCIPAL.to_owned(), key: key.key };
        let Some(used) = published.state.get::<KeyUse>(&id) else { return Ok(None) };
        if used.value.request_hash != key.request_hash {
            return Err(Rejection::KeyReused.into());
        }
        let kept = used.value.reply.clone();
        let reply = Reply { revision: kept.revision, result: kept.result, replayed: true };
        self.judged(Written { state: published.state.clone(), reply, dry_run: false }).map(Some)
    }

    /// What was written, or the refusal as a problem.
    fn judged(&self, written: Written) -> Result<Written, Problem> {
        match &written.reply.result {
            Ok(_) => Ok(written),
            Err(rejection) => {
                let name = |object: &ObjectRef| called(&written.state, object);
                Err(self.refused(Problem::of_refusal(rejection, &name), &written.reply))
            }
        }
    }

    /// That the query has nothing but `dry_run`, and what that says.
    ///
    /// # Errors
    /// [`Problem`] naming any other parameter.
    pub fn dry_run(&self) -> Result<bool, Problem> {
        let mut parameters = self.parameters()?;
        let dry_run = parameters.take_flag("dry_run")?;
        parameters.finish()?;
        Ok(dry_run)
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
        match tag.to_str().ok().and_then(ETag::parse) {
            Some(tag) if tag.epoch == epoch => Ok(vec![Guard::Revision(object, tag.revision)]),
            Some(_) => {
                let detail = format!("{object} has an entity tag of another epoch");
                Err(Problem::new(ProblemKind::PreconditionFailed, detail))
            }
            None => Err(Problem::invalid("If-Match", "is not an entity tag this API gave out")),
        }
    }

    /// Whether the client has what is tagged so already (`If-None-Match`).
    #[must_use]
    pub fn has(&self, etag: &str) -> bool {
        self.header(&header::IF_NONE_MATCH).is_some_and(|tags| parse_list(tags, etag))
    }

    /// Whether the write is only for when there is no such object yet (`If-None-Match: *`).
    ///
    /// # Errors
    /// [`Problem`] for any other tag, which says nothing with a write.
    pub fn only_if_absent(&self) -> Result<bool, Problem> {
        match self.headers.get(header::IF_NONE_MATCH) {
            None => Ok(false),
            Some(tag) if tag == "*" => Ok(true),
            Some(_) => Err(Problem::invalid("If-None-Match", "only * goes with a write")),
        }
    }

    fn refused(&self, problem: Problem, reply: &Reply) -> Problem {
        // What is to be created only if absent is there: that is a condition that failed, no conflict.
        let absent = self.only_if_absent().is_ok_and(|absent| absent);
        let problem = if absent && problem.kind() == ProblemKind::NotUnique {
            problem.as_kind(ProblemKind::PreconditionFailed)
        } else {
            problem
        };
        if reply.replayed { problem.as_replayed() } else { problem }
    }

    fn key(&self, body: &Body) -> Result<Option<ClientKey>, Problem> {
        let Some(key) = self.headers.get(&IDEMPOTENCY_KEY) else { return Ok(None) };
        let key = key
            .to_str()
            .map_err(|_| Problem::invalid("Idempotency-Key", "is not visible ASCII"))?
            .to_owned();
        let mut hash = Sha256::new();
        for part in [self.method.as_str(), self.uri.path(), self.uri.query().unwrap_or_default()] {
            hash.update(part);
            hash.update([0]);
        }
        hash.update(&body.0);
        Ok(Some(ClientKey { key, request_hash: hash.finalize().into() }))
    }
}

/// What would come of a command, from a state with everything acknowledged in it. Nothing is written.
///
/// One command can touch the whole site, so it is tried out where whole tables are looked at, not where others wait.
async fn try_out(
    context: &Context,
    guards: Vec<Guard>,
    command: Command,
) -> Result<Written, Problem> {
    let published = ReadParameters::default().load(context).await?;
    let room = context.limits.scan().await?;
    let principal = PRINCIPAL.to_owned();
    let request = Request { principal, origin: None, key: None, guards, command };
    let at = published.state.meta().now;
    let proposal = Proposal { at, wall: SystemClock.wall(), request };
    let tried = tokio::task::spawn_blocking(move || {
        let applied = apply(&published.state, published.applied_index() + 1, &proposal);
        drop(room);
        Written { state: applied.state, reply: applied.reply, dry_run: true }
    });
    tried.await.map_err(|error| Problem::new(ProblemKind::Internal, error.to_string()))
}
