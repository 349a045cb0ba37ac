//! stub
pub mod network;
pub mod state_machine;
pub mod type_config;
