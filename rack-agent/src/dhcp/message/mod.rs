//! DHCPv4 messages as bytes: requests in, replies out.
//!
//! What a request means, and what a reply should say, is decided elsewhere.
//!
//! The reading and writing is our own: every malformed packet has to be told by what is wrong and where, parts of an
//! option have to be joined wherever they stand (RFC 3396), and a reply has one order and a size it must fit. The tests
//! read every reply with another implementation.

pub mod code;
pub mod fqdn;
pub mod malformed;
pub mod options;
pub mod relay;
pub mod reply;
pub mod request;
pub mod search;
pub mod value;
