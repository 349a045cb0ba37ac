//! Which life of a rack is the present one, and which of its sessions.

use crate::lease::server::Incarnation;
use serde::{Deserialize, Serialize};

/// The present session of a rack; the rack is its key.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RackSession {
    /// The rack's life. An older one never comes back: its records are lost.
    pub incarnation: Incarnation,
    /// Counted from 1. What comes in an older session is refused: another process may have the rack's identity.
    pub session: u64,
}
