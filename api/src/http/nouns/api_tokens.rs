//! `/v1/api-tokens`: which keys there are, for whom. The keys themselves are never shown; nothing here makes new ones.

use crate::http::nouns::edits::no_edits;
use crate::http::resource::{Field, Resource};
use crate::http::wire::Wire;
use regent_core::model::api_token::ApiToken;
use regent_core::model::user::User;

/// API tokens over HTTP.
pub struct ApiTokens;

impl Resource for ApiTokens {
    type Stored = ApiToken;
    type Draft = ();
    const PATH: &'static str = "api-tokens";
    const SINGULAR: &'static str = "api-token";
    const ABOUT: &'static str =
        "A key that MAAS's clients sign requests with, as recorded. No part of it is shown.";
    const FIELDS: &'static [Field<Self>] = &[
        Field::<Self>::shown::<String>("name", "What people call it.", |_, _, row| {
            row.value.name.show()
        }),
        Field::<Self>::shown::<u32>("user", "Whose it is.", |_, _, row| row.value.user.show()),
        Field::<Self>::shown::<String>("username", "That user's name.", |state, _, row| {
            let user = state.get::<User>(&row.value.user);
            user.map(|user| user.value.username.clone()).show()
        }),
    ];

    no_edits!();
}
