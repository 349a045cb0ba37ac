//! What the checkers say of a run. They are on their way; until they are here nothing but what `judge` finds is judged, and
//! that is told.

use std::path::Path;

/// Has the history in a file judged; in words.
#[must_use]
pub fn of(history: &Path) -> String {
    format!("{}: not judged", history.display())
}
