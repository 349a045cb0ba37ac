//! Simulated DHCP clients that get and keep addresses without end, and remember how long they waited.
//!
//! What a client says goes to every rack, as a relay sends it on, and the first answer counts.

use crate::cli::dev_record::DevClients;
use regent_core::net::mac::MacAddr;
use regent_rack_agent::simulated_client::{Heard, Hold, SimulatedClient};
use std::future::pending;
use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};
use tokio::net::UdpSocket;
use tokio::task::JoinSet;
use tokio::time::{sleep, timeout};

/// From the end of a client's exchange to its next: far more often than real clients renew, so that there is something
/// to see, and still gentle.
const EXCHANGE_PAUSE: Duration = Duration::from_secs(2);
/// From the beginning of one client to the next one's, so that they do not speak all at once.
const BEGINNINGS_APART: Duration = Duration::from_millis(83);
/// What a client waits for an answer before it says the same again.
const ANSWER_MAX: Duration = Duration::from_secs(1);
/// Messages of one attempt; then the client begins anew, for the server it has chosen may be gone.
const MESSAGES_MAX: usize = 5;
/// Bytes of a reply: what fits into a frame of Ethernet.
const REPLY_BYTES_MAX: usize = 1500;

/// Clients at work. Dropping them ends it.
pub struct Clients {
    tally: Arc<Mutex<Tally>>,
    _callers: JoinSet<()>,
}

/// What they met.
#[derive(Debug)]
struct Tally {
    since: Instant,
    exchanges: u64,
    refused: u64,
    longest: Duration,
    standings: Vec<Standing>,
}

/// How a client stands.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Standing {
    /// Since when it has been waiting for an address, or for more time.
    waiting: Option<Instant>,
    /// Until when it may use its address.
    until: Option<Instant>,
}

impl Clients {
    /// Starts so many, behind a relay with this address that knows these racks.
    ///
    /// # Errors
    /// When there are no sockets for them.
    pub async fn start(count: u8, relay: Ipv4Addr, racks: &[SocketAddr]) -> io::Result<Self> {
        let tally = Arc::new(Mutex::new(Tally::new(usize::from(count), Instant::now())));
        let mut callers = JoinSet::new();
        for number in 0..count {
            let card = MacAddr([0x52, 0x54, 0, 0x77, 0, number]);
            let hostname = format!("client-{:02}", number + 1);
            let caller = Caller {
                number: usize::from(number),
                client: SimulatedClient::new(card, hostname, relay),
                socket: UdpSocket::bind((Ipv4Addr::LOCALHOST, 0)).await?,
                racks: racks.to_vec(),
                tally: Arc::clone(&tally),
            };
            let first = BEGINNINGS_APART * u32::from(number);
            callers.spawn(async move {
                sleep(first).await;
                caller.call().await;
            });
        }
        Ok(Self { tally, _callers: callers })
    }

    /// What they met.
    #[must_use]
    pub fn figures(&self) -> DevClients {
        locked(&self.tally).figures(Instant::now())
    }

    /// Counts from now on.
    pub fn count_anew(&self) {
        locked(&self.tally).count_anew(Instant::now());
    }
}

impl Tally {
    fn new(clients: usize, since: Instant) -> Self {
        let standings = vec![Standing::default(); clients];
        Self { since, exchanges: 0, refused: 0, longest: Duration::ZERO, standings }
    }

    fn begins(&mut self, number: usize, now: Instant) {
        self.standings[number].waiting = Some(now);
    }

    fn has_address(&mut self, number: usize, until: Instant, now: Instant) {
        let standing = &mut self.standings[number];
        standing.until = Some(until);
        if let Some(waiting) = standing.waiting.take() {
            self.longest = self.longest.max(now - waiting.max(self.since));
        }
        self.exchanges += 1;
    }

    /// One that has no address yet is refused an offer where another client was faster: it begins anew and waits longer,
    /// and nothing is taken from it.
    fn is_refused(&mut self, number: usize) {
        if self.standings[number].until.take().is_some() {
            self.refused += 1;
        }
    }

    fn is_without_address(&mut self, number: usize, now: Instant) -> bool {
        let until = &mut self.standings[number].until;
        *until = until.filter(|until| now < *until);
        until.is_none()
    }

    fn count_anew(&mut self, now: Instant) {
        (self.since, self.exchanges, self.refused, self.longest) = (now, 0, 0, Duration::ZERO);
    }

    fn figures(&self, now: Instant) -> DevClients {
        let waiting = self.standings.iter().filter_map(|standing| standing.waiting);
        let waits = waiting.map(|waiting| now.saturating_duration_since(waiting.max(self.since)));
        let longest = waits.fold(self.longest, Duration::max);
        let has_address = |standing: &&Standing| standing.until.is_some_and(|until| now < until);
        DevClients {
            clients: self.standings.len(),
            with_address: self.standings.iter().filter(has_address).count(),
            exchanges: self.exchanges,
            refused: self.refused,
            longest_wait_ms: u64::try_from(longest.as_millis()).unwrap_or(u64::MAX),
        }
    }
}

