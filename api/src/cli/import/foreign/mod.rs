//! Leases of a DHCP server that is replaced, from the files in which it keeps them.
//!
//! A file is a journal: later records of an address make earlier ones void. [`isc`] and [`kea`] read records and judge
//! nothing but their form; [`newest`] keeps the last one of each address; [`selection`] tells what of that is still
//! somebody's, and [`command`] is the whole way. None of it knows what the region has: that decides there.

pub mod command;
pub mod error;
pub mod isc;
pub mod isc_statement;
pub mod isc_token;
pub mod kea;
pub mod lease;
pub mod newest;
pub mod selection;
