//! A cable between two nodes that can be cut, made to swallow everything, and counted.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::tcp::{OwnedReadHalf, OwnedWriteHalf};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Cable {
    /// Carries.
    Whole,
    /// Connections break, new ones are closed at once.
    Cut,
    /// Connections stay, nothing arrives.
    Swallowing,
}

#[derive(Clone)]
pub(crate) struct Proxy {
    address: String,
    cable: watch::Sender<Cable>,
    /// Connections of an earlier generation than this carry nothing any more.
    generation: watch::Sender<u64>,
    counts: Arc<Counts>,
}

#[derive(Default)]
struct Counts {
    connections: watch::Sender<u64>,
    carried: AtomicU64,
    cut_at: AtomicU64,
}

impl Proxy {
    pub(crate) async fn to(target: String) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap().to_string();
        let counts = Counts { cut_at: AtomicU64::new(u64::MAX), ..Counts::default() };
        let proxy = Self {
            address,
            cable: watch::Sender::new(Cable::Whole),
            generation: watch::Sender::new(0),
            counts: Arc::new(counts),
        };
        tokio::spawn(proxy.clone().accept(listener, target));
        proxy
    }

    pub(crate) fn address(&self) -> String {
        self.address.clone()
    }

    pub(crate) fn set(&self, cable: Cable) {
        self.cable.send_replace(cable);
    }

    /// Lets the present connections carry nothing, for ever, without breaking them. New ones carry.
    pub(crate) fn lose_connections(&self) {
        self.generation.send_modify(|generation| *generation += 1);
    }

    /// Breaks the connections once, when so many bytes in all have gone towards the target.
    pub(crate) fn cut_once_after(&self, carried: u64) {
        self.counts.cut_at.store(carried, Ordering::SeqCst);
    }

    pub(crate) fn carried(&self) -> u64 {
        self.counts.carried.load(Ordering::SeqCst)
    }

    /// Counts connections, also those closed at once.
    pub(crate) fn connections(&self) -> watch::Receiver<u64> {
        self.counts.connections.subscribe()
    }

    async fn accept(self, listener: TcpListener, target: String) {
        while let Ok((near, _)) = listener.accept().await {
            self.counts.connections.send_modify(|count| *count += 1);
            if *self.cable.borrow() == Cable::Cut {
                continue;
            }
            let (proxy, target) = (self.clone(), target.clone());
            tokio::spawn(async move {
                if let Ok(far) = TcpStream::connect(target).await {
                    proxy.carry(near, far).await;
                }
            });
        }
    }

    async fn carry(&self, near: TcpStream, far: TcpStream) {
        near.set_nodelay(true).unwrap();
        far.set_nodelay(true).unwrap();
        let (near_read, near_write) = near.into_split();
        let (far_read, far_write) = far.into_split();
        let mut cable = self.cable.subscribe();
        let born = *self.generation.borrow();
        tokio::select! {
            () = self.towards_target(near_read, far_write, born) => {}
            () = self.back(far_read, near_write, born) => {}
            _ = cable.wait_for(|cable| *cable == Cable::Cut) => {}
        }
    }

    async fn towards_target(&self, mut from: OwnedReadHalf, mut to: OwnedWriteHalf, born: u64) {
        let mut piece = vec![0; 64 << 10];
        while let Ok(length @ 1..) = from.read(&mut piece).await {
            self.passable(born).await;
            let carried = self.counts.carried.fetch_add(length as u64, Ordering::SeqCst);
            if carried >= self.counts.cut_at.load(Ordering::SeqCst) {
                self.counts.cut_at.store(u64::MAX, Ordering::SeqCst);
                return;
            }
            if to.write_all(&piece[..length]).await.is_err() {
                return;
            }
        }
    }

    async fn back(&self, mut from: OwnedReadHalf, mut to: OwnedWriteHalf, born: u64) {
        let mut piece = vec![0; 64 << 10];
        while let Ok(length @ 1..) = from.read(&mut piece).await {
            self.passable(born).await;
            if to.write_all(&piece[..length]).await.is_err() {
                return;
            }
        }
    }

    async fn passable(&self, born: u64) {
        if *self.generation.borrow() != born {
            std::future::pending::<()>().await;
        }
        self.cable.subscribe().wait_for(|cable| *cable == Cable::Whole).await.unwrap();
    }
}
