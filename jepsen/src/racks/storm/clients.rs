//! All clients of the storm: so many exchanges a second, each begun in its time, whatever becomes of the others.

use crate::load::dhcp_client::{Client, Turn};
use crate::load::dhcp_exchange::Exchange;
use regent_core::net::mac::MacAddr;
use std::net::{Ipv4Addr, SocketAddrV4};
use std::time::{Duration, Instant};
use tokio::net::UdpSocket;
use tokio::sync::mpsc;
use tokio::task::JoinHandle;
use tokio::time::sleep_until;

/// From one exchange to the next: 100 a second.
pub const EXCHANGES_APART: Duration = Duration::from_millis(10);
/// One exchange in so many is that of a client of which nobody has heard. Ten a second are heard for good; the rest comes back.
pub const EXCHANGES_PER_NEWCOMER: u32 = 10;
/// Clients at one time. Each is told to begin anew every six seconds.
const CLIENTS: u32 = 600;

/// What became of the storm.
#[derive(Debug, Default)]
pub struct Seen {
    /// Every exchange, by client.
    pub exchanges: Vec<Exchange>,
    /// Those that could not begin, because all clients that had their turn were still at the one before.
    pub skipped: u32,
}

/// A storm that is on.
pub struct Storm(JoinHandle<anyhow::Result<Seen>>);

impl Storm {
    /// Begins it, for so long, behind a relay with this address that knows these racks.
    ///
    /// # Errors
    /// If there are no sockets for the clients.
    pub async fn start(
        length: Duration,
        relay: Ipv4Addr,
        racks: &[SocketAddrV4],
    ) -> anyhow::Result<Self> {
        let mut clients = Vec::new();
        for number in 0..CLIENTS {
            let socket = UdpSocket::bind((Ipv4Addr::LOCALHOST, 0)).await?;
            let client = Client { card: card(number), relay, racks: racks.to_vec(), socket };
            let (turns, taken) = mpsc::channel(1);
            clients.push((turns, tokio::spawn(client.live(taken))));
        }
        Ok(Self(tokio::spawn(rage(length, clients))))
    }

    /// Waits until it is over and every client has an address or has given up.
    ///
    /// # Errors
    /// If a client panicked.
    pub async fn end(self) -> anyhow::Result<Seen> {
        self.0.await?
    }
}

async fn rage(
    length: Duration,
    clients: Vec<(mpsc::Sender<Turn>, JoinHandle<Vec<Exchange>>)>,
) -> anyhow::Result<Seen> {
    let (begun, mut seen) = (Instant::now(), Seen::default());
    let turns = (0_u32..).map(|number| (number, begun + EXCHANGES_APART * number));
    for (number, at) in turns.take_while(|(_, at)| *at < begun + length) {
        sleep_until(at.into()).await;
        let place = usize::try_from(number % CLIENTS)?;
        let is_new = number >= CLIENTS && number.is_multiple_of(EXCHANGES_PER_NEWCOMER);
        let turn = if is_new { Turn::As(card(number)) } else { Turn::Again };
        if clients[place].0.try_send(turn).is_err() {
            seen.skipped += 1;
        }
    }
    for (turns, client) in clients {
        drop(turns);
        seen.exchanges.extend(client.await?);
    }
    Ok(seen)
}

/// The card of the client that first asked in this exchange.
fn card(number: u32) -> MacAddr {
    let [a, b, c, d] = number.to_be_bytes();
    MacAddr([0x52, 0x54, a, b, c, d])
}
