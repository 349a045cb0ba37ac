//! Telling secondaries that a zone changed (RFC 1996): from the leader only, again until they confirm.
//!
//! A node that becomes leader tells of all zones once: what its predecessor told, it cannot know.

use crate::dns::limits::{NOTIFY_TRIES_MAX, NOTIFY_WAIT, NOTIFY_ZONES_MAX, REQUEST_BYTES_MAX};
use crate::dns::source::Source;
use crate::dns_figures::DnsFigures;
use hickory_proto::op::{Message, MessageType, OpCode, Query};
use hickory_proto::rr::{Name, RecordType};
use regent_core::model::dns_name::DomainName;
use regent_core::model::serial::Serial;
use std::collections::{BTreeMap, BTreeSet};
use std::io;
use std::net::{Ipv4Addr, Ipv6Addr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;
use tokio::net::UdpSocket;
use tokio::task::{JoinError, JoinSet};
use tokio::time::{Instant, sleep_until, timeout_at};

/// Changes within this time are told together.
const GATHER: Duration = Duration::from_millis(20);

/// What one secondary knows.
struct Secondary {
    address: SocketAddr,
    figures: Arc<DnsFigures>,
    /// The serials it was told, or could not be told; either way it is left alone until they change.
    told: BTreeMap<DomainName, Serial>,
    /// What tells it of a zone each.
    telling: JoinSet<(DomainName, Serial)>,
    /// The zones they tell it of.
    under_way: BTreeSet<DomainName>,
}

/// Keeps one secondary informed until the task is dropped, or until nothing is applied any more.
pub async fn inform(address: SocketAddr, source: Arc<dyn Source>, figures: Arc<DnsFigures>) {
    let mut progress = source.progress();
    let mut secondary = Secondary {
        address,
        figures,
        told: BTreeMap::new(),
        telling: JoinSet::new(),
        under_way: BTreeSet::new(),
    };
    loop {
        if source.is_leader() {
            secondary.tell_changes(&*source);
        } else {
            secondary.forget();
        }
        tokio::select! {
            changed = progress.changed() => {
                if changed.is_err() {
                    return;
                }
                tokio::time::sleep(GATHER).await;
            }
            Some(ended) = secondary.telling.join_next() => secondary.end(ended),
        }
    }
}

impl Secondary {
    /// Begins to tell of zones whose serial is not the one told last, as many as may be under way.
    fn tell_changes(&mut self, source: &dyn Source) {
        let published = source.published();
        let view = published.state.dns();
        self.told.retain(|zone, _| view.zone(zone).is_some());
        for zone in view.zones() {
            if self.under_way.len() >= NOTIFY_ZONES_MAX {
                return;
            }
            let (apex, serial) = (&zone.apex, view.serial(&zone.apex));
            if self.told.get(apex) != Some(&serial) && self.under_way.insert(apex.clone()) {
                let figures = Arc::clone(&self.figures);
                self.telling.spawn(told(self.address, apex.clone(), serial, figures));
            }
        }
    }

    /// Another leads and tells it.
    fn forget(&mut self) {
        self.told.clear();
        self.telling = JoinSet::new();
        self.under_way.clear();
    }

    fn end(&mut self, ended: Result<(DomainName, Serial), JoinError>) {
        match ended {
            Ok((zone, serial)) => {
                self.under_way.remove(&zone);
                self.told.insert(zone, serial);
            }
            // Nobody cancels one of them, so this one panicked.
            Err(error) => std::panic::resume_unwind(error.into_panic()),
        }
    }
}

/// Tells of one zone, or says in the log that it was in vain.
async fn told(
    secondary: SocketAddr,
    zone: DomainName,
    serial: Serial,
    figures: Arc<DnsFigures>,
) -> (DomainName, Serial) {
    match tell(secondary, &zone).await {
        Ok(()) => figures.notifies_confirmed.inc(),
        Err(error) => {
            tracing::warn!(%secondary, %zone, %error, "a secondary was not told of a change");
            figures.notifies_failed.inc()
        }
    };
    (zone, serial)
}

/// Tells of one zone until it is confirmed. A try that fails at once, as when nobody listens yet, takes its time all the
/// same: a secondary that starts again needs it.
async fn tell(secondary: SocketAddr, zone: &DomainName) -> io::Result<()> {
    let local: SocketAddr = match secondary {
        SocketAddr::V4(_) => (Ipv4Addr::UNSPECIFIED, 0).into(),
        SocketAddr::V6(_) => (Ipv6Addr::UNSPECIFIED, 0).into(),
    };
    let socket = UdpSocket::bind(local).await?;
    socket.connect(secondary).await?;
    let id = rand::random();
    let message = notification(id, zone).ok_or(io::ErrorKind::InvalidData)?;
    let mut last = io::ErrorKind::TimedOut.into();
    for attempt in 0..NOTIFY_TRIES_MAX {
        let over = Instant::now() + NOTIFY_WAIT * (attempt + 1);
        match timeout_at(over, confirmed(&socket, &message, id)).await {
            Ok(Ok(())) => return Ok(()),
            Ok(Err(error)) => {
                last = error;
                sleep_until(over).await;
            }
            Err(_) => {}
        }
    }
    Err(last)
}

async fn confirmed(socket: &UdpSocket, message: &[u8], id: u16) -> io::Result<()> {
    socket.send(message).await?;
    let mut bytes = vec![0; REQUEST_BYTES_MAX];
    loop {
        let length = socket.recv(&mut bytes).await?;
        let answer = Message::from_vec(bytes.get(..length).unwrap_or_default());
        let confirms = |answer: &Message| {
            answer.metadata.id == id && answer.metadata.message_type == MessageType::Response
        };
        if answer.as_ref().is_ok_and(confirms) {
            return Ok(());
        }
    }
}

fn notification(id: u16, zone: &DomainName) -> Option<Vec<u8>> {
    let mut name = Name::from_labels(zone.labels()).ok()?;
    name.set_fqdn(true);
    let mut message = Message::new(id, MessageType::Query, OpCode::Notify);
    message.metadata.authoritative = true;
    message.add_query(Query::query(name, RecordType::SOA));
    message.to_vec().ok()
}

#[cfg(test)]
mod tests {
    use super::tell;
    use crate::dns::limits::NOTIFY_WAIT;
    use tokio::net::UdpSocket;
    use tokio::time::timeout;

    #[tokio::test]
    async fn secondary_that_starts_again_is_told_when_it_listens() {
        let zone = "maas".parse().unwrap();
        // A loopback address that no other test uses, so that nobody takes the port meanwhile.
        let socket = UdpSocket::bind("127.53.0.12:0").await.unwrap();
        let secondary = socket.local_addr().unwrap();
        drop(socket);
        let mut telling = Box::pin(tell(secondary, &zone));
        let refused = timeout(NOTIFY_WAIT / 2, &mut telling).await;
        assert!(refused.is_err(), "its tries were spent: {refused:?}");
        let socket = UdpSocket::bind(secondary).await.unwrap();
        let confirm = async {
            let mut bytes = [0; 512];
            let (length, node) = socket.recv_from(&mut bytes).await.unwrap();
            bytes[2] |= 0x80;
            socket.send_to(&bytes[..length], node).await.unwrap();
        };
        let (told, ()) = tokio::join!(telling, confirm);
        assert!(told.is_ok(), "{told:?}");
    }
}
