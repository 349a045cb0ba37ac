//! A user as recorded. Who may do what is decided elsewhere; the password's hash is a secret of its own.

use serde::{Deserialize, Serialize};

/// Characters of a user name (Django's bound).
pub const USERNAME_CHARS_MAX: usize = 150;

/// The secret of a user that holds the password's hash, as Django writes it.
pub const PASSWORD_SECRET: &str = "password";

/// A user.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct User {
    /// The name to log in with; unique.
    pub username: String,
    /// The name in full.
    pub last_name: String,
    /// Address for mail.
    pub email: String,
    /// Whether the user may do everything.
    pub is_superuser: bool,
    /// Whether the user may log in.
    pub is_active: bool,
    /// Whether the password is ours to check.
    pub is_local: bool,
}
