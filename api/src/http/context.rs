//! What every handler gets.

use regent_raft::region::handle::Region;
use std::time::Duration;

/// How long a request may take unless the client says otherwise.
pub const REQUEST_TIMEOUT: Duration = Duration::from_millis(2500);

/// The node behind the API. Clones are the same node.
#[derive(Clone)]
pub struct Context {
    /// The region.
    pub region: Region,
}
