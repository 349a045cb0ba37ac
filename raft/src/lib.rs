//! stub
pub mod log_store;
pub mod type_config;
