//! The thread that tries addresses: asks, listens to the answers, and always comes back with a finding.
//!
//! Its sockets are open only while a trial is under way, so that the ARP of a busy network costs nothing otherwise.

use crate::clock::sample::now;
use crate::dhcp::action::{Found, Probe};
use crate::duty::event::{Event, ProbeId, WireId};
use crate::wire::ports::Ports;
use crate::wire::trial::{TRIALS_MAX, Trial, Trials};
use crate::wire::{arp, echo};
use nix::errno::Errno;
use nix::sys::socket::{
    AddressFamily, LinkAddr, MsgFlags, SockFlag, SockProtocol, SockType, SockaddrIn, SockaddrLike,
    recvmsg, sendto, socket,
};
use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::net::{SocketFlags, SocketType, eth, socket_with};
use std::collections::VecDeque;
use std::io::{self, IoSliceMut};
use std::net::{Ipv4Addr, SocketAddrV4};
use std::os::fd::{AsRawFd as _, OwnedFd};
use std::sync::mpsc::{Receiver, TryRecvError};
use tokio::sync::mpsc::WeakSender;

/// So often a trial under way is looked after, in nanoseconds.
const ROUND_NS: i64 = 10_000_000;
/// Most packets that are read from a socket before anything else is done.
const BURST_MAX: usize = 256;
/// No answer is longer than that counts of it.
const ANSWER_BYTES_MAX: usize = 128;
/// What our echo requests are called. Answers are not held against it.
const ECHO_IDENTIFIER: u16 = 0x5267;

/// Tries what comes in until nobody can ask any more.
pub(crate) fn run(asked: &Receiver<Trial>, ports: &Ports, tell: &WeakSender<Event>) {
    while let Ok(first) = asked.recv() {
        let mut round = Round::new(ports);
        round.begin(first);
        while !round.is_over() {
            if round.take_more(asked).is_err() {
                return;
            }
            round.advance();
            round.report(tell);
        }
    }
}

/// Trials that overlap in time, and the sockets for them.
struct Round<'a> {
    ports: &'a Ports,
    trials: Trials,
    /// What was found and is not told yet, since whoever is told is behind.
    found: VecDeque<(ProbeId, Found)>,
    arp: Option<OwnedFd>,
    echo: Option<OwnedFd>,
    number: u16,
}

impl<'a> Round<'a> {
    fn new(ports: &'a Ports) -> Self {
        let arp = told("ARP", arp_socket());
        let echo = told("ICMP", echo_socket());
        Self { ports, trials: Trials::default(), found: VecDeque::new(), arp, echo, number: 0 }
    }

    fn is_over(&self) -> bool {
        self.trials.len() == 0 && self.found.is_empty()
    }

    fn begin(&mut self, trial: Trial) {
        if self.ports.has(trial.address) {
            self.found.push_back((trial.id, Found::Somebody));
        } else {
            self.trials.begin(trial, now());
        }
    }

    /// Begins what was asked for meanwhile. An error if nobody waits for findings any more.
    fn take_more(&mut self, asked: &Receiver<Trial>) -> Result<(), ()> {
        while self.trials.len() + self.found.len() < TRIALS_MAX {
            match asked.try_recv() {
                Ok(trial) => self.begin(trial),
                Err(TryRecvError::Empty) => return Ok(()),
                Err(TryRecvError::Disconnected) => return Err(()),
            }
        }
        Ok(())
    }

    fn advance(&mut self) {
        // First, so that a thread that was kept waiting does not take an answer that is there for none.
        self.hear_arp();
        self.hear_echoes();
        let (ask, unanswered) = self.trials.due(now());
        for trial in ask {
            if let Err(error) = self.ask(&trial) {
                tracing::debug!(address = %trial.address, %error, "an address could not be tried");
                let ended = self.trials.give_up(trial.id);
                self.found.extend(ended.into_iter().map(|id| (id, Found::Untried)));
            }
        }
        self.found.extend(unanswered.into_iter().map(|id| (id, Found::Nobody)));
        self.wait();
    }

