//! Racks: agents that follow the simulated region and serve DHCP clients, which tell what they hold in their own time.
//!
//! Real is the agent's whole machine ([`Duty`](regent_rack_agent::duty::machine::Duty)), the packets, and what a node's
//! state says of sessions, views and steps. Simulated are the agent's disk, clocks and wires, the line to the region, and
//! clients. A rack's host is none of the group's: what is done to nodes does not meet it.
//!
//! Floors: [`plan`] (what goes wrong), [`clock`], [`disk`], [`machine`] (what runs on a rack's host), [`way`] (one
//! direction of a line), [`session`] (a node's side of it), [`site`] (what racks serve), [`lan`] (where clients are),
//! [`station`] (a rack in the world), [`tenant`] (a client), [`all`] of a run, [`nemesis`].

pub mod all;
pub mod clock;
pub mod disk;
pub mod lan;
pub mod machine;
pub mod nemesis;
pub mod plan;
pub mod session;
pub mod site;
pub mod station;
pub mod tenant;
pub mod way;
