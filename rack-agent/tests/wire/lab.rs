//! Two machines and a cable: the rack, which has an address and wires open, and a client.

use crate::namespace::{Namespace, skip};
use regent_core::net::mac::MacAddr;
use regent_rack_agent::dhcp::action::{Found, Probe};
use regent_rack_agent::duty::event::{Event, Heard, ProbeId, Wire, WireId};
use regent_rack_agent::interface_choice::InterfaceChoice;
use regent_rack_agent::wire::kernel::KernelWires;
use rustix::thread::{CapabilitySet, CapabilitySets, set_capabilities};
use std::net::Ipv4Addr;
use std::time::Duration;
use tokio::runtime::{Builder, Runtime};
use tokio::sync::mpsc::Receiver;

pub(crate) const RACK: Ipv4Addr = Ipv4Addr::new(192, 0, 2, 1);
pub(crate) const CLIENT: Ipv4Addr = Ipv4Addr::new(192, 0, 2, 2);
pub(crate) const CLIENT_MAC: MacAddr = MacAddr([2, 0, 0, 0, 0, 2]);
const PATIENCE: Duration = Duration::from_secs(20);

/// The rack's machine, with an interface `rack0`, and the client's, with `client0`.
pub(crate) struct Lab {
    pub(crate) rack: Namespace,
    pub(crate) client: Namespace,
}

impl Lab {
    /// None if this machine cannot; that is said under the name of the test.
    pub(crate) fn new(test: &str) -> Option<Self> {
        if !rustix::process::geteuid().is_root() {
            skip(test, "needs root");
            return None;
        }
        let (Some(rack), Some(client)) = (Namespace::new(), Namespace::new()) else {
            skip(test, "absent: network namespaces");
            return None;
        };
        let client_pid = client.pid();
        rack.ip(&format!(
            "link add rack0 address 02:00:00:00:00:01 type veth peer name client0 address \
             {CLIENT_MAC} netns {client_pid}"
        ));
        rack.ip("addr add 192.0.2.1/24 broadcast 192.0.2.255 dev rack0");
        rack.ip("link set rack0 up");
        client.ip("link set client0 up");
        rack.wait_until_up("rack0");
        client.wait_until_up("client0");
        Some(Self { rack, client })
    }

    /// Gives the client [`CLIENT`].
    pub(crate) fn with_client_address(self) -> Self {
        self.client.ip("addr add 192.0.2.2/24 broadcast 192.0.2.255 dev client0");
        self
    }

    /// Opens the rack's wires, with no more capabilities than the agent has where it is deployed.
    pub(crate) fn open(&self) -> Opened {
        let (wires, events) = self.rack.enter(|| {
            let few = CapabilitySet::NET_RAW | CapabilitySet::NET_BIND_SERVICE;
            let none = CapabilitySet::empty();
            let sets = CapabilitySets { effective: few, permitted: few, inheritable: none };
            set_capabilities(None, sets).unwrap();
            KernelWires::open(InterfaceChoice::default()).unwrap()
        });
        let runtime = Builder::new_current_thread().enable_time().build().unwrap();
        let mut opened = Opened { wires, events, runtime, known: Vec::new() };
        opened.known = opened.wires_told();
        opened
    }
}

/// The rack's wires.
pub(crate) struct Opened {
    pub(crate) wires: KernelWires,
    events: Receiver<Event>,
    runtime: Runtime,
    /// The interfaces that were there first.
    pub(crate) known: Vec<Wire>,
}

impl Opened {
    pub(crate) fn next(&mut self) -> Event {
        let next = async { tokio::time::timeout(PATIENCE, self.events.recv()).await };
        self.runtime.block_on(next).expect("an event in time").expect("the wires are open")
    }

    pub(crate) fn heard(&mut self) -> Heard {
        match self.next() {
            Event::Heard(heard) => *heard,
            other => panic!("{other:?}"),
        }
    }

    pub(crate) fn wires_told(&mut self) -> Vec<Wire> {
        match self.next() {
            Event::Wires(wires) => wires,
            other => panic!("{other:?}"),
        }
    }

    /// The only wire.
    pub(crate) fn wire(&self) -> WireId {
        self.named("rack0")
    }

    pub(crate) fn named(&self, name: &str) -> WireId {
        self.known.iter().find(|wire| wire.name == name).expect("it is there").id
    }

    /// Tries an address and waits for what is found.
    pub(crate) fn probe(&mut self, address: Ipv4Addr, how: Probe) -> Found {
        self.wires.probe(ProbeId(7), self.wire(), address, how).unwrap();
        match self.next() {
            Event::Tried { id: ProbeId(7), found } => found,
            other => panic!("{other:?}"),
        }
    }
}