    fn ask(&mut self, trial: &Trial) -> io::Result<()> {
        match trial.how {
            Probe::Arp => {
                // Without it no answer would be heard.
                let _ears = self.arp.as_ref().ok_or(Errno::ENOTCONN)?;
                let port = self.ports.at(trial.wire).ok_or(Errno::ENODEV)?;
                let mac = port.interface.mac.ok_or(Errno::EOPNOTSUPP)?;
                port.send(&arp::probe(mac, trial.address))
            }
            Probe::Echo => {
                let socket = self.echo.as_ref().ok_or(Errno::ENOTCONN)?;
                self.number = self.number.wrapping_add(1);
                let message = echo::request(ECHO_IDENTIFIER, self.number);
                let to = SockaddrIn::from(SocketAddrV4::new(trial.address, 0));
                sendto(socket.as_raw_fd(), &message, &to, MsgFlags::empty())?;
                Ok(())
            }
        }
    }

    /// Until something is there to be read, or a moment has passed.
    fn wait(&self) {
        let sockets = self.arp.iter().chain(&self.echo);
        let mut sockets: Vec<PollFd<'_>> =
            sockets.map(|socket| PollFd::new(socket, PollFlags::IN)).collect();
        let moment = Timespec { tv_sec: 0, tv_nsec: ROUND_NS };
        // Whatever it says, both are looked into next.
        let _ = poll(&mut sockets, Some(&moment));
    }

    fn hear_arp(&mut self) {
        let Some(socket) = &self.arp else { return };
        for (message, sender) in burst::<LinkAddr>(socket) {
            let wire = sender.and_then(|sender| u32::try_from(sender.ifindex()).ok()).map(WireId);
            if let (Some(wire), Some(owner)) = (wire, arp::owned(&message)) {
                let answered = self.trials.arp(wire, owner);
                self.found.extend(answered.into_iter().map(|id| (id, Found::Somebody)));
            }
        }
    }

    fn hear_echoes(&mut self) {
        let Some(socket) = &self.echo else { return };
        for (datagram, sender) in burst::<SockaddrIn>(socket) {
            let source = sender.map_or(Ipv4Addr::UNSPECIFIED, |sender| sender.ip());
            if echo::is_reply(&datagram) {
                let answered = self.trials.echo(source);
                self.found.extend(answered.into_iter().map(|id| (id, Found::Somebody)));
            }
        }
    }

    fn report(&mut self, tell: &WeakSender<Event>) {
        let open = tell.upgrade().filter(|tell| !tell.is_closed());
        let Some(tell) = open else { return self.found.clear() };
        while let Some((id, found)) = self.found.front().copied() {
            if tell.try_send(Event::Tried { id, found }).is_ok() {
                self.found.pop_front();
            } else {
                return;
            }
        }
    }
}

/// What is there to be read, but not more than [`BURST_MAX`].
fn burst<A: SockaddrLike>(socket: &OwnedFd) -> Vec<(Vec<u8>, Option<A>)> {
    let read = || {
        let mut bytes = vec![0; ANSWER_BYTES_MAX];
        let mut parts = [IoSliceMut::new(&mut bytes)];
        let flags = MsgFlags::MSG_DONTWAIT;
        let received = recvmsg::<A>(socket.as_raw_fd(), &mut parts, None, flags).ok()?;
        let (length, address) = (received.bytes, received.address);
        bytes.truncate(length);
        Some((bytes, address))
    };
    std::iter::from_fn(read).take(BURST_MAX).collect()
}

fn arp_socket() -> io::Result<OwnedFd> {
    let flags = SocketFlags::CLOEXEC | SocketFlags::NONBLOCK;
    Ok(socket_with(rustix::net::AddressFamily::PACKET, SocketType::DGRAM, flags, Some(eth::ARP))?)
}

fn echo_socket() -> io::Result<OwnedFd> {
    let flags = SockFlag::SOCK_CLOEXEC | SockFlag::SOCK_NONBLOCK;
    Ok(socket(AddressFamily::Inet, SockType::Raw, flags, SockProtocol::Icmp)?)
}

fn told(what: &str, socket: io::Result<OwnedFd>) -> Option<OwnedFd> {
    socket
        .inspect_err(
            |error| tracing::warn!(%error, "no socket for {what}: addresses are not tried"),
        )
        .ok()
}
