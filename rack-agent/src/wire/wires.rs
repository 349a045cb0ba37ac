//! The wires of an agent, whichever kind it has.

use crate::dhcp::action::{Outgoing, Probe};
use crate::duty::event::{Event, ProbeId, WireAddress, WireId};
use crate::interface_choice::InterfaceChoice;
use crate::wire::counts::Counts;
use crate::wire::delivery::Unsent;
use crate::wire::kernel::KernelWires;
use crate::wire::searching::Searcher;
use crate::wire::test_wire::TestWire;
use crate::wire::trial::NotTried;
use std::io;
use std::net::{Ipv4Addr, SocketAddrV4};
use tokio::sync::mpsc::Receiver;

/// Which wires an agent is to have.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum WireConfig {
    /// The network interfaces of the machine.
    Interfaces(InterfaceChoice),
    /// A port of the loopback, and the addresses the rack has there as far as it knows: see
    /// [`test_wire`](crate::wire::test_wire).
    Test {
        /// The address and port on the loopback; port 0 for any.
        listen: SocketAddrV4,
        /// The addresses.
        addresses: Vec<WireAddress>,
    },
}

/// The wires of an agent. Dropping them ends their threads.
#[derive(Debug)]
pub enum Wires {
    /// The network interfaces of the machine.
    Kernel(KernelWires),
    /// A port of the loopback.
    Test(TestWire),
}

impl Wires {
    /// Opens them. Of the events that come, the first is [`Event::Wires`]; [`Event::Heard`], [`Event::Tried`] and
    /// [`Event::Wires`] follow. It ends when the wires are dropped.
    ///
    /// # Errors
    /// The system refuses; on interfaces most likely for want of CAP_NET_RAW or CAP_NET_BIND_SERVICE.
    pub fn open(config: WireConfig) -> io::Result<(Self, Receiver<Event>)> {
        match config {
            WireConfig::Interfaces(choice) => {
                KernelWires::open(choice).map(|(wires, events)| (Self::Kernel(wires), events))
            }
            WireConfig::Test { listen, addresses } => {
                TestWire::open(listen, addresses).map(|(wire, events)| (Self::Test(wire), events))
            }
        }
    }

    /// Sends a reply, or fails at once.
    ///
    /// # Errors
    /// [`Unsent`]; also counted. The client asks again.
    pub fn transmit(&self, wire: WireId, outgoing: &Outgoing) -> Result<(), Unsent> {
        match self {
            Self::Kernel(wires) => wires.transmit(wire, outgoing),
            Self::Test(test) => test.transmit(outgoing),
        }
    }

    /// Tries whether somebody uses an address (rule R14), and comes back with [`Event::Tried`] in any case.
    ///
    /// # Errors
    /// [`NotTried`], if too much is tried already. Then no event comes.
    pub fn probe(
        &self,
        id: ProbeId,
        wire: WireId,
        address: Ipv4Addr,
        how: Probe,
    ) -> Result<(), NotTried> {
        match self {
            Self::Kernel(wires) => wires.probe(id, wire, address, how),
            Self::Test(test) => test.probe(id),
        }
    }

    /// Looks for DHCP servers, those of this rack left out.
    #[must_use]
    pub fn searcher(&self) -> Searcher {
        match self {
            Self::Kernel(wires) => wires.searcher(),
            Self::Test(_) => Searcher::at(None),
        }
    }

    /// What became of packets so far.
    #[must_use]
    pub fn counts(&self) -> Counts {
        match self {
            Self::Kernel(wires) => wires.counts(),
            Self::Test(test) => test.counts(),
        }
    }
}
