//! Commands about client sessions.

use serde::{Deserialize, Serialize};

/// A change of the set of open sessions. One that is not used for long closes by itself.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum SessionCommand {
    /// Open one.
    Open {
        /// Who holds it, for people.
        holder: String,
    },
}
