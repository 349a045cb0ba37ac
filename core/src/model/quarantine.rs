//! The one quarantine there may be: after the leases were replaced by those of another time or site.

use crate::id::QuarantineId;

/// The key of its only row.
pub const QUARANTINE: QuarantineId = QuarantineId(0);
