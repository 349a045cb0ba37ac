//! Commands about users.

use crate::command::edit::Edit;
use crate::command::patch::patch;
use crate::id::UserId;
use crate::model::user::User;

/// A change of the users.
pub type UserCommand = Edit<User, UserPatch, UserId>;

patch! {
    /// Changed fields of a user.
    UserPatch of User {
        /// The name to log in with.
        username: String,
        /// The name in full.
        last_name: String,
        /// Address for mail.
        email: String,
        /// Whether the user may do everything.
        is_superuser: bool,
        /// Whether the user may log in.
        is_active: bool,
        /// Whether the password is ours to check.
        is_local: bool,
    }
}
