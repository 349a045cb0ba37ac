//! The gRPC schemas of Regent as Rust types. No behaviour lives here; who serves and who calls is decided above.

pub mod peer;
pub mod rack;
