//! The stream to one region node. The only file of the room that speaks gRPC, beside `enrol` and
//! `leave`.

use crate::endpoint::Endpoint;
use crate::region::end::End;
use crate::region::pace::Pace;
use crate::region::said;
use crate::region::said::{Said, Welcome};
use crate::region::situation::Hello;
use regent_proto::malformed::{Fault, Malformed};
use regent_proto::rack;
use regent_proto::rack::from_rack::Message;
use regent_proto::rack::rack_client::RackClient;
use std::error::Error;
use tokio::sync::mpsc;
use tokio::sync::mpsc::error::TrySendError;
use tokio::time::timeout;
use tokio_stream::wrappers::ReceiverStream;
use tonic::transport::{Channel, Endpoint as Target};
use tonic::{Status, Streaming};

/// Largest message of a region node: a part of a view and its frame, in bytes.
pub const TO_RACK_BYTES_MAX: usize = 2 << 20;
/// Messages that wait to be taken by the node. There is one question at a time, and heartbeats.
const OUTGOING_MAX: usize = 16;
/// Bytes of a stream that a node may send ahead.
const WINDOW_BYTES: u32 = 1 << 20;

/// A session that a node welcomed.
#[derive(Debug)]
pub struct Connection {
    /// Where.
    pub endpoint: Endpoint,
    /// The welcome.
    pub welcome: Welcome,
    outgoing: mpsc::Sender<rack::FromRack>,
    incoming: Streaming<rack::ToRack>,
}

/// A client of the node there.
///
/// # Errors
/// [`End::Unreachable`].
pub async fn connect(endpoint: &Endpoint, pace: &Pace) -> Result<RackClient<Channel>, End> {
    let unreachable = |error: &dyn Error| End::Unreachable(whole(error));
    let target = Target::from_shared(format!("http://{endpoint}"));
    let target = target.map_err(|error| unreachable(&error))?;
    let target = target
        .connect_timeout(pace.connect)
        .tcp_nodelay(true)
        .http2_keep_alive_interval(pace.ping)
        .keep_alive_timeout(pace.pong)
        .keep_alive_while_idle(true)
        .initial_stream_window_size(WINDOW_BYTES)
        .initial_connection_window_size(WINDOW_BYTES);
    let channel = timeout(pace.connect, target.connect()).await;
    let channel = channel.map_err(|elapsed| unreachable(&elapsed))?;
    let channel = channel.map_err(|error| unreachable(&error))?;
    Ok(RackClient::new(channel).max_decoding_message_size(TO_RACK_BYTES_MAX))
}

impl Connection {
    /// Opens a session.
    ///
    /// # Errors
    /// Why there is none.
    pub async fn open(
        client: RackClient<Channel>,
        endpoint: Endpoint,
        hello: Hello,
        pace: &Pace,
    ) -> Result<Self, End> {
        let opening = Self::begin(client, endpoint, hello);
        timeout(pace.welcome, opening).await.map_err(|_elapsed| End::NoWelcome)?
    }

    async fn begin(
        mut client: RackClient<Channel>,
        endpoint: Endpoint,
        Hello(hello): Hello,
    ) -> Result<Self, End> {
        let cluster_id = hello.cluster_id.clone();
        let (outgoing, waiting) = mpsc::channel(OUTGOING_MAX);
        let hello = rack::FromRack { message: Some(Message::Hello(hello)) };
        outgoing.try_send(hello).map_err(|_| End::Stuck)?;
        let reply = client.session(ReceiverStream::new(waiting)).await;
        let mut incoming = reply.map_err(|status| broken(&status))?.into_inner();
        let first = incoming.message().await.map_err(|status| broken(&status))?;
        match said::read(first.ok_or_else(ended)?)? {
            Said::Welcome(welcome) if welcome.cluster_id == cluster_id => {
                Ok(Self { endpoint, welcome, outgoing, incoming })
            }
            Said::Welcome(welcome) => Err(End::OtherCluster(welcome.cluster_id)),
            Said::Goodbye(goodbye) => Err(goodbye.into()),
            Said::View(_)
            | Said::Nodes(_)
            | Said::Fellows(_)
            | Said::Answers(_)
            | Said::Move(_)
            | Said::Probe(_) => Err(Malformed::new("welcome", Fault::Missing).into()),
        }
    }

    /// The next message. May be dropped while it waits.
    ///
    /// # Errors
    /// [`End::Broken`].
    pub async fn receive(&mut self) -> Result<rack::ToRack, End> {
        self.incoming.message().await.map_err(|status| broken(&status))?.ok_or_else(ended)
    }

    /// Sends a message.
    ///
    /// # Errors
    /// [`End::Stuck`] if too many wait already, [`End::Broken`] if the stream is gone.
    pub fn send(&self, message: rack::FromRack) -> Result<(), End> {
        self.outgoing.try_send(message).map_err(|refused| match refused {
            TrySendError::Full(_) => End::Stuck,
            TrySendError::Closed(_) => ended(),
        })
    }
}

fn broken(status: &Status) -> End {
    End::Broken(format!("{:?}: {}", status.code(), status.message()))
}

fn ended() -> End {
    End::Broken("the region node ended it without a word".to_owned())
}

/// An error with all its reasons.
fn whole(error: &dyn Error) -> String {
    let mut text = error.to_string();
    let mut source = error.source();
    while let Some(error) = source {
        text.push_str(": ");
        text.push_str(&error.to_string());
        source = error.source();
    }
    text
}
