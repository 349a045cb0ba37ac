//! stub
pub mod codec;
pub mod net;
pub mod time;