/// A client and its way to the racks.
struct Caller {
    number: usize,
    client: SimulatedClient,
    socket: UdpSocket,
    racks: Vec<SocketAddr>,
    tally: Arc<Mutex<Tally>>,
}

impl Caller {
    async fn call(mut self) {
        loop {
            let began = Instant::now();
            locked(&self.tally).begins(self.number, began);
            while !self.attempt(began).await {}
            sleep(EXCHANGE_PAUSE).await;
        }
    }

    /// Tries to get an address, or to keep it for longer; whether that went well.
    async fn attempt(&mut self, began: Instant) -> bool {
        if locked(&self.tally).is_without_address(self.number, Instant::now()) {
            self.client.forget();
        }
        self.client.begin(rand::random());
        for _ in 0..MESSAGES_MAX {
            let asked = Instant::now();
            match self.ask(asked - began).await {
                Heard::Nothing | Heard::Offer => {}
                Heard::Address(Hold { life, .. }) => {
                    let until = asked + Duration::from_millis(life.0);
                    locked(&self.tally).has_address(self.number, until, Instant::now());
                    return true;
                }
                Heard::Refusal => {
                    locked(&self.tally).is_refused(self.number);
                    // Whoever is refused again and again must not storm the racks.
                    sleep(ANSWER_MAX).await;
                    return false;
                }
            }
        }
        false
    }

    /// Says what is to be said now, and what the first answer means.
    async fn ask(&mut self, waited: Duration) -> Heard {
        let secs = u16::try_from(waited.as_secs()).unwrap_or(u16::MAX);
        let Some(message) = self.client.message(secs) else { return Heard::Nothing };
        for rack in &self.racks {
            // A rack that is not there says nothing, either.
            drop(self.socket.send_to(&message, rack).await);
        }
        timeout(ANSWER_MAX, self.hear()).await.unwrap_or(Heard::Nothing)
    }

    async fn hear(&mut self) -> Heard {
        let mut reply = [0; REPLY_BYTES_MAX];
        loop {
            let Ok((length, _)) = self.socket.recv_from(&mut reply).await else {
                return pending().await;
            };
            let heard = self.client.hear(&reply[..length]);
            if heard != Heard::Nothing {
                return heard;
            }
        }
    }
}

fn locked(tally: &Mutex<Tally>) -> MutexGuard<'_, Tally> {
    tally.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use super::{Clients, Tally};
    use std::net::Ipv4Addr;
    use std::time::{Duration, Instant};
    use tokio::net::UdpSocket;

    #[test]
    fn longest_wait_counts_who_still_waits_and_nothing_before_it_is_counted_anew() {
        let start = Instant::now();
        let at = |ms| start + Duration::from_millis(ms);
        let mut tally = Tally::new(2, start);
        tally.begins(0, at(0));
        tally.has_address(0, at(60_000), at(30));
        tally.begins(1, at(40));
        let figures = tally.figures(at(100));
        assert_eq!((figures.clients, figures.with_address, figures.exchanges), (2, 1, 1));
        assert_eq!(figures.longest_wait_ms, 60);
        tally.count_anew(at(200));
        assert_eq!(tally.figures(at(205)).longest_wait_ms, 5);
        tally.has_address(1, at(60_000), at(210));
        let figures = tally.figures(at(300));
        assert_eq!((figures.exchanges, figures.longest_wait_ms), (1, 10));
    }

    #[test]
    fn only_a_client_that_has_an_address_is_refused_one() {
        let start = Instant::now();
        let mut tally = Tally::new(2, start);
        tally.is_refused(0);
        assert_eq!(tally.figures(start).refused, 0, "it was an offer");
        let until = start + Duration::from_secs(60);
        for number in [0, 1] {
            tally.begins(number, start);
            tally.has_address(number, until, start);
        }
        tally.is_refused(0);
        let figures = tally.figures(start);
        assert_eq!((figures.refused, figures.with_address), (1, 1));
        assert!(tally.is_without_address(1, until), "it has run out");
        tally.is_refused(1);
        assert_eq!((tally.figures(until).refused, tally.figures(until).with_address), (1, 0));
    }

    #[tokio::test]
    async fn every_rack_hears_what_a_client_says() {
        let racks = [0, 1].map(|_| std::net::UdpSocket::bind((Ipv4Addr::LOCALHOST, 0)).unwrap());
        let racks = racks.map(|rack| {
            rack.set_nonblocking(true).unwrap();
            UdpSocket::from_std(rack).unwrap()
        });
        let addresses = [0, 1].map(|number: usize| racks[number].local_addr().unwrap());
        let relay = Ipv4Addr::new(10, 77, 0, 1);
        let clients = Clients::start(1, relay, &addresses).await.unwrap();
        let mut heard = [[0; 576]; 2];
        for (rack, heard) in racks.iter().zip(&mut heard) {
            let (length, _) = rack.recv_from(heard).await.unwrap();
            assert_eq!((length > 240, &heard[24..28]), (true, &relay.octets()[..]));
        }
        assert_eq!(heard[0], heard[1]);
        assert_eq!(clients.figures().with_address, 0);
    }
}
