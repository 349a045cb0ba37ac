//! A running rack agent as a specification: what it hears goes in, what it does comes out. The region is `core`'s own state
//! machine; disk, wires, clocks and the network are played by the tests.
#![expect(clippy::unwrap_used, reason = "a test may stop at the first surprise")]

mod binding;
mod cut_off;
mod for_good;
mod leaving;
#[path = "../dhcp/packet.rs"]
#[expect(dead_code, reason = "not all of what clients may send is sent here")]
mod packet;
mod region;
mod rig;
mod simulation;
mod station;
mod trust;
mod turnover;
mod wires;
