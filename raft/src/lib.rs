//! stub
pub mod identity;
pub mod log_store;
pub mod type_config;
