//! Commands about client sessions.

use crate::id::SessionId;
use serde::{Deserialize, Serialize};

/// A change of the set of open sessions.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum SessionCommand {
    /// Open one.
    Open {
        /// Who holds it, for people.
        holder: String,
    },
    /// Close one and forget its kept outcomes.
    Close {
        /// Which.
        session: SessionId,
    },
}
