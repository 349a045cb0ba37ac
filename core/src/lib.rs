//! stub
pub mod codec;
pub mod time;
