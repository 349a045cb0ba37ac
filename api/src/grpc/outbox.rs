//! The way to a rack: a few messages at a time, each taken in time or the rack is let go.

use crate::grpc::limits::{OUTBOX_MESSAGES_MAX, SEND_TIME};
use regent_proto::rack::ToRack;
use regent_proto::rack::to_rack::Message;
use std::time::Instant;
use tokio::sync::mpsc;
use tokio::time::timeout;
use tokio_stream::wrappers::ReceiverStream;
use tonic::Status;

/// What a rack is sent.
pub type Outgoing = ReceiverStream<Result<ToRack, Status>>;

/// The sending end.
#[derive(Debug)]
pub struct Outbox {
    queue: mpsc::Sender<Result<ToRack, Status>>,
    last: Instant,
}

/// Why a message was not taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NotTaken {
    /// The rack has hung up.
    Gone,
    /// It took nothing for [`SEND_TIME`].
    Slow,
}

impl Outbox {
    /// Both ends.
    #[must_use]
    pub fn new() -> (Self, Outgoing) {
        let (queue, outgoing) = mpsc::channel(OUTBOX_MESSAGES_MAX);
        (Self { queue, last: Instant::now() }, ReceiverStream::new(outgoing))
    }

    /// Sends a message.
    ///
    /// # Errors
    /// [`NotTaken`].
    pub async fn send(&mut self, message: Message) -> Result<(), NotTaken> {
        let sent = self.queue.send(Ok(ToRack { message: Some(message) }));
        let sent = timeout(SEND_TIME, sent).await.map_err(|_| NotTaken::Slow)?;
        self.last = Instant::now();
        sent.map_err(|_| NotTaken::Gone)
    }

    /// Ready when the rack has hung up.
    pub async fn hung_up(&self) {
        self.queue.closed().await;
    }

    /// When something was sent last.
    #[must_use]
    pub const fn last(&self) -> Instant {
        self.last
    }
}
