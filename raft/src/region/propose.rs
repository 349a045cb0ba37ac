//! Writing: number the write, bring it to the leader, wait for the answer, say honestly when there is none.

use crate::error::ProposeError;
use crate::network::failure::CallError;
use crate::network::refusal::ControlError;
use crate::region::handle::{Region, Shared};
use crate::region::session_pool::Ticket;
use crate::region::submit::{REQUEST_BYTES_MAX, RETRY_AFTER, ReadOnly, Submission};
use crate::runtime::elapsed;
use crate::type_config::NodeId;
use bytes::Bytes;
use openraft::async_runtime::WatchReceiver as _;
use regent_core::apply::Reply;
use regent_core::codec;
use regent_core::command::session::SessionCommand;
use regent_core::command::{ClientKey, Command, Guard, Request};
use regent_core::outcome::Outcome;
use regent_core::rejection::Rejection;
use std::time::{Duration, Instant};
use tokio::time::{sleep_until, timeout_at};

/// Pause before the next leader is looked for, when nothing better tells that there is one.
const RETRY_PAUSE: Duration = Duration::from_millis(20);
/// What one forwarded attempt may take before it is offered again; the write's number makes that safe.
const ATTEMPT_MAX: Duration = Duration::from_secs(2);

/// A write as a face asks for it.
#[derive(Clone, Debug)]
pub struct Write {
    /// Who asks.
    pub principal: String,
    /// The client's idempotency key.
    pub key: Option<ClientKey>,
    /// What must hold.
    pub guards: Vec<Guard>,
    /// What to do.
    pub command: Command,
}

/// What became of one attempt that brought no answer.
enum Attempt {
    /// It had no effect and will have none.
    NoEffect(Submission),
    /// It may have had, or may yet have.
    Unknown,
}

impl Region {
    /// Has the region apply a write and waits until this node has applied it, too.
    ///
    /// # Errors
    /// [`ProposeError`]; all but [`ProposeError::OutcomeUnknown`] promise that it was not and will not be applied.
    pub async fn propose(&self, write: Write, deadline: Instant) -> Result<Reply, ProposeError> {
        let shared = &self.shared;
        let Write { principal, key, guards, command } = write;
        let mut request = Request { principal, origin: None, key, guards, command };
        loop {
            let ticket = self.ticket(deadline).await?;
            request.origin = Some(ticket.origin);
            let bytes = encode(&request)?;
            let (reply, repeated) = shared.deliver(&bytes, deadline).await?;
            if reply.result == Err(Rejection::SessionUnknown) {
                shared.sessions.lost(ticket.origin.session);
                // At the first offer the region certainly has not applied it; after another one it may have.
                if repeated {
                    return Err(ProposeError::OutcomeUnknown);
                }
                continue;
            }
            shared.await_applied_here(&reply, deadline).await;
            return Ok(reply);
        }
    }

    /// Has the region apply a command of this node itself.
    pub(crate) async fn propose_as_node(
        &self,
        command: Command,
        deadline: Instant,
    ) -> Result<Reply, ProposeError> {
        let principal = self.shared.principal();
        let write = Write { principal, key: None, guards: Vec::new(), command };
        self.propose(write, deadline).await
    }

    async fn ticket(&self, deadline: Instant) -> Result<Ticket, ProposeError> {
        let sessions = &self.shared.sessions;
        loop {
            if let Some(ticket) = sessions.take() {
                return Ok(ticket);
            }
            if !sessions.may_open() {
                return Err(ProposeError::Overloaded { retry_after: RETRY_AFTER });
            }
            self.open_session(deadline).await?;
        }
    }

    /// Opens a session. Should the answer be lost, the session is left over and ends by itself.
    async fn open_session(&self, deadline: Instant) -> Result<(), ProposeError> {
        let turn = timeout_at(deadline.into(), self.shared.opening.lock());
        let _one_at_a_time = turn.await.map_err(|_| ProposeError::NoLeader)?;
        if let Some(ticket) = self.shared.sessions.take() {
            // Somebody else just opened one; the number taken to find out is given back unused.
            drop(ticket);
            return Ok(());
        }
        let holder = self.shared.identity.name.clone();
        let opening = Command::Session(SessionCommand::Open { holder });
        let request = self.shared.unnumbered(opening);
        let lost_is_harmless = |error| match error {
            ProposeError::OutcomeUnknown => ProposeError::NoLeader,
            error @ (ProposeError::NoLeader
            | ProposeError::Overloaded { .. }
            | ProposeError::TooLarge { .. }
            | ProposeError::Stopping
            | ProposeError::NotUnderstood
            | ProposeError::DiskFull
            | ProposeError::Contested) => error,
        };
        let bytes = encode(&request)?;
        let (reply, _) = self.shared.deliver(&bytes, deadline).await.map_err(lost_is_harmless)?;
        match reply.result {
            Ok(Outcome::SessionOpened(id)) => {
                self.shared.sessions.opened(id);
                Ok(())
            }
            Ok(_) | Err(_) => Err(ProposeError::Overloaded { retry_after: RETRY_AFTER }),
        }
    }
}

fn encode(request: &Request) -> Result<Bytes, ProposeError> {
    let bytes = Bytes::from(codec::seal(request));
    if bytes.len() > REQUEST_BYTES_MAX {
        let bytes_max = REQUEST_BYTES_MAX;
        return Err(ProposeError::TooLarge { bytes: bytes.len(), bytes_max });
    }
    Ok(bytes)
}

