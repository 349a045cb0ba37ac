//! Questions over TCP (RFC 7766): one after the other on each connection, idle ones closed, not too many at a time.

use crate::dns::answer::error;
use crate::dns::code::{Code, code_of};
use crate::dns::connections::{Connections, Place};
use crate::dns::limits::{IDLE_MAX, SEND_MAX, TRANSFER_MAX};
use crate::dns::question::{Question, Transport};
use crate::dns::responder::Responder;
use crate::dns::response::Response;
use crate::dns::transfer::Part;
use crate::dns_figures::DnsFigures;
use std::io;
use std::sync::Arc;
use std::time::Duration;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::mpsc::Receiver;
use tokio::task::JoinSet;
use tokio::time::timeout;

/// How long to wait before accepting again when the process is out of descriptors.
const ACCEPT_PAUSE: Duration = Duration::from_millis(100);

/// Answers until the task is dropped, and its connections with it.
pub async fn serve(
    listener: TcpListener,
    responder: Arc<Responder>,
    connections: Arc<Connections>,
) {
    let mut tasks = JoinSet::new();
    loop {
        while tasks.try_join_next().is_some() {}
        match listener.accept().await {
            Ok((stream, client)) => {
                let Some(place) = connections.admit(client.ip()) else {
                    tracing::debug!(%client, "a connection was refused: all are at work");
                    continue;
                };
                let responder = Arc::clone(&responder);
                tasks.spawn(async move {
                    if let Err(error) = converse(stream, &responder, &place).await {
                        tracing::debug!(%client, %error, "a connection ended");
                    }
                });
            }
            Err(error) => {
                tracing::warn!(%error, "no DNS connection was accepted");
                tokio::time::sleep(ACCEPT_PAUSE).await;
            }
        }
    }
}

async fn converse(mut stream: TcpStream, responder: &Responder, place: &Place) -> io::Result<()> {
    let client = stream.peer_addr()?.ip();
    stream.set_nodelay(true)?;
    loop {
        let received = tokio::select! {
            () = place.closed() => return Ok(()),
            received = timeout(IDLE_MAX, receive(&mut stream)) => received??,
        };
        let Some(request) = received.filter(|_| place.work()) else { return Ok(()) };
        let figures = &*responder.figures;
        figures.tcp_questions.inc();
        match responder.respond(&request, client, Transport::Tcp) {
            // Whoever sends what is no request gets nothing more either.
            Response::Silence => return Ok(()),
            Response::Message(bytes) => answer(&mut stream, &bytes, figures).await?,
            Response::Forward(forwarded) => {
                let bytes = responder.forwarder.ask(&forwarded, figures).await;
                answer(&mut stream, &bytes, figures).await?;
            }
            Response::Transfer(question) => transfer(&mut stream, responder, *question).await?,
        }
        place.rest();
    }
}

/// Sends a zone, if not too many are being sent.
async fn transfer(
    stream: &mut TcpStream,
    responder: &Responder,
    question: Question,
) -> io::Result<()> {
    let figures = &*responder.figures;
    // Its own clone of the view: the state behind it may go on meanwhile.
    let view = responder.source.published().state.dns().clone();
    let Some(parts) = responder.transfers.begin(question.clone(), view) else {
        figures.transfers_refused.inc();
        return answer(stream, &error(&question, Code::ServFail, false), figures).await;
    };
    let sent = timeout(TRANSFER_MAX, send_parts(stream, parts)).await.map_err(io::Error::from);
    let sent = sent.flatten();
    match sent {
        Ok(()) => figures.transfers_sent.inc(),
        Err(_) => figures.transfers_failed.inc(),
    };
    sent
}

/// A zone that cannot be sent to its end is an error, which closes the connection: what came is then no zone for the
/// secondary either.
async fn send_parts(stream: &mut TcpStream, mut parts: Receiver<Part>) -> io::Result<()> {
    while let Some(part) = parts.recv().await {
        match part {
            Part::More(message) => send(stream, &message).await?,
            Part::Last(message) => return send(stream, &message).await,
        }
    }
    Err(io::ErrorKind::UnexpectedEof.into())
}

/// One message; `None` at the end of the connection.
async fn receive(stream: &mut TcpStream) -> io::Result<Option<Vec<u8>>> {
    let length = match stream.read_u16().await {
        Ok(length) => length,
        Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => return Ok(None),
        Err(error) => return Err(error),
    };
    let mut message = vec![0; usize::from(length)];
    stream.read_exact(&mut message).await?;
    Ok(Some(message))
}

async fn answer(stream: &mut TcpStream, message: &[u8], figures: &DnsFigures) -> io::Result<()> {
    send(stream, message).await?;
    figures.answered(code_of(message));
    Ok(())
}

async fn send(stream: &mut TcpStream, message: &[u8]) -> io::Result<()> {
    let Ok(length) = u16::try_from(message.len()) else {
        return Err(io::ErrorKind::InvalidData.into());
    };
    let framed = [&length.to_be_bytes(), message].concat();
    timeout(SEND_MAX, stream.write_all(&framed)).await?
}
