//! Packets on their way into a machine that come late, overtake each other, get lost or come twice: rules of `iptables` give them
//! to a queue of the kernel (NFQUEUE), and a thread on that machine takes its time to say what becomes of them.
//!
//! Rules are another room's affair. They should say `--queue-bypass`: then what nobody holds goes through. A packet that comes
//! twice comes through the loopback interface the second time, so they should leave that one out.

use crate::lab::namespace::within;
use anyhow::Context as _;
use nfq::{Message, Queue, Verdict};
use rustix::net::{
    AddressFamily, SendFlags, SocketFlags, SocketType, ipproto, sendto, socket_with,
};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::fmt;
use std::io::{self, ErrorKind};
use std::net::{Ipv4Addr, SocketAddrV4};
use std::os::fd::OwnedFd;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::sync_channel;
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

/// Packets that are held at most; what is above goes through. Each takes some 7 KB.
pub const HELD_MAX: usize = 4096;
/// Packets that the kernel keeps for us at most, those that we hold among them; what is above goes through.
const QUEUE_PACKETS_MAX: u32 = 8192;
/// What we want to see of a packet: all of it, as cables carry 1500 bytes.
const SEEN_BYTES: u16 = 2048;
/// Pause between two looks: how exact the times are.
const LOOK_PAUSE: Duration = Duration::from_millis(1);
/// Where an IPv4 packet says where it goes.
const DESTINATION_AT: usize = 16;

/// What becomes of packets.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Manner {
    /// Each comes late by so many milliseconds.
    pub late_ms: u32,
    /// And by up to so many more, by chance, so that one may overtake another.
    pub jitter_ms: u32,
    /// So many of a hundred get lost.
    pub lost_percent: u8,
    /// So many of a hundred come twice.
    pub repeated_percent: u8,
}

/// What became of packets: how many of each.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Fates {
    /// They were held, and came late.
    pub held: u64,
    /// Of those, so many came after one that was sent later.
    pub overtaken: u64,
    /// They got lost.
    pub lost: u64,
    /// They came twice.
    pub repeated: u64,
    /// They went through, since too many were held.
    pub let_through: u64,
}

/// A queue whose packets are held.
pub struct PacketQueue {
    is_over: Arc<AtomicBool>,
    thread: Option<JoinHandle<anyhow::Result<Fates>>>,
}

impl PacketQueue {
    /// Holds from now on what comes to the queue of this number in a network namespace, given by its file.
    ///
    /// # Errors
    /// If there is no such namespace, somebody else has the queue, or this machine has none.
    pub fn open(network: &Path, number: u16, manner: Manner) -> anyhow::Result<Self> {
        let is_over = Arc::<AtomicBool>::default();
        let (over, (ready, opened)) = (Arc::clone(&is_over), sync_channel(1));
        let thread = within(network, move || {
            let keeper = Keeper::open(number, manner).context("a queue for packets")?;
            ready.send(())?;
            keeper.keep(&over).context("a queue for packets")
        })?;
        let queue = Self { is_over, thread: Some(thread) };
        match opened.recv() {
            Ok(()) => Ok(queue),
            // It has ended, and says why.
            Err(_) => queue.close().and_then(|_| anyhow::bail!("a queue for packets ended")),
        }
    }

    /// Lets go what is held and tells what became of all. Rules that give it more should be gone.
    ///
    /// # Errors
    /// If the kernel took the queue away.
    pub fn close(mut self) -> anyhow::Result<Fates> {
        self.end()
    }

    fn end(&mut self) -> anyhow::Result<Fates> {
        let Some(thread) = self.thread.take() else { return Ok(Fates::default()) };
        self.is_over.store(true, Ordering::Release);
        thread.thread().unpark();
        thread.join().unwrap_or_else(|_| anyhow::bail!("a queue for packets panicked"))
    }
}

impl Drop for PacketQueue {
    fn drop(&mut self) {
        // Closed by nobody, so that nobody wants to know.
        drop(self.end());
    }
}

impl Fates {
    /// These and those.
    #[must_use]
    pub const fn and(self, other: Self) -> Self {
        Self {
            held: self.held + other.held,
            overtaken: self.overtaken + other.overtaken,
            lost: self.lost + other.lost,
            repeated: self.repeated + other.repeated,
            let_through: self.let_through + other.let_through,
        }
    }
}

impl fmt::Display for Fates {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { held, overtaken, lost, repeated, let_through } = self;
        write!(f, "{held} packets late ({overtaken} overtaken), {lost} lost, {repeated} twice")?;
        match let_through {
            0 => Ok(()),
            count => write!(f, ", {count} let through"),
        }
    }
}

/// Whoever says what becomes of packets.
struct Keeper {
    queue: Queue,
    /// For packets that come twice.
    again: OwnedFd,
    manner: Manner,
    waiting: Waiting<Held>,
    fates: Fates,
}

/// What is held.
enum Held {
    /// A packet that the kernel waits to hear about.
    Packet(Message),
    /// The bytes of one that comes twice.
    Again(Vec<u8>),
}