impl Shared {
    /// Offers the same bytes to one leader after another until one answers. Tells whether an earlier offer may have
    /// had an effect.
    async fn deliver(
        &self,
        request: &Bytes,
        deadline: Instant,
    ) -> Result<(Reply, bool), ProposeError> {
        let mut may_have_effect = false;
        loop {
            if elapsed::now() >= deadline {
                return Err(given_up(may_have_effect, Submission::NotLeader(None)));
            }
            let reason = match self.attempt(request, deadline).await {
                Ok(reply) => return Ok((reply, may_have_effect)),
                Err(Attempt::NoEffect(reason)) => reason,
                Err(Attempt::Unknown) => {
                    may_have_effect = true;
                    Submission::Unknown
                }
            };
            let over = elapsed::now() + RETRY_PAUSE >= deadline;
            match reason {
                Submission::Overloaded
                | Submission::Stopping
                | Submission::NotUnderstood
                | Submission::ReadOnly(_) => {
                    return Err(given_up(may_have_effect, reason));
                }
                Submission::NotLeader(_) | Submission::Unknown if over => {
                    return Err(given_up(may_have_effect, reason));
                }
                Submission::NotLeader(_) | Submission::Unknown => self.pause().await,
            }
        }
    }

    async fn attempt(&self, request: &Bytes, deadline: Instant) -> Result<Reply, Attempt> {
        let leadership = self.leadership();
        let Some(leader) = leadership.leader else {
            return Err(Attempt::NoEffect(Submission::NotLeader(None)));
        };
        if leadership.is_leader {
            let submitted = self.submit(request.clone(), deadline).await;
            return submitted.map_err(|submission| match submission {
                Submission::Unknown => Attempt::Unknown,
                Submission::NotLeader(_)
                | Submission::Overloaded
                | Submission::Stopping
                | Submission::NotUnderstood
                | Submission::ReadOnly(_) => Attempt::NoEffect(submission),
            });
        }
        let Some(address) = self.peer_address(leader) else {
            return Err(Attempt::NoEffect(Submission::NotLeader(None)));
        };
        let patience = deadline.saturating_duration_since(elapsed::now()).min(ATTEMPT_MAX);
        let answer = tokio::select! {
            biased;
            answer = self.calls.forward(&address, request.clone(), patience) => answer,
            // A frozen leader never answers. Its successor gets the same write; the write's number makes that safe.
            () = self.another_leads(leader) => return Err(Attempt::Unknown),
        };
        let bytes = answer.map_err(|error| match error {
            CallError::Control(ControlError::OutcomeUnknown) | CallError::CutOff(_) => {
                Attempt::Unknown
            }
            CallError::Control(ControlError::NotLeader { leader }) => {
                Attempt::NoEffect(Submission::NotLeader(leader))
            }
            CallError::Control(ControlError::Overloaded) => {
                Attempt::NoEffect(Submission::Overloaded)
            }
            CallError::Control(ControlError::DiskFull) => {
                Attempt::NoEffect(Submission::ReadOnly(ReadOnly::DiskFull))
            }
            CallError::Control(ControlError::Contested) => {
                Attempt::NoEffect(Submission::ReadOnly(ReadOnly::Contested))
            }
            CallError::Control(ControlError::BadRequest) => {
                Attempt::NoEffect(Submission::NotUnderstood)
            }
            CallError::Control(ControlError::Unavailable)
            | CallError::Refused(_)
            | CallError::Unreachable(_) => Attempt::NoEffect(Submission::NotLeader(None)),
        })?;
        codec::open(&bytes).map_err(|_| Attempt::Unknown)
    }

    /// Returns when this node hears of another leader than `former`.
    pub(crate) async fn another_leads(&self, former: NodeId) {
        let mut metrics = self.raft.server_metrics();
        let another = |leader: Option<NodeId>| leader.is_some_and(|leader| leader != former);
        if metrics.wait_until(|metrics| another(metrics.current_leader)).await.is_err() {
            // Raft has ended, and with it whatever could change.
            std::future::pending::<()>().await;
        }
    }

    /// Waits a moment, or until somebody leads.
    async fn pause(&self) {
        let mut metrics = self.raft.server_metrics();
        let before = metrics.borrow_and_update().current_leader;
        let until = elapsed::now() + RETRY_PAUSE;
        while let Ok(Ok(())) = timeout_at(until.into(), metrics.changed()).await {
            let now = metrics.borrow_and_update().current_leader;
            if now.is_some() && now != before {
                return;
            }
        }
        sleep_until(until.into()).await;
    }

    /// Whoever has an answer from this node can read on this node what it speaks of. An answer is not held back for
    /// ever: the revision in it lets the client wait itself.
    async fn await_applied_here(&self, reply: &Reply, deadline: Instant) {
        let mut progress = self.publisher.progress();
        let reached = progress.wait_for(|progress| progress.revision >= reply.revision);
        drop(timeout_at(deadline.into(), reached).await);
    }
}

fn given_up(may_have_effect: bool, reason: Submission) -> ProposeError {
    if may_have_effect { ProposeError::OutcomeUnknown } else { reason.into() }
}
