//! Taking connections in, as many as there is room for, until the face closes.

use crate::http::client_address::ClientAddress;
use crate::http::connection::converse;
use crate::http::faces::Faces;
use std::io;
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;
use tokio::net::TcpListener;
use tokio::sync::watch;
use tokio::time::sleep;

/// Pause after the system had no room for a connection.
const REFUSED_PAUSE: Duration = Duration::from_millis(100);

/// Answers connections until `stop` is ready; then sets `closing` and waits for those that are open.
pub async fn run(
    listener: TcpListener,
    faces: Faces,
    closing: Arc<watch::Sender<bool>>,
    stop: impl Future<Output = ()>,
) {
    let mut stop = pin!(stop);
    loop {
        let accepted = tokio::select! {
            () = &mut stop => break,
            accepted = listener.accept() => accepted,
        };
        match accepted {
            Ok((stream, address)) => {
                let client = ClientAddress(address.ip().to_canonical());
                // One there is no room for is closed at once: that costs no thread, and others go on.
                let Some(room) = faces.limits.connection(client.0) else { continue };
                if let Err(error) = stream.set_nodelay(true) {
                    tracing::debug!(client = %client.0, %error, "a connection broke off");
                    continue;
                }
                faces.tasks.spawn(converse(stream, client, room, faces.clone()));
            }
            Err(error) => refused(&error).await,
        }
    }
    drop(listener);
    closing.send_replace(true);
    faces.tasks.close();
    faces.tasks.wait().await;
}

/// A connection that went before it was taken is nothing; a lack of files or memory may pass.
async fn refused(error: &io::Error) {
    match error.kind() {
        io::ErrorKind::ConnectionRefused
        | io::ErrorKind::ConnectionAborted
        | io::ErrorKind::ConnectionReset => {}
        _ => {
            tracing::warn!(%error, "no connection could be taken in");
            sleep(REFUSED_PAUSE).await;
        }
    }
}
