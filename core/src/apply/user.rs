//! Users: names are unique; a user goes with the tokens, but not while anything else is the user's.

use crate::apply::draft::Draft;
use crate::apply::noun::{Noun, delete, unique};
use crate::apply::text::{NAME_CHARS_MAX, check_length};
use crate::id::UserId;
use crate::model::api_token::ApiToken;
use crate::model::user::{USERNAME_CHARS_MAX, User};
use crate::rejection::Rejection;
use crate::state::tables::Stored;

impl Noun for User {
    fn checked(draft: &Draft, id: Option<UserId>, user: Self) -> Result<Self, Rejection> {
        let name = &user.username;
        let allowed = |character: char| character.is_alphanumeric() || "@.+-_".contains(character);
        if name.is_empty()
            || name.chars().count() > USERNAME_CHARS_MAX
            || !name.chars().all(allowed)
        {
            let reason = format!("wants 1 to {USERNAME_CHARS_MAX} letters, digits or @.+-_");
            return Err(Rejection::invalid("username", reason));
        }
        check_length("last_name", &user.last_name, NAME_CHARS_MAX)?;
        check_length("email", &user.email, NAME_CHARS_MAX)?;
        let holders = &draft.state().indexes().users_by_name;
        unique::<Self, _>("username", holders, name, id, name)?;
        Ok(user)
    }

    fn before_delete(draft: &mut Draft, id: UserId) -> Result<(), Rejection> {
        let tokens = draft.referring::<ApiToken>(&Self::object(&id))?;
        tokens.into_iter().try_for_each(|token| delete::<ApiToken>(draft, token))
    }
}
