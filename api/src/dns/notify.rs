//! Telling secondaries that a zone changed (RFC 1996): from the leader only, again until they confirm.
//!
//! A node that becomes leader tells of all zones once: what its predecessor told, it cannot know.

use crate::dns::limits::{NOTIFY_TRIES_MAX, NOTIFY_WAIT, REQUEST_BYTES_MAX};
use crate::dns::source::Source;
use hickory_proto::op::{Message, MessageType, OpCode, Query};
use hickory_proto::rr::{Name, RecordType};
use regent_core::model::dns_name::DomainName;
use regent_core::model::serial::Serial;
use std::collections::BTreeMap;
use std::io;
use std::net::{Ipv4Addr, Ipv6Addr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;
use tokio::net::UdpSocket;
use tokio::time::timeout;

/// Changes within this time are told together.
const GATHER: Duration = Duration::from_millis(20);

/// Keeps one secondary informed until the task is dropped.
pub async fn inform(secondary: SocketAddr, source: Arc<dyn Source>) {
    let mut progress = source.progress();
    let mut told: BTreeMap<DomainName, Serial> = BTreeMap::new();
    loop {
        if source.is_leader() {
            for (zone, serial) in changed(&*source, &told) {
                if let Err(error) = tell(secondary, &zone).await {
                    tracing::warn!(%secondary, %zone, %error, "a secondary was not told of a change");
                }
                told.insert(zone, serial);
            }
            told.retain(|zone, _| source.published().state.dns().zone(zone).is_some());
        } else {
            told.clear();
        }
        if progress.changed().await.is_err() {
            return;
        }
        tokio::time::sleep(GATHER).await;
    }
}

/// The zones whose serial is not the one told last.
fn changed(source: &dyn Source, told: &BTreeMap<DomainName, Serial>) -> Vec<(DomainName, Serial)> {
    let published = source.published();
    let view = published.state.dns();
    let serials = view.zones().map(|zone| (zone.apex.clone(), view.serial(&zone.apex)));
    serials.filter(|(zone, serial)| told.get(zone) != Some(serial)).collect()
}

/// Tells of one zone until it is confirmed.
async fn tell(secondary: SocketAddr, zone: &DomainName) -> io::Result<()> {
    let local: SocketAddr = match secondary {
        SocketAddr::V4(_) => (Ipv4Addr::UNSPECIFIED, 0).into(),
        SocketAddr::V6(_) => (Ipv6Addr::UNSPECIFIED, 0).into(),
    };
    let socket = UdpSocket::bind(local).await?;
    socket.connect(secondary).await?;
    let id = rand::random();
    let message = notification(id, zone).ok_or(io::ErrorKind::InvalidData)?;
    for attempt in 0..NOTIFY_TRIES_MAX {
        socket.send(&message).await?;
        let wait = NOTIFY_WAIT * (attempt + 1);
        if let Ok(Ok(())) = timeout(wait, confirmation(&socket, id)).await {
            return Ok(());
        }
    }
    Err(io::ErrorKind::TimedOut.into())
}

async fn confirmation(socket: &UdpSocket, id: u16) -> io::Result<()> {
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
