//! What is told of runs that broke Regent, and what is kept of them.
//!
//! [`report`] is what is to be said of one run (`verdict.json`), [`timeline`] its picture (`timeline.html`), [`folder`] puts
//! both beside its history and finds them again. Over many runs there are [`runs`] (the book `RUNS.md`), [`summary`] and
//! [`outages`] (how long clients waited at which fault). [`mod@shrink`] makes failing plans smaller. It judges nothing
//! itself, knows no cluster and runs nothing: whoever does calls [`folder::leave`] in the end.
#![cfg_attr(test, allow(clippy::unwrap_used, reason = "tests may fail loudly"))]

pub mod about;
pub mod date;
pub mod folder;
pub mod outages;
pub mod report;
pub mod runs;
pub mod shrink;
pub mod source;
pub mod strikes;
pub mod summary;
pub mod table;
pub mod timeline;
