//! What each judge catches, and what it lets pass, as histories to read: `histories/VIOLATION.txt`.

#![allow(clippy::unwrap_used, reason = "tests may fail loudly")]

mod notation;
mod table;
mod verdicts;
