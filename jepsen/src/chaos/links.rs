//! Links in front of the ports of nodes that all live on one host: what others say to them, and they to others, goes through
//! here, so that it can be held back in either direction. For machines without root.
//!
//! A cut holds bytes back until it is mended, as if the sender had to send them again; of a link that loses some, each piece
//! waits as long as that takes. Who opened a connection to the port for nodes is known by the process that has its other end.

use crate::chaos::cuts::{ALL_PERCENT, Cut, Scissors, Toll};
use crate::chaos::openers::{self, Opened};
use crate::chaos::ways::Way;
use std::collections::BTreeMap;
use std::net::TcpListener;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio::net::tcp::{OwnedReadHalf, OwnedWriteHalf};
use tokio::runtime::{Builder, Runtime};
use tokio::sync::watch;
use tokio::time::sleep;

/// How long it takes to notice that a packet was lost, and to send it again (TCP's least timeout on Linux).
const AGAIN: Duration = Duration::from_millis(200);
/// Bytes taken from a connection at once.
const PIECE_BYTES: usize = 16 << 10;

/// What becomes of what goes each way.
type Tolls = Arc<BTreeMap<Way, Worst>>;

/// The worst of all cuts of one way.
#[derive(Clone, Copy, Debug, Default)]
struct Worst {
    lost_percent: u8,
    late_ms: u32,
}

/// All links, on a thread of their own.
pub struct Links {
    tolls: watch::Sender<Tolls>,
    runtime: Option<Runtime>,
}

/// A link that is not carried yet.
#[derive(Clone, Debug)]
pub struct Link {
    /// The node it leads to.
    pub node: usize,
    /// Its port there, `host:port`.
    pub target: String,
    /// Who uses it.
    pub face: Face,
}

/// Who uses a link.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Face {
    /// Other nodes.
    Peers,
    /// Clients.
    Api,
}

impl Links {
    /// No link yet.
    ///
    /// # Errors
    /// When there is no room for a thread.
    pub fn new() -> anyhow::Result<Self> {
        let mut builder = Builder::new_multi_thread();
        let runtime = builder.worker_threads(1).thread_name("links").enable_all().build()?;
        let runtime = Some(runtime);
        Ok(Self { tolls: watch::channel(Tolls::default()).0, runtime })
    }

    /// Carries a link from now on; tells where it begins. `directories` are those of all nodes, by which their processes
    /// are known.
    ///
    /// # Errors
    /// When there is no port.
    pub fn carry(&self, link: Link, directories: Arc<[PathBuf]>) -> anyhow::Result<String> {
        let listener = TcpListener::bind("127.0.0.1:0")?;
        listener.set_nonblocking(true)?;
        let begins = listener.local_addr()?.to_string();
        let tolls = self.tolls.subscribe();
        if let Some(runtime) = &self.runtime {
            let _inside = runtime.enter();
            let listener = tokio::net::TcpListener::from_std(listener)?;
            runtime.spawn(accept(listener, link, directories, tolls));
        }
        Ok(begins)
    }

    /// Whoever cuts them.
    #[must_use]
    pub fn scissors(&self) -> Box<dyn Scissors> {
        Box::new(Hand { tolls: self.tolls.clone() })
    }
}

impl Drop for Links {
    fn drop(&mut self) {
        // Not waited for: the runtime may not block inside another one.
        if let Some(runtime) = self.runtime.take() {
            runtime.shutdown_background();
        }
    }
}

struct Hand {
    tolls: watch::Sender<Tolls>,
}

impl Scissors for Hand {
    fn enforce(&self, cuts: &[Cut]) -> anyhow::Result<()> {
        let mut all = BTreeMap::<Way, Worst>::new();
        for Cut { ways, toll } in cuts {
            for way in ways {
                let worst = all.entry(*way).or_default();
                match *toll {
                    Toll::Lost(percent) => worst.lost_percent = worst.lost_percent.max(percent),
                    Toll::Late(millis) => worst.late_ms = worst.late_ms.max(millis),
                }
            }
        }
        self.tolls.send_replace(Arc::new(all));
        Ok(())
    }
}

