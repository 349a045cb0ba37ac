//! `/v1/users`.

use crate::http::nouns::edits::edits;
use crate::http::resource::{Field, Resource, field};
use regent_core::command::Command;
use regent_core::command::user::UserPatch;
use regent_core::model::user::User;

/// Users over HTTP.
pub struct Users;

impl Resource for Users {
    type Stored = User;
    type Draft = UserPatch;
    const PATH: &'static str = "users";
    const SINGULAR: &'static str = "user";
    const ABOUT: &'static str = "A user as recorded. Passwords are neither taken nor shown here.";
    const FIELDS: &'static [Field<Self>] = &[
        field!(required username: String, "The name to log in with; unique."),
        field!(last_name: String, "The name in full."),
        field!(email: String, "Address for mail."),
        field!(is_superuser: bool, "Whether the user may do everything."),
        field!(is_active: bool, "Whether the user may log in."),
        field!(is_local: bool, "Whether the password is ours to check."),
    ];

    edits!(Command::User, |_| {
        Ok(User {
            username: String::new(),
            last_name: String::new(),
            email: String::new(),
            is_superuser: false,
            is_active: true,
            is_local: true,
        })
    });
}
