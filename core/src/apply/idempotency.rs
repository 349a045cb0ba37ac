//! Idempotency keys: telling a client's repetition from a new request (DESIGN D5).

use crate::apply::draft::Draft;
use crate::command::ClientKey;
use crate::rejection::Rejection;
use crate::state::idempotency::{
    KEY_BYTES_MAX, KEY_LIFE, KEYS_BYTES_MAX, KEYS_MAX, KeyUse, size_bytes,
};
use crate::state::key_id::KeyId;
use crate::state::session::KeptReply;

/// The kept answer if the key was used before; a refusal if it was used otherwise or no more keys can be kept.
pub(in crate::apply) fn repeated(
    draft: &Draft,
    principal: &str,
    key: Option<&ClientKey>,
) -> Result<Option<KeptReply>, Rejection> {
    let Some(key) = key else { return Ok(None) };
    if key.key.is_empty() || key.key.len() > KEY_BYTES_MAX || key.key.contains('\n') {
        let reason = format!("wants 1 to {KEY_BYTES_MAX} bytes on one line");
        return Err(Rejection::invalid("Idempotency-Key", reason));
    }
    let id = KeyId { principal: principal.to_owned(), key: key.key.clone() };
    match draft.state().get::<KeyUse>(&id) {
        Some(used) if used.value.request_hash == key.request_hash => {
            Ok(Some(used.value.reply.clone()))
        }
        Some(_) => Err(Rejection::KeyReused),
        None if draft.state().tables().keys.len() >= KEYS_MAX => {
            Err(Rejection::Limit { what: "idempotency keys".into(), max: KEYS_MAX as u64 })
        }
        None if draft.state().meta().key_bytes >= KEYS_BYTES_MAX => {
            let what = "bytes of answers kept under idempotency keys".into();
            Err(Rejection::Limit { what, max: KEYS_BYTES_MAX })
        }
        None => Ok(None),
    }
}

/// Keeps the answer of a request under its key.
pub(in crate::apply) fn keep(
    draft: &mut Draft,
    principal: &str,
    key: Option<&ClientKey>,
    reply: KeptReply,
) {
    let Some(key) = key else { return };
    let id = KeyId { principal: principal.to_owned(), key: key.key.clone() };
    let expires = draft.now().after(KEY_LIFE);
    let bytes = size_bytes(&id, &reply);
    draft.state_mut().meta_mut().key_bytes += bytes;
    draft.insert(id, KeyUse { request_hash: key.request_hash, reply, expires, bytes });
}

/// Forgets a key and its answer.
pub(in crate::apply) fn forget(draft: &mut Draft, id: &KeyId) {
    let state = draft.state_mut();
    if let Some(row) = state.take::<KeyUse>(id) {
        state.meta_mut().key_bytes -= row.value.bytes;
    }
}
