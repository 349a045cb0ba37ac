//! DHCPv4 without its sockets: what to do about a packet (RFC 2131, RFC 2132).
//!
//! Pure. A packet becomes a request ([`message`]), the request together with what the rack knows ([`view`], [`book`])
//! becomes an action ([`action`]), and whoever called does it and comes back with what the region, the disk or the wire
//! said. No file here opens a socket, reads a clock, asks the region or writes to a disk.
//!
//! Floors, lowest first: [`message`], [`arrival`], [`client_at`], [`view`], [`recent`] and [`holding`], [`book`],
//! [`action`], [`exchange`].

pub mod action;
pub mod arrival;
pub mod book;
pub mod client_at;
pub mod exchange;
pub mod holding;
pub mod message;
pub mod recent;
pub mod view;
