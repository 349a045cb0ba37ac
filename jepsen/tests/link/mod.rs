//! A link between nodes that can be made to stop every connection after so many bytes, without breaking it. Only what goes
//! towards the target counts: small talk fits through, a snapshot does not.

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _, copy};
use tokio::net::tcp::{OwnedReadHalf, OwnedWriteHalf};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;

/// What a link that is not narrowed carries on a connection.
const ALL_BYTES: usize = usize::MAX;
/// Bytes taken from a connection at once.
const PIECE_BYTES: usize = 16 << 10;

/// A link to one node.
pub(crate) struct Link {
    address: String,
    carries: watch::Sender<usize>,
}

impl Link {
    /// A link that carries everything.
    pub(crate) async fn to(target: String) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap().to_string();
        let (carries, bound) = watch::channel(ALL_BYTES);
        tokio::spawn(accept(listener, target, bound));
        Self { address, carries }
    }

    /// Where the node is reached through it.
    pub(crate) fn address(&self) -> String {
        self.address.clone()
    }

    /// Has every connection carry so many bytes and wait then.
    pub(crate) fn narrow(&self, bytes: usize) {
        self.carries.send_replace(bytes);
    }

    /// Has every connection carry everything again.
    pub(crate) fn widen(&self) {
        self.carries.send_replace(ALL_BYTES);
    }
}

async fn accept(listener: TcpListener, target: String, bound: watch::Receiver<usize>) {
    while let Ok((near, _)) = listener.accept().await {
        let (target, bound) = (target.clone(), bound.clone());
        tokio::spawn(async move {
            // Closed at once while the node is down.
            let Ok(far) = TcpStream::connect(target).await else { return };
            near.set_nodelay(true).unwrap();
            far.set_nodelay(true).unwrap();
            let (near_read, mut near_write) = near.into_split();
            let (mut far_read, far_write) = far.into_split();
            tokio::select! {
                () = carry(near_read, far_write, bound) => {}
                _ = copy(&mut far_read, &mut near_write) => {}
            }
        });
    }
}

async fn carry(mut from: OwnedReadHalf, mut to: OwnedWriteHalf, mut bound: watch::Receiver<usize>) {
    let mut piece = vec![0; PIECE_BYTES];
    let mut carried = 0;
    while let Ok(length @ 1..) = from.read(&mut piece).await {
        if bound.wait_for(|bytes| carried < *bytes).await.is_err()
            || to.write_all(&piece[..length]).await.is_err()
        {
            return;
        }
        carried += length;
    }
}
