//! The HTTP face as its clients see it: a real node behind a real port.
#![allow(clippy::unwrap_used, reason = "tests may fail loudly")]

mod accounts;
mod answers;
mod bad_requests;
mod conditions;
mod connections;
mod events;
mod face;
mod figures;
mod known_by;
mod limits;
mod lists;
mod networks;
mod origins;
mod problems;
mod rack_tokens;
mod reads;
mod routes;
mod schemas;
mod secrets;
mod transactions;
mod versions;
