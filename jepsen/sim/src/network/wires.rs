//! What one process has of the wires: how its requests get to others, and how those of others are answered.

use crate::names::HostId;
use crate::network::flow::Flow;
use crate::network::router::{Door, Router, Way};
use crate::network::twice::{doubled, may_be_told, may_come_twice};
use futures::FutureExt as _;
use futures::future::BoxFuture;
use regent_raft::network::wire::{Answering, WireRequest, WireResponse, Wires};
use regent_raft::runtime::life::Life;
use regent_raft::runtime::tasks;
use std::time::Duration;
use tokio::task::AbortHandle;
use tokio_util::sync::CancellationToken;
use tonic::codegen::StdError;
use tonic::{ConnectError, Status};

/// After this long without an answer a connection is given up. The product's own patience for connecting.
const CONNECT_MAX: Duration = Duration::from_millis(500);

/// The wires of one process on a host.
#[derive(Clone, Debug)]
pub struct HostWires {
    /// All wires.
    pub router: Router,
    /// The host.
    pub own: HostId,
    /// The process.
    pub life: Life,
}

impl HostWires {
    async fn deliver(self, to: HostId, request: WireRequest) -> Result<WireResponse, StdError> {
        let there = (self.own, to);
        let router = self.router;
        tokio::time::sleep_until(router.arrival()).await;
        if !router.is_open_within(there, CONNECT_MAX).await {
            return Err(not_connected("no answer"));
        }
        if router.door(to).is_none() {
            return Err(not_connected("connection refused"));
        }
        let method = request.uri().path().rsplit('/').next().unwrap_or_default().to_owned();
        let what = format!("{} to {to}: {method}", self.own);
        router.trace.note(&what, &[]);
        let mut request = request.map(|body| Flow::begin(&router, there, what, body));
        let back = (to, self.own);
        let comes_twice = may_come_twice(&method) && router.comes_twice();
        let is_told = !comes_twice || may_be_told(&method);
        if comes_twice {
            let [first, second] = doubled(request).await?;
            request = first;
            drop(tasks::spawn(come_later(router.clone(), back, second)));
        }
        let answer = answered(&router, back, method, request).await?;
        tokio::time::sleep_until(router.arrival()).await;
        router.until_open(back).await;
        if is_told { Ok(answer) } else { Err(reset()) }
    }
}

/// The second time a request comes, nobody waits for the answer.
async fn come_later(router: Router, back: Way, request: WireRequest) {
    tokio::time::sleep_until(router.arrival()).await;
    drop(answered(&router, back, "again".to_owned(), request).await);
}

/// Has the request answered by a task of the process behind the door.
async fn answered(
    router: &Router,
    back: Way,
    method: String,
    request: WireRequest,
) -> Result<WireResponse, StdError> {
    let (there, what) = (router.clone(), format!("{} to {}: {method}", back.0, back.1));
    // Looked up at the last moment, and not kept: it holds the process behind it.
    let Some(door) = router.door(back.0) else { return Err(reset()) };
    let life = door.life.clone();
    let method_answered = method;
    let task = life.spawn(async move {
        let answer = (door.answering)(request).await;
        there.answered(back, &method_answered);
        answer.map(|body| Flow::begin(&there, back, what, body))
    });
    let unwanted = GivenUp { task: task.abort_handle(), router: router.clone(), back };
    let answer = task.await;
    drop(unwanted);
    answer.map_err(|_gone| reset())
}

fn reset() -> StdError {
    Status::unavailable("connection reset").into()
}

/// A request that its caller gives up is given up by who answers it, too, if he hears of it.
struct GivenUp {
    task: AbortHandle,
    router: Router,
    back: Way,
}

impl Drop for GivenUp {
    fn drop(&mut self) {
        let (answerer, caller) = self.back;
        if !self.router.is_cut((caller, answerer)) {
            self.task.abort();
        }
    }
}

fn not_connected(why: &str) -> StdError {
    ConnectError(why.into()).into()
}

impl Wires for HostWires {
    fn carry(
        &self,
        address: &str,
        request: WireRequest,
    ) -> BoxFuture<'static, Result<WireResponse, StdError>> {
        match HostId::of_address(address) {
            Some(to) => self.clone().deliver(to, request).boxed(),
            None => futures::future::ready(Err(not_connected("no such host"))).boxed(),
        }
    }

    fn serve(&self, answering: Answering, shutdown: CancellationToken) -> BoxFuture<'static, ()> {
        let Self { router, own, life } = self.clone();
        async move {
            router.open(own, Door { answering, life });
            shutdown.cancelled().await;
            router.close(own);
        }
        .boxed()
    }
}