async fn accept(
    listener: tokio::net::TcpListener,
    link: Link,
    directories: Arc<[PathBuf]>,
    tolls: watch::Receiver<Tolls>,
) {
    while let Ok((near, own)) = listener.accept().await {
        let Ok(other) = near.local_addr() else { continue };
        let ways = ways(&link, Opened { own, other }, &directories);
        tokio::spawn(connect(near, link.target.clone(), ways, tolls.clone()));
    }
}

/// The way of what comes in, and that of what goes back; none if nobody knows who opened the connection.
fn ways(link: &Link, opened: Opened, directories: &[PathBuf]) -> Option<(Way, Way)> {
    let to = link.node;
    match link.face {
        Face::Api => Some((Way::ToNode(to), Way::FromNode(to))),
        Face::Peers => {
            let from = openers::node(opened, directories)?;
            Some((Way::Peers { from, to }, Way::Peers { from: to, to: from }))
        }
    }
}

async fn connect(
    near: TcpStream,
    target: String,
    ways: Option<(Way, Way)>,
    tolls: watch::Receiver<Tolls>,
) {
    let Ok(far) = TcpStream::connect(target).await else {
        // The node is down. Who opened this takes it for open, and would be back at once.
        return sleep(AGAIN).await;
    };
    if near.set_nodelay(true).and_then(|()| far.set_nodelay(true)).is_err() {
        return;
    }
    let ((near_read, near_write), (far_read, far_write)) = (near.into_split(), far.into_split());
    let (there, back) = (ways.map(|ways| ways.0), ways.map(|ways| ways.1));
    tokio::select! {
        _ = carry(near_read, far_write, there, tolls.clone()) => {}
        _ = carry(far_read, near_write, back, tolls) => {}
    }
}

async fn carry(
    mut from: OwnedReadHalf,
    mut to: OwnedWriteHalf,
    way: Option<Way>,
    mut tolls: watch::Receiver<Tolls>,
) -> anyhow::Result<()> {
    let mut piece = vec![0; PIECE_BYTES];
    loop {
        let count = from.read(&mut piece).await?;
        if count == 0 {
            return Ok(());
        }
        if let Some(way) = way {
            let worst = |all: &Tolls| all.get(&way).copied().unwrap_or_default();
            tolls.wait_for(|all| worst(all).lost_percent < ALL_PERCENT).await?;
            let worst = worst(&tolls.borrow());
            // Chance of its own: where a connection is in its pieces is chance already.
            if rand::random_range(0..ALL_PERCENT) < worst.lost_percent {
                sleep(AGAIN).await;
            }
            if worst.late_ms > 0 {
                sleep(Duration::from_millis(rand::random_range(0..=worst.late_ms).into())).await;
            }
        }
        to.write_all(&piece[..count]).await?;
    }
}

#[cfg(test)]
mod tests {
    use super::{Face, Link, Links};
    use crate::chaos::cuts::{ALL_PERCENT, Cuts, Toll};
    use crate::chaos::ways::Way;
    use std::collections::BTreeSet;
    use std::io::{ErrorKind, Read as _, Write as _};
    use std::net::{TcpListener, TcpStream};
    use std::time::Duration;

    #[test]
    fn what_is_cut_waits_until_it_is_mended_and_the_other_direction_goes_on() {
        let target = TcpListener::bind("127.0.0.1:0").unwrap();
        let links = Links::new().unwrap();
        let address = target.local_addr().unwrap().to_string();
        let link = Link { node: 2, target: address, face: Face::Api };
        let begins = links.carry(link, [].into()).unwrap();
        let cuts = Cuts::with(links.scissors()).unwrap();
        let cut = cuts.cut(BTreeSet::from([Way::ToNode(2)]), Toll::Lost(ALL_PERCENT)).unwrap();
        let mut near = TcpStream::connect(begins).unwrap();
        let (mut far, _) = target.accept().unwrap();
        near.write_all(b"there").unwrap();
        far.write_all(b"back").unwrap();
        let mut read = [0; 4];
        near.read_exact(&mut read).unwrap();
        assert_eq!(&read, b"back");
        far.set_read_timeout(Some(Duration::from_millis(100))).unwrap();
        let held = far.read(&mut read).unwrap_err();
        assert!([ErrorKind::WouldBlock, ErrorKind::TimedOut].contains(&held.kind()), "{held}");
        cuts.mend(cut).unwrap();
        far.set_read_timeout(None).unwrap();
        far.read_exact(&mut read).unwrap();
        assert_eq!(&read, b"ther");
    }
}
