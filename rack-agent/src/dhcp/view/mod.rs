//! What the exchange has to know of the site, with the indexes it needs. What the region tells, and in which types,
//! stands in `regent_core::rack_view`.
//!
//! Nothing here remembers packets; that is the [`book`](crate::dhcp::book).

pub mod host;
pub mod known;
pub mod lease_list;
pub mod server;
pub mod site;
