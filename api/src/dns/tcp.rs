//! Questions over TCP (RFC 7766): one after the other on each connection, idle ones closed, not too many at a time.

use crate::dns::answer;
use crate::dns::code::Code;
use crate::dns::limits::{CONNECTIONS_MAX, IDLE_MAX, SEND_MAX, TRANSFER_MAX};
use crate::dns::question::{Question, Transport};
use crate::dns::responder::Responder;
use crate::dns::response::Response;
use std::io;
use std::sync::Arc;
use std::time::Duration;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Semaphore;
use tokio::task::JoinSet;
use tokio::time::timeout;

/// How long to wait before accepting again when the process is out of descriptors.
const ACCEPT_PAUSE: Duration = Duration::from_millis(100);

/// Answers until the task is dropped, and its connections with it.
pub async fn serve(listener: TcpListener, responder: Arc<Responder>) {
    let permits = Arc::new(Semaphore::new(CONNECTIONS_MAX));
    let mut connections = JoinSet::new();
    loop {
        while connections.try_join_next().is_some() {}
        let permit = Arc::clone(&permits).acquire_owned().await;
        let permit = permit.expect("the semaphore is never closed");
        match listener.accept().await {
            Ok((stream, client)) => {
                let responder = Arc::clone(&responder);
                connections.spawn(async move {
                    if let Err(error) = converse(stream, &responder).await {
                        tracing::debug!(%client, %error, "a connection ended");
                    }
                    drop(permit);
                });
            }
            Err(error) => {
                tracing::warn!(%error, "no DNS connection was accepted");
                tokio::time::sleep(ACCEPT_PAUSE).await;
            }
        }
    }
}

async fn converse(mut stream: TcpStream, responder: &Responder) -> io::Result<()> {
    let client = stream.peer_addr()?.ip();
    stream.set_nodelay(true)?;
    while let Some(request) = timeout(IDLE_MAX, receive(&mut stream)).await?? {
        match responder.respond(&request, client, Transport::Tcp) {
            // Whoever sends what is no request gets nothing more either.
            Response::Silence => return Ok(()),
            Response::Message(bytes) => send(&mut stream, &bytes).await?,
            Response::Forward(forwarded) => {
                let bytes = responder.forwarder.ask(&forwarded).await;
                send(&mut stream, &bytes).await?;
            }
            Response::Transfer(question) => {
                timeout(TRANSFER_MAX, transfer(&mut stream, responder, *question)).await??;
            }
        }
    }
    Ok(())
}

async fn transfer(
    stream: &mut TcpStream,
    responder: &Responder,
    question: Question,
) -> io::Result<()> {
    // Its own clone of the view: the state behind it may go on meanwhile.
    let view = responder.source.published().state.dns().clone();
    let Some(mut messages) = responder.transfers.begin(question.clone(), view) else {
        return send(stream, &answer::error(&question, Code::ServFail, false)).await;
    };
    while let Some(message) = messages.recv().await {
        send(stream, &message).await?;
    }
    Ok(())
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

async fn send(stream: &mut TcpStream, message: &[u8]) -> io::Result<()> {
    let Ok(length) = u16::try_from(message.len()) else {
        return Err(io::ErrorKind::InvalidData.into());
    };
    let framed = [&length.to_be_bytes(), message].concat();
    timeout(SEND_MAX, stream.write_all(&framed)).await?
}
