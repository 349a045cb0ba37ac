//! What the exchange has to know of the site: plain data that others build from what the region tells.
//!
//! Nothing here remembers packets; that is the [`book`](crate::dhcp::book).

pub mod boot;
pub mod change;
pub mod host;
pub mod lease_list;
pub mod server;
pub mod setting;
pub mod site;
pub mod subnet;
