//! A rack on its way to another node while its session goes on.
//!
//! The other node is connected to first; if that fails nothing was lost. Then, once nothing is asked, the session is opened
//! there, which ends the one here.

use crate::endpoint::Endpoint;
use crate::region::connection::connect;
use crate::region::end::End;
use crate::region::pace::Pace;
use futures::future::{BoxFuture, pending};
use regent_proto::rack::rack_client::RackClient;
use std::fmt;
use tonic::transport::Channel;

/// A client of a node.
pub type Client = RackClient<Channel>;

/// How far it is.
#[derive(Default)]
pub enum Moving {
    /// It stays.
    #[default]
    No,
    /// On its way to this node.
    Reaching(Endpoint, BoxFuture<'static, Result<Client, End>>),
    /// Connected to this node; waits until nothing is asked.
    There(Endpoint, Client),
}

impl fmt::Debug for Moving {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::No => f.write_str("stays"),
            Self::Reaching(endpoint, _) => write!(f, "reaches for {endpoint}"),
            Self::There(endpoint, _) => write!(f, "waits to go on at {endpoint}"),
        }
    }
}

impl Moving {
    /// The way to this node, instead of any other.
    #[must_use]
    pub fn to(endpoint: Endpoint, pace: Pace) -> Self {
        let target = endpoint.clone();
        Self::Reaching(endpoint, Box::pin(async move { connect(&target, &pace).await }))
    }

    /// Waits until the node is reached or is not. May be dropped while it waits.
    ///
    /// # Errors
    /// Why it is not.
    pub async fn progress(&mut self) -> Result<Client, End> {
        match self {
            Self::Reaching(_, reaching) => reaching.await,
            Self::No | Self::There(..) => pending().await,
        }
    }

    /// What came of the way.
    pub fn reached(&mut self, client: Result<Client, End>) {
        *self = match (std::mem::take(self), client) {
            (Self::Reaching(endpoint, _), Ok(client)) => Self::There(endpoint, client),
            (Self::Reaching(endpoint, _), Err(end)) => {
                tracing::info!(%endpoint, reason = %end, "stayed with the region node");
                Self::No
            }
            (unmoved @ (Self::No | Self::There(..)), _) => unmoved,
        };
    }

    /// Where to open a session, if it is there.
    pub fn arrive(&mut self) -> Option<(Endpoint, Client)> {
        match std::mem::take(self) {
            Self::There(endpoint, client) => Some((endpoint, client)),
            unmoved @ (Self::No | Self::Reaching(..)) => {
                *self = unmoved;
                None
            }
        }
    }
}
