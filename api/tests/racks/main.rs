//! What racks and the region say to each other, over real ports: each test plays the rack.
#![allow(clippy::unwrap_used, reason = "tests may fail loudly")]

mod agent;
mod asking;
mod ending;
mod enrolling;
mod greeting;
mod moving;
mod others;
mod replacing;
mod site;
mod viewing;
mod vlan_dhcp;
mod why;
