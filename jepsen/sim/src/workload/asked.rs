//! Having a node answer a question, as a face would, and what its answer makes certain.

use crate::workload::ask::{Answer, Ask, AskedWrite, Learnt};
use crate::workload::site::{PRINCIPAL, Site, deadline, number};
use regent_check::history::line::{Function, Level, Revision as Seen, Verdict};
use regent_core::apply::Reply;
use regent_core::command::{ClientKey, Command};
use regent_core::id::StaticIpAddressId;
use regent_core::outcome::{AllocatedAddress, Outcome};
use regent_core::rejection::Rejection;
use regent_core::revision::Revision;
use regent_core::time::Millis;
use regent_raft::error::{ProposeError, ReadError};
use regent_raft::region::handle::Region;
use regent_raft::region::propose::Write;
use regent_raft::state_machine::published::Published;
use serde_json::{Value, json};
use std::sync::Arc;
use std::time::Duration;

/// How old the answer to a stale read may be.
const STALE_MAX: Duration = Duration::from_secs(30);

impl Site {
    /// Asks a node and waits for its answer.
    pub async fn ask(self, region: Region, ask: Ask) -> Answer {
        match ask {
            Ask::Write(write) => ask_write(&region, *write).await,
            Ask::Read { function, key, level } => {
                let age = region.state_age();
                let age_ms = age.map(|age| u64::try_from(age.as_millis()).unwrap_or(u64::MAX));
                let published = match function {
                    // As the daemon does: a name service always answers.
                    Function::Dns => Ok(region.published()),
                    _ => published(&region, level).await,
                };
                match published {
                    Ok(published) => {
                        let seen = self.seen(&published.state, function, key.as_deref());
                        Answer { age_ms, ..seen }
                    }
                    Err(_) => Answer::NONE,
                }
            }
        }
    }
}

async fn ask_write(region: &Region, asked: AskedWrite) -> Answer {
    let AskedWrite { function, guards, command, request_id, .. } = asked;
    let life = life(&command);
    let key = Some(ClientKey { key: request_id, request_hash: [0; 32] });
    let write = Write { principal: PRINCIPAL.into(), key, guards, command };
    match region.propose(write, deadline()).await {
        Ok(reply) => written(function, life, reply),
        Err(ProposeError::OutcomeUnknown) => Answer::UNKNOWN,
        Err(
            ProposeError::NoLeader
            | ProposeError::Overloaded { .. }
            | ProposeError::TooLarge { .. }
            | ProposeError::Stopping
            | ProposeError::NotUnderstood
            | ProposeError::DiskFull
            | ProposeError::Contested,
        ) => Answer::NONE,
    }
}

/// How the region's answer to a write reads.
fn written(function: Function, life: Option<Millis>, reply: Reply) -> Answer {
    let swaps = function == Function::Cas;
    let (verdict, output, learnt) = match reply.result {
        Ok(Outcome::Allocated(taken)) => match given(&taken, life) {
            Some((output, learnt)) => (Verdict::Ok, Some(output), learnt),
            None => (Verdict::Unknown, None, Learnt::Nothing),
        },
        Ok(_) => (Verdict::Ok, swaps.then_some(Value::Bool(true)), Learnt::Nothing),
        Err(Rejection::GuardFailed { .. }) if swaps => {
            (Verdict::Ok, Some(json!(false)), Learnt::Nothing)
        }
        Err(_) => (Verdict::Fail, None, Learnt::Nothing),
    };
    let revision = Some(Seen(reply.revision.0));
    Answer { output, revision, learnt, ..Answer::of(verdict) }
}

/// What is given for some time is forgotten: it ends by itself.
fn given(taken: &[AllocatedAddress], life: Option<Millis>) -> Option<(Value, Learnt)> {
    let taken = taken.first()?;
    let object = StaticIpAddressId(number(&taken.object.key).ok()?);
    Some(match life {
        Some(Millis(life)) => (json!({ "addr": taken.address, "ttl_ms": life }), Learnt::Nothing),
        None => (json!({ "addr": taken.address }), Learnt::Given(taken.address, object)),
    })
}

async fn published(region: &Region, level: Level) -> Result<Arc<Published>, ReadError> {
    match level {
        Level::Lin => region.linearizable(deadline()).await,
        Level::Session { min_revision } => {
            region.at_least(Revision(min_revision.0), deadline()).await
        }
        Level::Stale { .. } => region.stale(Some(STALE_MAX)),
    }
}

/// How long what is asked for lives, if it ends by itself.
#[must_use]
pub fn life(command: &Command) -> Option<Millis> {
    if let Command::AllocateAddress(wish) = command { wish.expires_after } else { None }
}
