//! The chaos harness: it will break real clusters and judge what their clients saw.
//!
//! Today it can write down what clients saw ([`history`]), so that any checker can judge it. Nothing here
//! starts a process or injects a fault yet.

pub mod history;
