//! An API token: what MAAS's clients sign requests with. The signing secret is a secret of its own.

use crate::id::UserId;
use serde::{Deserialize, Serialize};

/// Bytes of the keys of a token (OAuth as Piston has it).
pub const TOKEN_KEY_BYTES_MAX: usize = 64;

/// The secret of a token that requests are signed with.
pub const TOKEN_SECRET: &str = "token_secret";
/// The secret of a token's consumer; empty in MAAS.
pub const CONSUMER_SECRET: &str = "consumer_secret";

/// An API token.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ApiToken {
    /// Whose it is.
    pub user: UserId,
    /// What people call it: its consumer's name.
    pub name: String,
    /// First part of the API key.
    pub consumer_key: String,
    /// Second part of the API key; unique.
    pub token_key: String,
}
