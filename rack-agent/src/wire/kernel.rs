//! The interfaces of this machine in use: what is sent and tried there, and the two threads that belong to it.

use crate::dhcp::action::{Outgoing, Probe};
use crate::duty::event::{Event, ProbeId, WireId};
use crate::interface_choice::InterfaceChoice;
use crate::wire::counts::{Counting, Counts, one};
use crate::wire::delivery::{self, Unsent, Way};
use crate::wire::frame::{self, EtherType};
use crate::wire::ports::Ports;
use crate::wire::probing;
use crate::wire::routed::Routed;
use crate::wire::searching::Searcher;
use crate::wire::trial::{NotTried, TRIALS_MAX, Trial};
use crate::wire::watching::Watching;
use std::io;
use std::net::Ipv4Addr;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{SyncSender, sync_channel};
use std::thread::{Builder, JoinHandle};
use tokio::sync::mpsc::{Receiver, channel};

/// Most events that wait to be heeded. Packets beyond are dropped and counted.
pub const EVENTS_MAX: usize = 4096;

/// The machine's interfaces. Dropping it ends its threads.
#[derive(Debug)]
pub struct KernelWires {
    ports: Arc<Ports>,
    routed: Routed,
    counting: Arc<Counting>,
    trials: Option<SyncSender<Trial>>,
    stop: Arc<AtomicBool>,
    threads: Vec<JoinHandle<()>>,
}

impl KernelWires {
    /// Opens the chosen interfaces, and whatever is chosen and comes up later.
    ///
    /// # Errors
    /// No right to do so, or port 67 is somebody else's alone.
    pub fn open(choice: InterfaceChoice) -> io::Result<(Self, Receiver<Event>)> {
        let (tell, events) = channel(EVENTS_MAX);
        let (trials, asked) = sync_channel(TRIALS_MAX);
        let mut wires = Self {
            ports: Arc::default(),
            routed: Routed::open()?,
            counting: Arc::default(),
            trials: Some(trials),
            stop: Arc::default(),
            threads: Vec::new(),
        };
        let (ports, counting, stop) =
            (Arc::clone(&wires.ports), Arc::clone(&wires.counting), Arc::clone(&wires.stop));
        // Only the thread that reads holds the channel open: if it ends, whoever is told notices.
        let findings = tell.downgrade();
        let watching = Watching::begin(choice, ports, counting, tell, stop)?;
        let watching = Builder::new().name("wires".into()).spawn(move || watching.run())?;
        wires.threads.push(watching);
        let ports = Arc::clone(&wires.ports);
        let probing = move || probing::run(&asked, &ports, &findings);
        wires.threads.push(Builder::new().name("probes".into()).spawn(probing)?);
        Ok((wires, events))
    }

    /// Sends a reply, or fails at once.
    ///
    /// # Errors
    /// [`Unsent`]; also counted.
    pub fn transmit(&self, wire: WireId, outgoing: &Outgoing) -> Result<(), Unsent> {
        let done = self.try_transmit(wire, outgoing);
        one(if done.is_ok() { &self.counting.sent } else { &self.counting.unsent });
        done
    }

    fn try_transmit(&self, wire: WireId, outgoing: &Outgoing) -> Result<(), Unsent> {
        let port = self.ports.at(wire).ok_or(Unsent::NoWire)?;
        let delivery = delivery::of(outgoing, &port.interface.wire)?;
        match delivery.way {
            Way::Routed(to) => self.routed.send(&delivery.datagram, to)?,
            Way::Frame(to) => {
                let from = port.interface.mac.ok_or(Unsent::NotEthernet)?;
                port.send(&frame::ethernet(to, from, EtherType::Ipv4, &delivery.datagram))?;
            }
        }
        Ok(())
    }

    /// Tries whether somebody uses an address (rule R14), and comes back with [`Event::Tried`] in any case within a
    /// quarter of a second or so. What cannot be asked is [`Untried`](crate::dhcp::action::Found::Untried). The
    /// machine's own addresses are in use.
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
        let trial = Trial { id, wire, address, how };
        let trials = self.trials.as_ref().ok_or(NotTried)?;
        trials.try_send(trial).map_err(|_| NotTried)
    }

    /// Looks for servers at these interfaces.
    #[must_use]
    pub fn searcher(&self) -> Searcher {
        Searcher::at(Some(Arc::clone(&self.ports)))
    }

    /// What became of packets so far.
    #[must_use]
    pub fn counts(&self) -> Counts {
        self.counting.so_far()
    }
}

impl Drop for KernelWires {
    fn drop(&mut self) {
        self.stop.store(true, Ordering::Relaxed);
        drop(self.trials.take());
        for thread in self.threads.drain(..) {
            // One that panicked has ended too.
            drop(thread.join());
        }
    }
}
