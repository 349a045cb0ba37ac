//! What a rack agent is to do, for those who have sockets, a disk and a stream to the region.
//!
//! Effects are plain values in the order they are to be done. Nothing here is done.

use crate::dhcp::action::{Outgoing, Probe};
use crate::dhcp::book;
use crate::duty::event::{ProbeId, WireId, WriteId};
use crate::remembered::Write;
use crate::session::{Ask, Beat};
use regent_core::lease::binding::Client;
use std::net::Ipv4Addr;

/// Something to do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Effect {
    /// Send a reply.
    Transmit {
        /// Where.
        wire: WireId,
        /// What, and to whom.
        outgoing: Box<Outgoing>,
    },
    /// Try whether somebody uses an address, and come back with [`Tried`](crate::duty::event::Event::Tried) in any case.
    Probe {
        /// Which trial.
        id: ProbeId,
        /// Where.
        wire: WireId,
        /// The address.
        address: Ipv4Addr,
        /// How.
        probe: Probe,
    },
    /// Write all of this or nothing, after all writes before it, sync, and come back with
    /// [`Durable`](crate::duty::event::Event::Durable). Many may become durable at once; one report of the last will do.
    Write {
        /// Which write.
        id: WriteId,
        /// What, in order.
        writes: Vec<Write>,
    },
    /// Ask the region, in the session that is open.
    Ask(Ask),
    /// Tell the region how the rack is.
    Beat(Beat),
    /// End the session and open another one, if possible with another node.
    HangUp,
    /// Tell an operator.
    Alarm(Alarm),
}

/// Something an operator should know.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Alarm {
    /// Clients ask for what they cannot get, or too much.
    Dhcp(book::Alarm),
    /// Two clients have one address; nobody gets it for now.
    HeldTwice {
        /// The address.
        address: Ipv4Addr,
        /// The client that has it from this rack.
        client: Client,
    },
    /// The region does not take what the rack gave in its absence: it does not serve the address any more.
    NotTold {
        /// The address.
        address: Ipv4Addr,
        /// The client that has it from this rack.
        client: Client,
    },
    /// So many clients wait for the region that more are turned away.
    TooManyWait,
}
