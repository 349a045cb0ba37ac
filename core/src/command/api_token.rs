//! Commands about API tokens.

use crate::command::edit::Edit;
use crate::command::patch::patch;
use crate::id::ApiTokenId;
use crate::model::api_token::ApiToken;

/// A change of the API tokens.
pub type ApiTokenCommand = Edit<ApiToken, ApiTokenPatch, ApiTokenId>;

patch! {
    /// Changed fields of an API token; its keys never change.
    ApiTokenPatch of ApiToken {
        /// What people call it.
        name: String,
    }
}
