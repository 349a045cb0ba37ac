//! What racks ask of the region, applied entry by entry: sessions, leases, blocks, and who serves a VLAN.
#![allow(clippy::unwrap_used, reason = "tests may fail loudly")]

mod blocks;
mod cut_over;
mod ended;
mod enrolment;
mod faults;
mod for_good;
mod foreign;
mod leases;
mod names;
mod pools;
#[path = "../region/mod.rs"]
mod region;
mod removal;
mod reservations;
mod services;
mod sessions;
mod site;
mod terms;
mod why;
