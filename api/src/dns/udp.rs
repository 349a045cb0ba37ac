//! Questions over UDP: read one, answer it, read the next. Those that others must be asked about do not hold it up.

use crate::dns::answer;
use crate::dns::code::Code;
use crate::dns::limits::REQUEST_BYTES_MAX;
use crate::dns::question::Transport;
use crate::dns::responder::Responder;
use crate::dns::response::Response;
use std::net::SocketAddr;
use std::sync::Arc;
use tokio::net::UdpSocket;
use tokio::task::JoinSet;

/// Answers until the task is dropped.
pub async fn serve(socket: UdpSocket, responder: Arc<Responder>) {
    let socket = Arc::new(socket);
    let mut forwarding = JoinSet::new();
    let mut request = vec![0; REQUEST_BYTES_MAX];
    loop {
        while forwarding.try_join_next().is_some() {}
        let (length, client) = match socket.recv_from(&mut request).await {
            Ok(received) => received,
            Err(error) => {
                // The kernel hands over errors of earlier sends here, such as an unreachable client.
                tracing::debug!(%error, "nothing was received");
                tokio::task::yield_now().await;
                continue;
            }
        };
        let packet = request.get(..length).unwrap_or_default();
        match responder.respond(packet, client.ip(), Transport::Udp) {
            Response::Silence => {}
            Response::Message(bytes) => send(&socket, &bytes, client).await,
            Response::Forward(forwarded) => {
                let (socket, responder) = (Arc::clone(&socket), Arc::clone(&responder));
                forwarding.spawn(async move {
                    let bytes = responder.forwarder.ask(&forwarded).await;
                    send(&socket, &bytes, client).await;
                });
            }
            // Only connections get transfers.
            Response::Transfer(question) => {
                send(&socket, &answer::error(&question, Code::Refused, false), client).await;
            }
        }
    }
}

async fn send(socket: &UdpSocket, bytes: &[u8], client: SocketAddr) {
    if let Err(error) = socket.send_to(bytes, client).await {
        tracing::debug!(%client, %error, "an answer was not sent");
    }
}
