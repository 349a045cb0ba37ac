//! Tests that look behind the handle: at steps of a change that nobody outside can stop at, at what Raft itself holds.

mod changes;
mod contest;
mod due;
mod founding;
mod heavy_log;
mod leaving;
mod no_snapshot;
mod nodes;
mod refused;
mod upkeep;
