//! The version of Regent: all crates of the workspace have one together.

use crate::planted;

/// What this build says it is. One that can have bugs planted says so wherever its version is shown.
pub const VERSION: &str = if planted::IS_POSSIBLE {
    concat!(env!("CARGO_PKG_VERSION"), " WITH PLANTED BUGS: only to try the chaos harness on")
} else {
    env!("CARGO_PKG_VERSION")
};
