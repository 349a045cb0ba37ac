//! The DNS server of a node: authoritative answers from the state this node has applied, and forwarding for the site.
//!
//! Floors, lowest first: [`limits`], [`access`] (who may what), [`rate`] and [`connections`] (how much of it), [`config`],
//! [`listening`], [`site`] (settings in the state), [`source`] (where the view comes from), [`code`], [`question`] and
//! [`message`] (bytes in and out), [`answer`] (one question, one message), [`response`], [`forward`], [`transfer`],
//! [`responder`] (what is done with a packet), [`datagrams`], [`udp`], [`tcp`], [`notify`], [`server`].
//!
//! A leader is not needed for any of it but the notifying of secondaries. What answers look like is decided in `core`.

pub mod access;
pub mod answer;
pub mod code;
pub mod config;
pub mod connections;
pub mod datagrams;
pub mod forward;
pub mod limits;
pub mod listening;
pub mod message;
pub mod notify;
pub mod question;
pub mod rate;
pub mod responder;
pub mod response;
pub mod server;
pub mod site;
pub mod source;
pub mod tcp;
pub mod transfer;
pub mod udp;
