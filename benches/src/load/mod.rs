//! Clients that ask without a break.
//!
//! [`connection`] (HTTP/1.1, kept alive), [`wanted`] (what is asked), [`etcd_put`] (the same for etcd's own protocol),
//! [`crowd`] (many clients, and what they saw). The driver shares the machine with what it measures, so it is small: no
//! general HTTP client, one thread.

pub mod connection;
pub mod crowd;
pub mod etcd_put;
pub mod wanted;
