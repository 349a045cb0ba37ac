//! Tokens with which racks enrol: made, revoked, and used up once.

use crate::apply::draft::Draft;
use crate::apply::text::{NAME_CHARS_MAX, check_length};
use crate::command::rack_token::{NewRackToken, RackTokenCommand};
use crate::id::{NodeId, RackTokenId};
use crate::model::node::Node;
use crate::model::rack_token::{
    RACK_TOKEN_LIFE_MILLIS_MAX, RACK_TOKEN_LIFE_MILLIS_MIN, RACK_TOKENS_MAX, RackToken,
};
use crate::model::secret_digest::SecretDigest;
use crate::outcome::Outcome;
use crate::rejection::Rejection;
use crate::state::tables::Stored as _;

pub(in crate::apply) fn run(
    draft: &mut Draft,
    command: &RackTokenCommand,
) -> Result<Outcome, Rejection> {
    match command {
        RackTokenCommand::Create(new) => {
            create(draft, new).map(|id| Outcome::Created(RackToken::object(&id)))
        }
        RackTokenCommand::Delete { id } => {
            let id = draft.resolve::<RackToken>(*id)?;
            draft.row::<RackToken>(&id)?;
            draft.delete::<RackToken>(&id)?;
            Ok(Outcome::Deleted(RackToken::object(&id)))
        }
    }
}

/// Uses a token up.
///
/// # Errors
/// [`Rejection::RackTokenUnknown`] for one that was used, revoked or ran out as for one that never was.
pub(in crate::apply) fn redeem(
    draft: &mut Draft,
    digest: SecretDigest,
) -> Result<RackToken, Rejection> {
    let listed = draft.state().indexes().rack_tokens_by_digest.first_under(&digest).copied();
    let id = listed.ok_or(Rejection::RackTokenUnknown)?;
    let token = draft.row::<RackToken>(&id)?.value.clone();
    // What is due with many others is taken out a little later.
    if token.expires <= draft.now() {
        return Err(Rejection::RackTokenUnknown);
    }
    draft.delete::<RackToken>(&id)?;
    Ok(token)
}

/// Revokes every token for this rack.
pub(in crate::apply) fn revoke_for(draft: &mut Draft, rack: NodeId) -> Result<(), Rejection> {
    let tokens = draft.referring::<RackToken>(&Node::object(&rack))?;
    tokens.into_iter().try_for_each(|token| draft.delete::<RackToken>(&token))
}

/// Revokes every token for a rack, whichever.
pub(in crate::apply) fn revoke_for_all_racks(draft: &mut Draft) {
    let tokens = draft.state().tables().rack_tokens.iter();
    let bound = tokens.filter(|(_, row)| row.value.rack.is_some()).map(|(id, _)| *id);
    for id in bound.collect::<Vec<_>>() {
        draft.state_mut().take::<RackToken>(&id);
    }
}

fn create(draft: &mut Draft, new: &NewRackToken) -> Result<RackTokenId, Rejection> {
    let rack = draft.existing_if_any::<Node>("for", new.rack)?;
    if let Some(rack) = rack
        && !draft.row::<Node>(&rack)?.value.node_type.is_rack()
    {
        return Err(Rejection::invalid("for", format!("node {rack} is no rack controller")));
    }
    let lives = RACK_TOKEN_LIFE_MILLIS_MIN..=RACK_TOKEN_LIFE_MILLIS_MAX;
    if !lives.contains(&new.life) {
        let (least, most) = (lives.start().0 / 1000, lives.end().0 / 1000);
        return Err(Rejection::invalid("expires_in_s", format!("wants {least} to {most}")));
    }
    check_length("created_by", &new.created_by, NAME_CHARS_MAX)?;
    if draft.state().tables().rack_tokens.len() >= RACK_TOKENS_MAX {
        let what = "tokens for racks".to_owned();
        return Err(Rejection::Limit { what, max: RACK_TOKENS_MAX as u64 });
    }
    check_new(draft, new.digest)?;
    let expires = draft.now().after(new.life);
    let (digest, created_by) = (new.digest, new.created_by.clone());
    draft.create(RackToken { digest, rack, expires, created_by })
}

/// Two tokens with one secret would be one token that can be used twice.
fn check_new(draft: &Draft, digest: SecretDigest) -> Result<(), Rejection> {
    match draft.state().indexes().rack_tokens_by_digest.first_under(&digest) {
        None => Ok(()),
        Some(holder) => Err(Rejection::NotUnique {
            field: "digest".to_owned(),
            value: "of this secret".to_owned(),
            holder: RackToken::object(holder),
        }),
    }
}
