//! What becomes of a view as the region tells of it, and as the rack's addresses come and go.
#![expect(clippy::unwrap_used, reason = "a test may stop at the first surprise")]

mod known;
