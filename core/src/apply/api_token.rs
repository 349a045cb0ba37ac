//! API tokens: recorded with their keys. What they open is checked elsewhere.

use crate::apply::draft::Draft;
use crate::apply::noun::{self, Noun, unique};
use crate::apply::secret;
use crate::apply::text::{NAME_CHARS_MAX, check_length};
use crate::command::api_token::IssueToken;
use crate::id::ApiTokenId;
use crate::model::api_token::{ApiToken, TOKEN_KEY_BYTES_MAX, TOKEN_SECRET};
use crate::model::user::User;
use crate::outcome::Outcome;
use crate::rejection::Rejection;
use crate::state::tables::Stored as _;

/// Makes a token together with its secret.
pub(in crate::apply) fn issue(draft: &mut Draft, wish: &IssueToken) -> Result<Outcome, Rejection> {
    let id = noun::create(draft, wish.token.clone())?;
    let token = ApiToken::object(&id);
    secret::set(draft, &token, TOKEN_SECRET.into(), wish.secret.clone())?;
    Ok(Outcome::Created(token))
}

impl Noun for ApiToken {
    fn checked(draft: &Draft, id: Option<ApiTokenId>, mut token: Self) -> Result<Self, Rejection> {
        token.user = draft.existing::<User>("user", token.user)?;
        check_length("name", &token.name, NAME_CHARS_MAX)?;
        check_key("consumer_key", &token.consumer_key)?;
        check_key("token_key", &token.token_key)?;
        let holders = &draft.state().indexes().tokens_by_key;
        unique::<Self, _>("token_key", holders, &token.token_key, id, &token.token_key)?;
        Ok(token)
    }
}

fn check_key(field: &str, key: &str) -> Result<(), Rejection> {
    if key.is_empty() || !key.bytes().all(|byte| byte.is_ascii_alphanumeric()) {
        return Err(Rejection::invalid(field, "wants letters and digits"));
    }
    check_length(field, key, TOKEN_KEY_BYTES_MAX)
}
