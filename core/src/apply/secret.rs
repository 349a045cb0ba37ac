//! Secrets: set and forgotten, never told.

use crate::apply::draft::Draft;
use crate::apply::text::{NAME_CHARS_MAX, check_length};
use crate::command::secret::{SECRET_BYTES_MAX, SecretCommand, SecretOwner};
use crate::model::api_token::ApiToken;
use crate::model::bmc::Bmc;
use crate::model::parameter::{ParameterValue, Parameters};
use crate::model::secret::{Secret, SecretKey};
use crate::model::secret_name::is_secret;
use crate::model::user::User;
use crate::object::ObjectRef;
use crate::outcome::Outcome;
use crate::rejection::Rejection;
use crate::state::tables::Stored;

pub(in crate::apply) fn run(
    draft: &mut Draft,
    command: &SecretCommand,
) -> Result<Outcome, Rejection> {
    match command {
        SecretCommand::Set { owner, name, secret } => {
            let owner = object(draft, *owner)?;
            set(draft, &owner, name.clone(), secret.clone())?;
            Ok(Outcome::Updated(owner))
        }
        SecretCommand::Forget { owner, name } => {
            let owner = object(draft, *owner)?;
            draft.delete::<Secret>(&SecretKey { owner: owner.clone(), name: name.clone() })?;
            Ok(Outcome::Updated(owner))
        }
    }
}

/// Keeps a secret of an object in place of any of that name.
pub(in crate::apply) fn set(
    draft: &mut Draft,
    owner: &ObjectRef,
    name: String,
    secret: Secret,
) -> Result<(), Rejection> {
    check_length("name", &name, NAME_CHARS_MAX)?;
    check_length(&name, secret.reveal(), SECRET_BYTES_MAX)?;
    draft.put(SecretKey { owner: owner.clone(), name }, secret);
    Ok(())
}

/// Takes the secrets out of named values, before these are stored where they can be read.
pub(in crate::apply) fn split(
    field: &str,
    parameters: &mut Parameters,
) -> Result<Vec<(String, Secret)>, Rejection> {
    let names: Vec<_> = parameters.keys().filter(|name| is_secret(name)).cloned().collect();
    let mut secrets = Vec::with_capacity(names.len());
    for name in names {
        match parameters.remove(&name) {
            Some(ParameterValue::Text(text)) => secrets.push((name, Secret::new(text))),
            Some(_) => return Err(Rejection::invalid(field, format!("{name} is no text"))),
            None => {}
        }
    }
    Ok(secrets)
}

/// Keeps secrets of an object in place of those of the same names.
pub(in crate::apply) fn keep(
    draft: &mut Draft,
    owner: &ObjectRef,
    secrets: Vec<(String, Secret)>,
) -> Result<(), Rejection> {
    secrets.into_iter().try_for_each(|(name, secret)| set(draft, owner, name, secret))
}

fn object(draft: &Draft, owner: SecretOwner) -> Result<ObjectRef, Rejection> {
    match owner {
        SecretOwner::Bmc(id) => draft.existing::<Bmc>("owner", id).map(|id| Bmc::object(&id)),
        SecretOwner::User(id) => draft.existing::<User>("owner", id).map(|id| User::object(&id)),
        SecretOwner::ApiToken(id) => {
            draft.existing::<ApiToken>("owner", id).map(|id| ApiToken::object(&id))
        }
    }
}
