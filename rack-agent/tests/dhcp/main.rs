//! The DHCPv4 exchange as a specification: packets in, actions out. Rules are those of the lease protocol
//! (docs/dhcp.md).
#![expect(clippy::unwrap_used, reason = "a test may stop at the first surprise")]

mod alone;
mod answering;
mod bonded;
mod booting;
mod bootp;
mod churning;
mod closed;
mod declining;
mod exchanging;
mod hostile;
mod late;
mod limits;
mod newcomers;
mod others;
mod packet;
mod probing;
mod rack;
mod refusing;
mod relayed;
mod renewing;
mod reserved;
mod rivals;
mod searching;
mod simulated;
mod standing_in;
mod wire;
