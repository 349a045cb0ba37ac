//! stub
pub mod type_config;
