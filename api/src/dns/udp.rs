//! Questions over UDP: read one, answer it, read the next. Those that others must be asked about do not hold it up.

use crate::dns::answer;
use crate::dns::code::{Code, code_of};
use crate::dns::datagrams::{Datagrams, Way};
use crate::dns::limits::REQUEST_BYTES_MAX;
use crate::dns::question::Transport;
use crate::dns::rate::{RateLimit, Verdict};
use crate::dns::responder::Responder;
use crate::dns::response::Response;
use crate::dns_figures::DnsFigures;
use std::sync::Arc;
use std::time::Instant;
use tokio::task::JoinSet;

/// Answers until the task is dropped.
pub async fn serve(socket: Datagrams, responder: Arc<Responder>, limit: Arc<RateLimit>) {
    let socket = Arc::new(socket);
    let mut forwarding = JoinSet::new();
    let mut request = vec![0; REQUEST_BYTES_MAX];
    loop {
        while forwarding.try_join_next().is_some() {}
        let (length, way) = match socket.receive(&mut request).await {
            Ok(received) => received,
            Err(error) => {
                // The kernel hands over errors of earlier sends here, such as an unreachable client.
                tracing::debug!(%error, "nothing was received");
                tokio::task::yield_now().await;
                continue;
            }
        };
        responder.figures.udp_questions.inc();
        let packet = request.get(..length).unwrap_or_default();
        match decide(packet, &way, &responder, &limit) {
            Response::Silence => {}
            Response::Message(bytes) => send(&socket, &bytes, &way, &responder.figures).await,
            Response::Forward(forwarded) => {
                let (socket, responder) = (Arc::clone(&socket), Arc::clone(&responder));
                forwarding.spawn(async move {
                    let bytes = responder.forwarder.ask(&forwarded, &responder.figures).await;
                    send(&socket, &bytes, &way, &responder.figures).await;
                });
            }
            // Only connections get transfers.
            Response::Transfer(question) => {
                let refused = answer::error(&question, Code::Refused, false);
                send(&socket, &refused, &way, &responder.figures).await;
            }
        }
    }
}

fn decide(packet: &[u8], way: &Way, responder: &Responder, limit: &RateLimit) -> Response {
    let client = way.client.ip();
    let verdict = if responder.config.allow_unlimited.contain(client) {
        Verdict::Answer
    } else {
        limit.ask(client, Instant::now())
    };
    match verdict {
        Verdict::Answer => responder.respond(packet, client, Transport::Udp),
        Verdict::Shortened => {
            responder.figures.limited_shortened.inc();
            responder.shorten(packet)
        }
        Verdict::Nothing => {
            responder.figures.limited_dropped.inc();
            Response::Silence
        }
    }
}

async fn send(socket: &Datagrams, bytes: &[u8], way: &Way, figures: &DnsFigures) {
    match socket.send(bytes, way).await {
        Ok(()) => figures.answered(code_of(bytes)),
        Err(error) => tracing::debug!(client = %way.client, %error, "an answer was not sent"),
    }
}
