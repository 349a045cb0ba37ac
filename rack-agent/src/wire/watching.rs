//! The thread that reads what comes in, and finds out once a second which interfaces there are.

use crate::clock::sample::now;
use crate::duty::event::{Event, Wire, WireId};
use crate::interface_choice::InterfaceChoice;
use crate::lease::rack_time::RackTime;
use crate::wire::counts::{Counting, many, one};
use crate::wire::interface::{self, Interface};
use crate::wire::listener::{Listener, Read, SERVER_PORT};
use crate::wire::port::Port;
use crate::wire::ports::Ports;
use regent_core::time::Millis;
use rustix::event::{PollFd, PollFlags, Timespec, poll};
use std::collections::BTreeMap;
use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use tokio::sync::mpsc::Sender;
use tokio::sync::mpsc::error::TrySendError;

/// How often it is looked which interfaces and addresses there are.
pub const LOOK_INTERVAL: Millis = Millis::from_secs(1);
/// Most packets of one interface that are read before it is the others' turn.
pub const BURST_MAX: usize = 64;
/// How long nothing may come in before anything else is looked at, in nanoseconds.
const WAIT_NS: i64 = 200_000_000;

/// What the thread works with.
pub(crate) struct Watching {
    choice: InterfaceChoice,
    ports: Arc<Ports>,
    counting: Arc<Counting>,
    tell: Sender<Event>,
    stop: Arc<AtomicBool>,
    listeners: BTreeMap<WireId, Listener>,
    /// Interfaces that could not be opened, so that it is said once.
    refused: Vec<Interface>,
    untold: Option<Vec<Wire>>,
    /// Whether the interfaces could not be listed last, so that it is said once.
    is_blind: bool,
    looked_at: RackTime,
}

impl Watching {
    /// Opens what there is.
    ///
    /// # Errors
    /// The interfaces cannot be listed, or there are some and none can be opened.
    pub(crate) fn begin(
        choice: InterfaceChoice,
        ports: Arc<Ports>,
        counting: Arc<Counting>,
        tell: Sender<Event>,
        stop: Arc<AtomicBool>,
    ) -> io::Result<Self> {
        let mut watching = Self {
            choice,
            ports,
            counting,
            tell,
            stop,
            listeners: BTreeMap::new(),
            refused: Vec::new(),
            untold: Some(Vec::new()),
            is_blind: false,
            looked_at: now(),
        };
        match watching.look()? {
            Some(error) if watching.listeners.is_empty() => Err(error),
            Some(_) | None => Ok(watching),
        }
    }

    /// Reads until it is to stop.
    pub(crate) fn run(mut self) {
        while !self.stop.load(Ordering::Relaxed) && !self.tell.is_closed() {
            if self.looked_at.after(LOOK_INTERVAL) <= now() {
                self.looked_at = now();
                self.look_again();
            }
            self.tell_wires();
            self.wait();
            self.read_all();
        }
    }

    fn look_again(&mut self) {
        let looked = self.look();
        let was_blind = std::mem::replace(&mut self.is_blind, looked.is_err());
        if let Err(error) = looked
            && !was_blind
        {
            tracing::warn!(%error, "the network interfaces cannot be listed");
        }
    }

    /// Opens what is new, closes what is gone. Comes back with an error of one that could not be opened.
    fn look(&mut self) -> io::Result<Option<io::Error>> {
        let interfaces = interface::list(&self.choice)?;
        let mut ports = BTreeMap::new();
        let mut listeners = BTreeMap::new();
        let mut refusal = None;
        let mut refused = Vec::new();
        for interface in interfaces {
            let id = interface.wire.id;
            match self.opened(&interface) {
                Ok((listener, port)) => {
                    listeners.insert(id, listener);
                    ports.insert(id, port);
                }
                Err(error) => {
                    if !self.refused.contains(&interface) {
                        let name = &interface.wire.name;
                        tracing::warn!(%name, %error, "an interface cannot be served");
                    }
                    refused.push(interface);
                    refusal = Some(error);
                }
            }
        }
        let before = self.wires();
        (self.listeners, self.refused) = (listeners, refused);
        self.ports.replace(ports);
        let wires = self.wires();
        if wires != before {
            self.untold = Some(wires);
        }
        Ok(refusal)
    }

    /// The interface as it is open already, unless anything about it has changed.
    fn opened(&mut self, interface: &Interface) -> io::Result<(Listener, Arc<Port>)> {
        let id = interface.wire.id;
        let is_same = self.listeners.get(&id).is_some_and(|open| open.interface() == interface);
        if is_same
            && let Some(port) = self.ports.at(id)
            && let Some(listener) = self.listeners.remove(&id)
        {
            return Ok((listener, port));
        }
        let port = Arc::new(Port::open(interface.clone())?);
        Ok((Listener::open(interface, SERVER_PORT)?, port))
    }

    fn wires(&self) -> Vec<Wire> {
        self.listeners.values().map(|listener| listener.interface().wire.clone()).collect()
    }

    /// Tells of interfaces again and again until it is taken.
    fn tell_wires(&mut self) {
        if let Some(wires) = self.untold.take()
            && let Err(TrySendError::Full(Event::Wires(wires))) =
                self.tell.try_send(Event::Wires(wires))
        {
            self.untold = Some(wires);
        }
    }

    /// Until something is there to be read, or a while has passed.
    fn wait(&mut self) {
        let before = now();
        let sockets = self.listeners.values();
        let mut sockets: Vec<PollFd<'_>> =
            sockets.map(|listener| PollFd::new(listener, PollFlags::IN)).collect();
        let a_while = Timespec { tv_sec: 0, tv_nsec: WAIT_NS };
        let is_known = poll(&mut sockets, Some(&a_while)).is_ok();
        let is_empty: Vec<bool> =
            sockets.iter().map(|socket| is_known && socket.revents().is_empty()).collect();
        for (listener, _) in self.listeners.values_mut().zip(is_empty).filter(|(_, empty)| *empty) {
            listener.was_empty(before);
        }
    }

    fn read_all(&mut self) {
        for listener in self.listeners.values_mut() {
            for _ in 0..BURST_MAX {
                let mut dropped = 0;
                let read = listener.read(&mut dropped);
                many(&self.counting.dropped_unread, dropped);
                match read {
                    Ok(Read::Packet(heard)) => {
                        match self.tell.try_send(Event::Heard(Box::new(heard))) {
                            Ok(()) => one(&self.counting.heard),
                            Err(_) => one(&self.counting.dropped_behind),
                        }
                    }
                    Ok(Read::TooLong) => one(&self.counting.dropped_too_long),
                    // What is wrong with the interface shows at the next look.
                    Ok(Read::Empty) | Err(_) => break,
                }
            }
        }
    }
}
