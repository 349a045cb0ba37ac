//! The peer transport under a real openraft group, over real sockets. Log and state machine are the tests' own.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]
#![expect(unreachable_pub, reason = "modules of one test program")]

mod group;
mod memory_log;
mod proxy;
mod refusals;
mod replication;
mod snapshots;
mod tally;
