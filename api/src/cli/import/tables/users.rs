//! Users and their API keys.

use crate::cli::import::record::record;
use crate::cli::import::tables::ids::{ConsumerId, TokenId, UserId};
use crate::cli::import::value::Hidden;
use regent_core::time::WallTime;

record! {
    /// A user.
    User in "auth_user" by "id" {
        id: UserId,
        username: String,
        first_name: String = String::new(),
        last_name: String = String::new(),
        email: Option<String>,
        /// Django's hash; one that begins with `!` fits no password.
        password: Hidden<String>,
        is_superuser: bool,
        is_active: bool,
        date_joined: WallTime,
    }
}

record! {
    /// What MAAS adds to a user. System users have none.
    UserProfile in "maasserver_userprofile" by "id" {
        user_id: UserId,
        /// False for users of an outside identity provider.
        is_local: bool = true,
    }
}

record! {
    /// The first part of an API key.
    Consumer in "piston3_consumer" by "id" {
        id: ConsumerId,
        name: String,
        key: Hidden<String>,
        /// Empty in MAAS.
        secret: Hidden<String>,
        user_id: Option<UserId>,
    }
}

record! {
    /// The second and third part of an API key.
    Token in "piston3_token" by "id" {
        id: TokenId,
        key: Hidden<String>,
        secret: Hidden<String>,
        /// 1 request, 2 access.
        token_type: i64,
        is_approved: bool,
        consumer_id: ConsumerId,
        user_id: Option<UserId>,
    }
}
