//! A DHCP client: each time it is told to it gets an address as one that remembers none, by a full exchange of real packets. What
//! it says goes to all racks, as a relay sends it on.
//!
//! It says the same again after [`RETRY`], sooner than udhcpc (3 s) or dhclient (4 s) do, so that what is judged by one retry is
//! judged strictly; after [`MESSAGES_MAX`] messages without an answer, or a refusal, it begins anew.

use crate::load::dhcp_exchange::{Exchange, Got};
use regent_core::net::mac::MacAddr;
use regent_rack_agent::simulated_client::{Heard, SimulatedClient};
use std::net::{Ipv4Addr, SocketAddrV4};
use std::time::{Duration, Instant};
use tokio::net::UdpSocket;
use tokio::sync::mpsc;
use tokio::time::{sleep_until, timeout_at};

/// What a client waits for an answer before it says the same again.
pub const RETRY: Duration = Duration::from_secs(1);
/// Messages without an answer before it begins anew: the server it has chosen may be gone.
pub const MESSAGES_MAX: u32 = 3;
/// After so long it gives up.
pub const PATIENCE: Duration = Duration::from_secs(30);
/// Bytes of a reply: what fits into a frame of Ethernet.
const REPLY_BYTES_MAX: usize = 1500;

/// A client and its way to the racks.
pub struct Client {
    /// Its card.
    pub card: MacAddr,
    /// The relay it is behind.
    pub relay: Ipv4Addr,
    /// The racks.
    pub racks: Vec<SocketAddrV4>,
    /// Its socket.
    pub socket: UdpSocket,
}

/// What a client is told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Turn {
    /// To get an address again, as it would after a reboot.
    Again,
    /// To be another one from now on, of which nobody has heard.
    As(MacAddr),
}

impl Client {
    /// Does what it is told until nobody tells it anything any more; every exchange.
    pub async fn live(mut self, mut turns: mpsc::Receiver<Turn>) -> Vec<Exchange> {
        let mut exchanges = Vec::new();
        while let Some(turn) = turns.recv().await {
            match turn {
                Turn::Again => {}
                Turn::As(card) => self.card = card,
            }
            exchanges.push(self.exchange().await);
        }
        exchanges
    }

    async fn exchange(&self) -> Exchange {
        let asked = Instant::now();
        let [.., high, low] = self.card.0;
        let hostname = format!("client-{high:02x}{low:02x}");
        let mut client = SimulatedClient::new(self.card, hostname, self.relay);
        let mut exchange = Exchange { card: self.card, asked, messages: 0, refusals: 0, got: None };
        while exchange.got.is_none() && asked.elapsed() < PATIENCE {
            client.forget();
            client.begin(rand::random());
            exchange.got = self.attempt(&mut client, &mut exchange).await;
        }
        exchange
    }

    /// Tries until there is an address, a refusal, or silence for too long.
    async fn attempt(&self, client: &mut SimulatedClient, exchange: &mut Exchange) -> Option<Got> {
        let mut unanswered = 0;
        while unanswered < MESSAGES_MAX {
            let requested = Instant::now();
            let secs = (requested - exchange.asked).as_secs();
            let message = client.message(u16::try_from(secs).unwrap_or(u16::MAX))?;
            exchange.messages += 1;
            for rack in &self.racks {
                // A rack that is not there says nothing, either.
                drop(self.socket.send_to(&message, rack).await);
            }
            match self.hear(client, requested + RETRY).await {
                Heard::Nothing => unanswered += 1,
                Heard::Offer => unanswered = 0,
                Heard::Address(hold) => {
                    return Some(Got { requested, acknowledged: Instant::now(), hold });
                }
                Heard::Refusal => {
                    exchange.refusals += 1;
                    // As real ones do: whoever is refused at once would else ask at once, for ever.
                    sleep_until((requested + RETRY).into()).await;
                    return None;
                }
            }
        }
        None
    }

    async fn hear(&self, client: &mut SimulatedClient, until: Instant) -> Heard {
        let mut reply = [0; REPLY_BYTES_MAX];
        while let Ok(received) = timeout_at(until.into(), self.socket.recv_from(&mut reply)).await {
            // The answer to what was sent to a rack that is not there.
            let Ok((length, _)) = received else { continue };
            let heard = client.hear(&reply[..length]);
            if heard != Heard::Nothing {
                return heard;
            }
        }
        Heard::Nothing
    }
}
