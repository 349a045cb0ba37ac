//! What an agent remembers comes back as it was written, or is said to be lost.
#![expect(clippy::unwrap_used, reason = "a test may stop at the first surprise")]

mod damage;
mod fixture;
mod reopening;
mod writing;
