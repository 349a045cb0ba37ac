//! Commands by which replicas find out whether they are still equal (DESIGN D21). They change nothing
//! but what is known of that.

use crate::revision::Revision;
use crate::state::digest::Digest;
use serde::{Deserialize, Serialize};

/// A step of the comparison.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum DigestCommand {
    /// Every replica remembers the digest it has after this entry.
    Check,
    /// What the digest after an earlier check should have been.
    Verdict {
        /// The revision of the check.
        checked: Revision,
        /// What the majority has; nothing if there is no majority.
        digest: Option<Digest>,
    },
}
