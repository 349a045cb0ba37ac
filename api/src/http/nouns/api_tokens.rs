//! `/v1/api-tokens`: MAAS's API keys. Their keys are drawn here, shown in the answer to their creation and in no other.

use crate::http::nouns::edits::missing;
use crate::http::problem::Problem;
use crate::http::resource::{Field, Resource, field};
use crate::http::wire::Wire as _;
use rand::distr::{Alphanumeric, SampleString as _};
use regent_core::command::Command;
use regent_core::command::api_token::{ApiTokenPatch, IssueToken};
use regent_core::command::edit::Edit;
use regent_core::id::{ApiTokenId, UserId};
use regent_core::model::api_token::{ApiToken, TOKEN_SECRET};
use regent_core::model::secret::{Secret, SecretKey};
use regent_core::model::user::User;
use regent_core::state::State;
use regent_core::state::tables::Stored as _;
use serde_json::Value;

/// Characters of each of a token's two keys, as in MAAS.
const KEY_CHARS: usize = 18;
/// Characters of its secret, as in MAAS.
const SECRET_CHARS: usize = 32;

/// API tokens over HTTP.
pub struct ApiTokens;

/// An API token being asked for.
#[derive(Default)]
pub struct ApiTokenDraft {
    user: Option<UserId>,
    name: Option<String>,
}

impl Resource for ApiTokens {
    type Stored = ApiToken;
    type Draft = ApiTokenDraft;
    const PATH: &'static str = "api-tokens";
    const SINGULAR: &'static str = "api-token";
    const ABOUT: &'static str = "A user's API token. Its text is the `token` of the answer to its creation, and of none after.";
    const FIELDS: &'static [Field<Self>] = &[
        field!(needed_once user: UserId, "Whose it is."),
        Field::<Self>::shown::<String>("username", "That user's name.", |state, _, row| {
            let user = state.get::<User>(&row.value.user);
            user.map_or(Value::Null, |user| user.value.username.show())
        }),
        field!(name: String, "What people call it."),
    ];

    fn shown_once(state: &State, id: &ApiTokenId) -> Option<(&'static str, Value)> {
        let token = &state.get::<ApiToken>(id)?.value;
        let key = SecretKey { owner: ApiToken::object(id), name: TOKEN_SECRET.into() };
        let secret = state.get::<Secret>(&key)?.value.reveal();
        let text = format!("{}:{}:{secret}", token.consumer_key, token.token_key);
        Some(("token", text.into()))
    }

    fn to_create(draft: ApiTokenDraft) -> Result<Command, Problem> {
        let drawn = |chars| Alphanumeric.sample_string(&mut rand::rng(), chars);
        let token = ApiToken {
            user: draft.user.ok_or_else(|| missing("user"))?,
            name: draft.name.unwrap_or_default(),
            consumer_key: drawn(KEY_CHARS),
            token_key: drawn(KEY_CHARS),
        };
        let secret = Secret::new(drawn(SECRET_CHARS));
        Ok(Command::IssueToken(IssueToken { token, secret }))
    }

    fn to_update(id: ApiTokenId, draft: ApiTokenDraft) -> Result<Command, Problem> {
        let patch = ApiTokenPatch { name: draft.name };
        Ok(Command::ApiToken(Edit::Update { id, patch }))
    }

    fn to_delete(id: ApiTokenId) -> Result<Command, Problem> {
        Ok(Command::ApiToken(Edit::Delete { id }))
    }
}
