//! The gRPC schemas of Regent as Rust types, and the way between them and the types of `core`. No behaviour lives here;
//! who serves and who calls is decided above.
//!
//! A message that comes in is read once, at the edge: past it there is nothing malformed.

pub mod lease;
pub mod malformed;
pub mod peer;
pub mod rack;
pub mod view;
