//! A region node that says what the test wants it to. It runs on threads of its own, so that it can be killed.

use regent_proto::rack;
use regent_proto::rack::from_rack::Message as FromRack;
use regent_proto::rack::rack_server::{Rack, RackServer};
use regent_proto::rack::to_rack::Message as ToRack;
use regent_rack_agent::endpoint::Endpoint;
use std::net::Ipv4Addr;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;
use tokio::net::TcpListener;
use tokio::runtime::{Builder, Runtime};
use tokio::sync::mpsc;
use tokio::time::timeout;
use tokio_stream::wrappers::{ReceiverStream, TcpListenerStream};
use tonic::transport::Server;
use tonic::{Request, Response, Status, Streaming};

/// What should happen at once has to happen within this, also on a busy machine.
const SOON: Duration = Duration::from_secs(10);

/// Waits for what should happen at once.
pub(crate) async fn soon<T>(awaited: impl Future<Output = T>) -> T {
    timeout(SOON, awaited).await.expect("it should have happened long ago")
}

/// A node.
pub(crate) struct RegionNode {
    /// Where it is.
    pub(crate) endpoint: Endpoint,
    visits: mpsc::Receiver<Visit>,
    enrolments: mpsc::Receiver<rack::EnrolRequest>,
    leaves: mpsc::Receiver<rack::LeaveRequest>,
    threads: Option<Runtime>,
}

/// A session that a rack opened.
pub(crate) struct Visit {
    /// What it said first.
    pub(crate) hello: rack::Hello,
    incoming: Streaming<rack::FromRack>,
    outgoing: mpsc::Sender<Result<rack::ToRack, Status>>,
}

struct Script {
    visits: mpsc::Sender<Visit>,
    enrolments: mpsc::Sender<rack::EnrolRequest>,
    leaves: mpsc::Sender<rack::LeaveRequest>,
    token: Result<(), Status>,
    reply: Result<rack::EnrolReply, Status>,
}

impl RegionNode {
    /// A node that listens.
    pub(crate) fn start() -> Self {
        Self::start_with(Err(Status::permission_denied("no such token")))
    }

    /// A node that answers every enrolment like this, and takes a token if it answers well.
    pub(crate) fn start_with(reply: Result<rack::EnrolReply, Status>) -> Self {
        Self::start_saying(reply.clone().map(drop), reply)
    }

    /// A node that says this of every token, and answers every enrolment like that.
    pub(crate) fn start_saying(
        token: Result<(), Status>,
        reply: Result<rack::EnrolReply, Status>,
    ) -> Self {
        let threads = Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
        let (visited, visits) = mpsc::channel(64);
        let (enrolled, enrolments) = mpsc::channel(64);
        let (left, leaves) = mpsc::channel(64);
        let script = Script { visits: visited, enrolments: enrolled, leaves: left, token, reply };
        // Bound here and not on its threads: the test may not wait for them from a runtime of its own.
        let listener = std::net::TcpListener::bind((own_address(), 0)).unwrap();
        listener.set_nonblocking(true).unwrap();
        let endpoint = listener.local_addr().unwrap().to_string().parse().unwrap();
        threads.spawn(async move {
            let incoming = TcpListenerStream::new(TcpListener::from_std(listener).unwrap());
            Server::builder()
                .add_service(RackServer::new(script))
                .serve_with_incoming(incoming)
                .await
                .unwrap();
        });
        Self { endpoint, visits, enrolments, leaves, threads: Some(threads) }
    }

    /// The next session that is opened here.
    pub(crate) async fn visited(&mut self) -> Visit {
        soon(self.visits.recv()).await.expect("it listens")
    }

    /// The next session that is opened here, welcomed.
    pub(crate) async fn welcomes(&mut self) -> Visit {
        let visit = self.visited().await;
        visit.say(ToRack::Welcome(welcome())).await;
        visit
    }

    /// The next enrolment that is asked for here.
    pub(crate) async fn enrolled(&mut self) -> rack::EnrolRequest {
        soon(self.enrolments.recv()).await.expect("it listens")
    }

    /// The next rack that leaves: it is let go.
    pub(crate) async fn left(&mut self) -> rack::LeaveRequest {
        soon(self.leaves.recv()).await.expect("it listens")
    }

