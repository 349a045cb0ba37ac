//! What lies between two nodes: sockets in production, what a simulation puts in their place.
//!
//! The seam is where gRPC meets its transport, so that everything above it is the same in both: stubs, the service and
//! its gate, bounds and deadlines. HTTP/2 itself and the sockets are not simulated; the process tiers have them.

use futures::future::{BoxFuture, Either, TryFutureExt as _};
use std::fmt::Debug;
use std::sync::Arc;
use std::task::{Context, Poll};
use tokio_util::sync::CancellationToken;
use tonic::body::Body;
use tonic::codegen::{Service, StdError, http};
use tonic::transport::Channel;

/// A request as it goes over the wire: its body is framed messages.
pub type WireRequest = http::Request<Body>;
/// An answer as it goes over the wire.
pub type WireResponse = http::Response<Body>;
/// What a node does with a request that has reached it.
pub type Answering = Arc<dyn Fn(WireRequest) -> BoxFuture<'static, WireResponse> + Send + Sync>;

/// The wires of one simulated node.
pub trait Wires: Debug + Send + Sync {
    /// Carries a request to whoever serves at `address`, and back what he answers. An error whose cause is a
    /// [`tonic::ConnectError`] says that the request was not sent.
    fn carry(
        &self,
        address: &str,
        request: WireRequest,
    ) -> BoxFuture<'static, Result<WireResponse, StdError>>;

    /// Has what arrives at this node answered, until `shutdown`.
    fn serve(&self, answering: Answering, shutdown: CancellationToken) -> BoxFuture<'static, ()>;
}

/// How a node reaches others.
#[derive(Clone, Debug, Default)]
pub enum Wire {
    /// Over TCP.
    #[default]
    Sockets,
    /// Over what a simulation has laid.
    Simulated(Arc<dyn Wires>),
}

/// What a client makes its requests over.
#[derive(Clone, Debug)]
pub enum Connection {
    /// An HTTP/2 connection, made when first used.
    Socket(Channel),
    /// The wires to an address.
    Simulated {
        /// Where to.
        address: Arc<str>,
        /// Over what.
        wires: Arc<dyn Wires>,
    },
}

type ChannelFuture = <Channel as Service<WireRequest>>::Future;
type Carried = BoxFuture<'static, Result<WireResponse, StdError>>;

impl Service<WireRequest> for Connection {
    type Response = WireResponse;
    type Error = StdError;
    type Future = Either<futures::future::ErrInto<ChannelFuture, StdError>, Carried>;

    fn poll_ready(&mut self, context: &mut Context<'_>) -> Poll<Result<(), StdError>> {
        match self {
            Self::Socket(channel) => Service::poll_ready(channel, context).map_err(StdError::from),
            Self::Simulated { .. } => Poll::Ready(Ok(())),
        }
    }

    fn call(&mut self, request: WireRequest) -> Self::Future {
        match self {
            Self::Socket(channel) => Either::Left(Service::call(channel, request).err_into()),
            Self::Simulated { address, wires } => Either::Right(wires.carry(address, request)),
        }
    }
}
