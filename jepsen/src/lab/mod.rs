//! Machines on networks, on one host: each a network namespace, each network a bridge, and cables that can be cut.
//!
//! Needs root, and touches no namespace but its own, whose names begin with `regent-` and the id of this process. They
//! go when they are dropped; what a killed run left behind goes when the next lab is made.
//!
//! Floors, lowest first: [`tool`], [`namespace`], [`lan`], [`process`], [`client_event`], [`client`], [`bootp_client`] (one from before DHCP), [`hold`] (what clients held at the
//! same time), [`kea`], [`kea_pair`] (DHCP servers to compare with), [`lookout`] (when a name is there), [`reply_watch`] (when
//! a reply is), [`region`], [`rack`], [`shim`] (a disk that fails), [`packet_queue`] (packets that are held back).

pub mod bootp_client;
pub mod client;
pub mod client_event;
pub mod hold;
pub mod kea;
pub mod kea_pair;
pub mod lan;
pub mod lookout;
pub mod namespace;
pub mod packet_queue;
pub mod process;
pub mod rack;
pub mod region;
pub mod reply_watch;
pub mod shim;
pub mod tool;
