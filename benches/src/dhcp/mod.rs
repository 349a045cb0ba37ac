//! DHCP exchanges per second, beside Kea: `cargo bench -p regent-benches --bench dhcp`. Needs root.
//!
//! Every server is a process as it is shipped, on a network namespace of its own; clients come from `perfdhcp`, Kea's own
//! driver, which speaks as a relay does.
//!
//! Floors, lowest first: [`arguments`], [`climb`] (which rate is kept up), [`exchanges`] (what `perfdhcp` wrote),
//! [`ground`] (networks and the machine of the clients), [`driver`] (one run of `perfdhcp`), [`contestant`] (servers),
//! [`turn`] (one server, measured), [`figures`] (tables).

pub mod arguments;
pub mod climb;
pub mod contestant;
pub mod driver;
pub mod exchanges;
pub mod figures;
pub mod ground;
pub mod turn;
