//! stub
pub mod codec;
pub mod model;
pub mod net;
pub mod time;