impl Keeper {
    fn open(number: u16, manner: Manner) -> io::Result<Self> {
        let mut queue = Queue::open()?;
        queue.bind(number)?;
        queue.set_copy_range(number, SEEN_BYTES)?;
        queue.set_queue_max_len(number, QUEUE_PACKETS_MAX)?;
        queue.set_fail_open(number, true)?;
        queue.set_nonblocking(true);
        let (family, flags) = (AddressFamily::INET, SocketFlags::CLOEXEC);
        let again = socket_with(family, SocketType::RAW, flags, Some(ipproto::RAW))?;
        let (waiting, fates) = (Waiting::default(), Fates::default());
        Ok(Self { queue, again, manner, waiting, fates })
    }

    fn keep(mut self, is_over: &AtomicBool) -> io::Result<Fates> {
        loop {
            let is_last = is_over.load(Ordering::Acquire);
            while let Some(packet) = self.next()? {
                self.take(packet)?;
            }
            let now = Instant::now();
            while let Some(due) = self.waiting.next((!is_last).then_some(now)) {
                self.let_go(due)?;
            }
            if is_last {
                return Ok(self.fates);
            }
            thread::park_timeout(LOOK_PAUSE);
        }
    }

    /// A packet that has come; none if there is none.
    fn next(&mut self) -> io::Result<Option<Message>> {
        loop {
            match self.queue.recv() {
                Ok(packet) => return Ok(Some(packet)),
                Err(error) => match error.kind() {
                    ErrorKind::WouldBlock => return Ok(None),
                    // Not found: one we had a word about was gone with its cable.
                    ErrorKind::Interrupted | ErrorKind::NotFound => {}
                    _ => return Err(error),
                },
            }
        }
    }

    fn take(&mut self, mut packet: Message) -> io::Result<()> {
        // Chance of its own: when packets come is chance already.
        let hits = |percent: u8| rand::random_range(0..100) < percent;
        if self.waiting.len() >= HELD_MAX {
            self.fates.let_through += 1;
            return self.queue.verdict(packet);
        }
        if hits(self.manner.lost_percent) {
            self.fates.lost += 1;
            packet.set_verdict(Verdict::Drop);
            return self.queue.verdict(packet);
        }
        let is_seen = packet.get_payload().len() == packet.get_original_len();
        if hits(self.manner.repeated_percent) && is_seen {
            let bytes = packet.get_payload().to_vec();
            self.wait(Held::Again(bytes));
        }
        self.wait(Held::Packet(packet));
        Ok(())
    }

    fn wait(&mut self, held: Held) {
        let Manner { late_ms, jitter_ms, .. } = self.manner;
        let jitter = Duration::from_millis(jitter_ms.into()).mul_f64(rand::random());
        self.waiting.wait(Instant::now() + Duration::from_millis(late_ms.into()) + jitter, held);
    }

    fn let_go(&mut self, (held, is_overtaken): (Held, bool)) -> io::Result<()> {
        match held {
            Held::Packet(packet) => {
                self.fates.held += 1;
                self.fates.overtaken += u64::from(is_overtaken);
                self.queue.verdict(packet)
            }
            Held::Again(bytes) => {
                // One that cannot be sent comes once.
                self.fates.repeated += u64::from(self.send(&bytes).is_some());
                Ok(())
            }
        }
    }

    fn send(&self, packet: &[u8]) -> Option<()> {
        let destination = packet.get(DESTINATION_AT..)?.first_chunk::<4>()?;
        let destination = SocketAddrV4::new(Ipv4Addr::from(*destination), 0);
        sendto(&self.again, packet, SendFlags::empty(), &destination).ok().map(drop)
    }
}

/// What waits, each until a time of its own.
struct Waiting<T> {
    /// By when it goes, and when it came.
    all: BTreeMap<(Instant, u64), T>,
    came: u64,
    /// The last of all that have gone, by when it came.
    last_gone: u64,
}

impl<T> Default for Waiting<T> {
    fn default() -> Self {
        Self { all: BTreeMap::new(), came: 0, last_gone: 0 }
    }
}

impl<T> Waiting<T> {
    fn len(&self) -> usize {
        self.all.len()
    }

    fn wait(&mut self, until: Instant, what: T) {
        self.came += 1;
        self.all.insert((until, self.came), what);
    }

    /// The next to go by now, or of all if that is nothing; and whether one that came later has gone before it.
    fn next(&mut self, now: Option<Instant>) -> Option<(T, bool)> {
        let entry = self.all.first_entry()?;
        let (until, came) = *entry.key();
        if now.is_some_and(|now| now < until) {
            return None;
        }
        let is_overtaken = came < self.last_gone;
        self.last_gone = self.last_gone.max(came);
        Some((entry.remove(), is_overtaken))
    }
}

#[cfg(test)]
mod tests {
    use super::Waiting;
    use std::time::{Duration, Instant};

    #[test]
    fn what_waits_goes_at_its_time_and_overtakes_what_waits_longer() {
        let (mut waiting, now) = (Waiting::default(), Instant::now());
        let late = |millis| now + Duration::from_millis(millis);
        [("slow", 30), ("quick", 10), ("slowest", 40)]
            .into_iter()
            .for_each(|(name, millis)| waiting.wait(late(millis), name));
        assert_eq!(waiting.next(Some(now)), None);
        assert_eq!(waiting.next(Some(late(35))), Some(("quick", false)));
        assert_eq!(waiting.next(Some(late(35))), Some(("slow", true)));
        assert_eq!(waiting.next(Some(late(35))), None);
        assert_eq!(waiting.next(None), Some(("slowest", false)));
        assert_eq!(waiting.len(), 0);
    }
}
