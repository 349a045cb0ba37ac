//! The faces of a region node: HTTP today, and the command line that speaks it.
#![cfg_attr(test, allow(clippy::unwrap_used, reason = "tests may fail loudly"))]

pub mod cli;
pub mod config;
pub mod daemon;
pub mod dev;
pub mod dns;
pub mod dns_figures;
pub mod duration;
pub mod grpc;
pub mod http;
pub mod moment;
pub mod open_files;
pub mod ports;
pub mod problem_kind;
pub mod rack_board;
pub mod rack_door;
pub mod shares;
pub mod telemetry;
