//! Bounds what peers make this node hold before anybody knows who they are: the bytes of messages that are arriving,
//! over all connections, and the time each may take.
//!
//! Stands between the connection and the service. A stream's message counts until it is complete, a single request
//! until it is answered.

use crate::network::framing::{Framing, Mark};
use crate::network::limits::MESSAGE_BYTES_MAX;
use crate::network::refusal::Refusal;
use bytes::Bytes;
use futures::future::BoxFuture;
use hyper::body::{Body as HttpBody, Frame, SizeHint};
use std::convert::Infallible;
use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll, ready};
use std::time::Duration;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::time::{self, Sleep};
use tonic::Status;
use tonic::body::Body;
use tonic::codegen::{Service, http};
use tonic::server::NamedService;

/// Methods whose requests are streams.
const STREAMS: [&str; 2] = ["Append", "Snapshot"];

/// A service behind these bounds.
#[derive(Clone, Debug)]
pub(crate) struct Intake<S> {
    service: S,
    room: Arc<Semaphore>,
    message_max: Duration,
}

impl<S> Intake<S> {
    /// `bytes_max` for all messages arriving at once, `message_max` for each to arrive.
    pub(crate) fn new(service: S, bytes_max: usize, message_max: Duration) -> Self {
        Self { service, room: Arc::new(Semaphore::new(bytes_max)), message_max }
    }
}

impl<S: NamedService> NamedService for Intake<S> {
    const NAME: &'static str = S::NAME;
}

impl<S> Service<http::Request<Body>> for Intake<S>
where
    S: Service<http::Request<Body>, Response = http::Response<Body>, Error = Infallible>,
    S::Future: Send + 'static,
{
    type Response = S::Response;
    type Error = Infallible;
    type Future = BoxFuture<'static, Result<S::Response, Infallible>>;

    fn poll_ready(&mut self, context: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        self.service.poll_ready(context)
    }

    fn call(&mut self, request: http::Request<Body>) -> Self::Future {
        let method = request.uri().path().rsplit('/').next().unwrap_or_default();
        let kind = if STREAMS.contains(&method) { Kind::Stream } else { Kind::Single };
        let share = Arc::new(Share { room: Arc::clone(&self.room), held: Mutex::default() });
        let held = match kind {
            Kind::Single => Some(Arc::clone(&share)),
            Kind::Stream => None,
        };
        let message_max = self.message_max;
        let request = request.map(|body| Body::new(Arriving::new(body, kind, share, message_max)));
        let response = self.service.call(request);
        Box::pin(async move {
            let response = response.await;
            drop(held);
            response
        })
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    Single,
    Stream,
}

/// What one request holds of the room there is.
#[derive(Debug)]
struct Share {
    room: Arc<Semaphore>,
    held: Mutex<Option<OwnedSemaphorePermit>>,
}

impl Share {
    fn take(&self, bytes: usize) -> Result<(), Refusal> {
        let bytes = u32::try_from(bytes).map_err(|_| Refusal::Busy)?;
        let more = Arc::clone(&self.room).try_acquire_many_owned(bytes);
        let more = more.map_err(|_| Refusal::Busy)?;
        let mut held = self.held.lock().unwrap_or_else(PoisonError::into_inner);
        match held.as_mut() {
            Some(held) => held.merge(more),
            None => *held = Some(more),
        }
        Ok(())
    }

    fn give_back(&self) {
        *self.held.lock().unwrap_or_else(PoisonError::into_inner) = None;
    }
}

/// The body of a request while it arrives.
struct Arriving {
    body: Body,
    kind: Kind,
    share: Arc<Share>,
    framing: Framing,
    message_max: Duration,
    /// When the message under way, or the one the request must bring, has to be complete.
    due: Option<Pin<Box<Sleep>>>,
}

impl Arriving {
    fn new(body: Body, kind: Kind, share: Arc<Share>, message_max: Duration) -> Self {
        let due = Some(Box::pin(time::sleep(message_max)));
        Self { body, kind, share, framing: Framing::START, message_max, due }
    }

    fn take(&mut self, mut data: &[u8]) -> Result<(), Refusal> {
        while let Some(mark) = self.framing.advance(&mut data) {
            match (mark, self.kind) {
                // The service refuses it by its prefix, and says why.
                (Mark::Begun(length), _) if length > MESSAGE_BYTES_MAX => {}
                (Mark::Begun(length), _) => self.share.take(length)?,
                (Mark::Ended, Kind::Stream) => {
                    self.share.give_back();
                    self.due = None;
                }
                (Mark::Ended, Kind::Single) => {}
            }
        }
        if self.due.is_none() && !self.framing.is_between_messages() {
            self.due = Some(Box::pin(time::sleep(self.message_max)));
        }
        Ok(())
    }

    fn poll_due(&mut self, context: &mut Context<'_>) -> Poll<Status> {
        let Some(due) = &mut self.due else { return Poll::Pending };
        ready!(due.as_mut().poll(context));
        Poll::Ready(Status::deadline_exceeded("the message did not arrive in time"))
    }
}

impl HttpBody for Arriving {
    type Data = Bytes;
    type Error = Status;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Status>>> {
        let Poll::Ready(frame) = Pin::new(&mut self.body).poll_frame(context) else {
            return self.poll_due(context).map(|late| Some(Err(late)));
        };
        let Some(frame) = frame.transpose()? else { return Poll::Ready(None) };
        if let Some(data) = frame.data_ref() {
            self.take(data)?;
        }
        Poll::Ready(Some(Ok(frame)))
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}

#[cfg(test)]
mod tests {
    use super::{Arriving, Kind, Share};
    use crate::network::refusal::Refusal;
    use std::sync::{Arc, Mutex};
    use std::time::Duration;
    use tokio::sync::Semaphore;
    use tonic::body::Body;

    fn arriving(room: &Arc<Semaphore>, kind: Kind) -> Arriving {
        let share = Arc::new(Share { room: Arc::clone(room), held: Mutex::default() });
        Arriving::new(Body::empty(), kind, share, Duration::from_secs(1))
    }

    #[tokio::test]
    async fn messages_of_all_requests_share_one_room() {
        let room = Arc::new(Semaphore::new(100));
        let mut first = arriving(&room, Kind::Stream);
        let mut second = arriving(&room, Kind::Single);
        assert_eq!(first.take(&[0, 0, 0, 0, 60, 1, 2, 3]), Ok(()));
        assert_eq!(second.take(&[0, 0, 0, 0, 60]), Err(Refusal::Busy));
        drop(first);
        assert_eq!(room.available_permits(), 100);
    }

    #[tokio::test]
    async fn complete_message_of_a_stream_makes_room_again() {
        let room = Arc::new(Semaphore::new(100));
        let mut stream = arriving(&room, Kind::Stream);
        for _ in 0..10 {
            stream.take(&[0, 0, 0, 0, 60]).unwrap();
            assert_eq!(room.available_permits(), 40);
            stream.take(&[7; 60]).unwrap();
            assert_eq!(room.available_permits(), 100);
        }
        assert!(stream.due.is_none(), "a stream may rest between messages");
        stream.take(&[0]).unwrap();
        assert!(stream.due.is_some());
    }

    #[tokio::test]
    async fn complete_single_request_holds_its_room_until_it_is_answered() {
        let room = Arc::new(Semaphore::new(100));
        let mut single = arriving(&room, Kind::Single);
        single.take(&[0, 0, 0, 0, 2, 1, 1]).unwrap();
        assert_eq!(room.available_permits(), 98);
        assert!(single.due.is_some(), "its end must still come");
    }
}
