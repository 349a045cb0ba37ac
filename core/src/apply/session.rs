//! Sessions: opening, closing, and telling a repeated write from a new one (DESIGN D5).

use crate::apply::draft::Draft;
use crate::command::Origin;
use crate::command::session::SessionCommand;
use crate::id::SessionId;
use crate::outcome::Outcome;
use crate::rejection::Rejection;
use crate::state::session::{
    IDLE_MAX, KeptReply, OUTSTANDING_MAX, SESSIONS_MAX, Session, SessionWrite,
};

/// Bytes of the name of a session's holder.
const HOLDER_BYTES_MAX: usize = 128;

pub(in crate::apply) fn run(
    draft: &mut Draft,
    command: &SessionCommand,
) -> Result<Outcome, Rejection> {
    let SessionCommand::Open { holder } = command;
    open(draft, holder)
}

fn open(draft: &mut Draft, holder: &str) -> Result<Outcome, Rejection> {
    if holder.len() > HOLDER_BYTES_MAX {
        return Err(Rejection::invalid("holder", format!("longer than {HOLDER_BYTES_MAX} bytes")));
    }
    if draft.state().tables().sessions.len() >= SESSIONS_MAX {
        return Err(Rejection::Limit { what: "open sessions".into(), max: SESSIONS_MAX as u64 });
    }
    let expires = draft.now().after(IDLE_MAX);
    let id = draft.create(Session { holder: holder.to_owned(), floor: 1, expires })?;
    Ok(Outcome::SessionOpened(id))
}

/// Closes a session and forgets the outcomes kept for it.
pub(in crate::apply) fn close(draft: &mut Draft, session: SessionId) {
    forget_below(draft, session, u64::MAX);
    draft.state_mut().take::<Session>(&session);
}

/// The kept answer if this write was applied before; a refusal if that can no longer be told.
pub(in crate::apply) fn repeated(
    draft: &mut Draft,
    origin: Option<Origin>,
) -> Result<Option<KeptReply>, Rejection> {
    let Some(Origin { session, sequence, floor }) = origin else { return Ok(None) };
    let row = draft.state().get::<Session>(&session).ok_or(Rejection::SessionUnknown)?.clone();
    let write = SessionWrite { session, sequence };
    if let Some(kept) = draft.state().get::<KeptReply>(&write) {
        return Ok(Some(kept.value.clone()));
    }
    if sequence < row.value.floor {
        return Err(Rejection::SessionUnknown);
    }
    let floor = floor.clamp(row.value.floor, sequence);
    if sequence - floor >= OUTSTANDING_MAX {
        let what = format!("outstanding writes of session {session}");
        return Err(Rejection::Limit { what, max: OUTSTANDING_MAX });
    }
    let expires = draft.now().after(IDLE_MAX);
    forget_below(draft, session, floor);
    draft.replace(&session, &row, Session { floor, expires, ..row.value.clone() });
    Ok(None)
}

/// Keeps the answer of a write until its origin says it has it.
pub(in crate::apply) fn keep(draft: &mut Draft, origin: Option<Origin>, reply: &KeptReply) {
    if let Some(Origin { session, sequence, .. }) = origin {
        draft.insert(SessionWrite { session, sequence }, reply.clone());
    }
}

fn forget_below(draft: &mut Draft, session: SessionId, floor: u64) {
    let first = SessionWrite { session, sequence: 0 };
    let end = SessionWrite { session, sequence: floor };
    let replies = &draft.state().tables().session_replies;
    let acknowledged: Vec<_> = replies.range(first..end).map(|(write, _)| *write).collect();
    for write in acknowledged {
        draft.state_mut().take::<KeptReply>(&write);
    }
}