    /// Whether nobody has asked for an enrolment by now.
    pub(crate) fn was_not_asked(&mut self) -> bool {
        self.enrolments.try_recv().is_err()
    }

    /// Whether nobody has opened another session by now.
    pub(crate) fn has_no_visitor(&mut self) -> bool {
        self.visits.try_recv().is_err()
    }

    /// As `kill -9` does. When this returns, nobody listens there any more.
    pub(crate) fn kill(mut self) {
        let threads = self.threads.take().expect("it lives");
        // Waiting for the end is not allowed on a thread that runs a test.
        std::thread::spawn(|| threads.shutdown_timeout(SOON)).join().unwrap();
    }

    fn stop(&mut self) {
        if let Some(threads) = self.threads.take() {
            threads.shutdown_background();
        }
    }
}

impl Drop for RegionNode {
    fn drop(&mut self) {
        self.stop();
    }
}

impl Visit {
    /// Says something.
    pub(crate) async fn say(&self, message: ToRack) {
        self.say_raw(rack::ToRack { message: Some(message) }).await;
    }

    /// Says something, or nothing at all.
    pub(crate) async fn say_raw(&self, message: rack::ToRack) {
        soon(self.outgoing.send(Ok(message))).await.expect("the rack listens");
    }

    /// The next thing that the rack says.
    pub(crate) async fn hears(&mut self) -> FromRack {
        let message = soon(self.incoming.message()).await.expect("the stream holds");
        message.and_then(|message| message.message).expect("the rack says something")
    }

    /// The next question of the rack; what it says of itself is not looked at.
    pub(crate) async fn is_asked(&mut self) -> rack::Ask {
        loop {
            match self.hears().await {
                FromRack::Ask(ask) => return ask,
                FromRack::Heartbeat(_) | FromRack::Interfaces(_) | FromRack::Probed(_) => {}
                FromRack::Hello(_) => panic!("a second hello"),
            }
        }
    }

    /// Waits until the rack has left.
    pub(crate) async fn is_left(&mut self) {
        while let Ok(Some(_)) = soon(self.incoming.message()).await {}
    }
}

/// An address of this host that no other node has: a rack must not find another test's node where one was killed.
fn own_address() -> Ipv4Addr {
    static NODES: AtomicU32 = AtomicU32::new(1);
    let number = NODES.fetch_add(1, Ordering::Relaxed);
    Ipv4Addr::from_bits(Ipv4Addr::new(127, 1, 0, 0).to_bits() + number)
}

/// The usual welcome.
pub(crate) fn welcome() -> rack::Welcome {
    rack::Welcome {
        cluster_id: "c1".into(),
        epoch: 1,
        session: 77,
        life: 3,
        rack: 4,
        now: 1_000,
        heartbeat_ms: 60_000,
        node: 9,
    }
}

#[tonic::async_trait]
impl Rack for Script {
    type SessionStream = ReceiverStream<Result<rack::ToRack, Status>>;

    async fn enrol(
        &self,
        request: Request<rack::EnrolRequest>,
    ) -> Result<Response<rack::EnrolReply>, Status> {
        self.enrolments.send(request.into_inner()).await.expect("the test looks on");
        self.reply.clone().map(Response::new)
    }

    async fn check_token(
        &self,
        _request: Request<rack::CheckTokenRequest>,
    ) -> Result<Response<rack::CheckTokenReply>, Status> {
        self.token.clone().map(|()| Response::new(rack::CheckTokenReply {}))
    }

    async fn leave(
        &self,
        request: Request<rack::LeaveRequest>,
    ) -> Result<Response<rack::LeaveReply>, Status> {
        self.leaves.send(request.into_inner()).await.expect("the test looks on");
        Ok(Response::new(rack::LeaveReply {}))
    }

    async fn session(
        &self,
        request: Request<Streaming<rack::FromRack>>,
    ) -> Result<Response<Self::SessionStream>, Status> {
        let mut incoming = request.into_inner();
        let first = incoming.message().await?.and_then(|message| message.message);
        let Some(FromRack::Hello(hello)) = first else {
            return Err(Status::invalid_argument("no hello"));
        };
        let (outgoing, sent) = mpsc::channel(64);
        let visit = Visit { hello, incoming, outgoing };
        self.visits.send(visit).await.map_err(|_| Status::unavailable("the test is over"))?;
        Ok(Response::new(ReceiverStream::new(sent)))
    }
}
