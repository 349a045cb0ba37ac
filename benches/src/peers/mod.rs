//! What Regent is compared with, each as it is installed and with its shipped settings: [`etcd`] (three members),
//! [`name_server`] (Knot and BIND with the names of the measured site). What is not installed is left out.

pub mod etcd;
pub mod name_server;
