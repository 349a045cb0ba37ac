//! Commands about API tokens.

use crate::command::edit::Edit;
use crate::command::patch::patch;
use crate::id::ApiTokenId;
use crate::model::api_token::ApiToken;
use crate::model::secret::Secret;
use serde::{Deserialize, Serialize};

/// A change of the API tokens.
pub type ApiTokenCommand = Edit<ApiToken, ApiTokenPatch, ApiTokenId>;

patch! {
    /// Changed fields of an API token; its keys never change.
    ApiTokenPatch of ApiToken {
        /// What people call it.
        name: String,
    }
}

/// A new token with what requests are signed with, as one.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct IssueToken {
    /// The token. Its keys are drawn before the proposal.
    pub token: ApiToken,
    /// The secret, drawn there, too.
    pub secret: Secret,
}
