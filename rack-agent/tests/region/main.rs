//! The line to the region: against nodes that say what the test wants them to, over real sockets.
#![expect(clippy::unwrap_used, reason = "a test may stop at the first surprise")]

mod alone;
mod asking;
mod enrolling;
mod goodbyes;
mod hello;
mod joining;
mod liveness;
mod malformed;
mod moving;
mod parting;
mod region_node;
mod route;
mod searching;
mod secrets;
mod site;
mod viewing;
