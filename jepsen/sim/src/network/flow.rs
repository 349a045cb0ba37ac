//! One body on its way: its frames arrive in their order, each when its time has come and the way is open.
//!
//! A task of the sending process hands the frames over, as its connection would. When that process dies, the receiver
//! finds the connection broken.

use crate::network::router::{Router, Way};
use hyper::body::{Body as _, Bytes, Frame};
use regent_raft::runtime::tasks;
use std::future::poll_fn;
use std::pin::Pin;
use std::task::{Context, Poll, ready};
use tokio::sync::mpsc;
use tokio::time::Instant;
use tonic::Status;
use tonic::body::Body;

/// Frames on their way at once; beyond that the sender waits, as it would for a full window.
const FRAMES_MAX: usize = 64;

type Sent = Result<Frame<Bytes>, Status>;

/// What is on its way.
enum Passing {
    Frame { arrives: Instant, sent: Sent },
    End { arrives: Instant },
}

/// A body as it comes out at the other end.
pub(crate) struct Flow {
    router: Router,
    way: Way,
    what: String,
    frames: mpsc::Receiver<Passing>,
    next: Next,
}

enum Next {
    Unknown,
    Travels(Pin<Box<dyn Future<Output = Passing> + Send>>),
    Over,
}

impl Flow {
    /// Sends a body on its way. To be called in the life of the process that sends it.
    pub(crate) fn begin(router: &Router, way: Way, what: String, body: Body) -> Body {
        if body.is_end_stream() {
            return body;
        }
        let (sender, frames) = mpsc::channel(FRAMES_MAX);
        drop(tasks::spawn(hand_over(router.clone(), body, sender)));
        let next = Next::Unknown;
        Body::new(Self { router: router.clone(), way, what, frames, next })
    }
}

async fn hand_over(router: Router, mut body: Body, frames: mpsc::Sender<Passing>) {
    let mut earliest = Instant::now();
    loop {
        let frame = tokio::select! {
            biased;
            () = frames.closed() => return,
            frame = poll_fn(|context| Pin::new(&mut body).poll_frame(context)) => frame,
        };
        // Nothing overtakes within a stream.
        let arrives = router.arrival().max(earliest);
        earliest = arrives;
        let (passing, is_last) = match frame {
            Some(sent) => {
                let is_last = sent.is_err();
                (Passing::Frame { arrives, sent }, is_last)
            }
            None => (Passing::End { arrives }, true),
        };
        if frames.send(passing).await.is_err() || is_last {
            return;
        }
    }
}

async fn travel(router: Router, way: Way, passing: Passing) -> Passing {
    let (Passing::Frame { arrives, .. } | Passing::End { arrives }) = &passing;
    tokio::time::sleep_until(*arrives).await;
    router.until_open(way).await;
    passing
}

impl hyper::body::Body for Flow {
    type Data = Bytes;
    type Error = Status;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Status>>> {
        let this = &mut *self;
        loop {
            match &mut this.next {
                Next::Over => return Poll::Ready(None),
                Next::Unknown => {
                    let Some(passing) = ready!(this.frames.poll_recv(context)) else {
                        this.next = Next::Over;
                        return Poll::Ready(Some(Err(Status::unavailable("connection reset"))));
                    };
                    let travelling = travel(this.router.clone(), this.way, passing);
                    this.next = Next::Travels(Box::pin(travelling));
                }
                Next::Travels(travelling) => {
                    let passed = ready!(travelling.as_mut().poll(context));
                    this.next = Next::Unknown;
                    return Poll::Ready(this.arrived(passed));
                }
            }
        }
    }
}

impl Flow {
    fn arrived(&mut self, passed: Passing) -> Option<Sent> {
        match passed {
            Passing::Frame { sent: Ok(frame), .. } => {
                let data = frame.data_ref().map_or(&[][..], Bytes::as_ref);
                self.router.trace.note(&self.what, data);
                Some(Ok(frame))
            }
            Passing::Frame { sent: Err(status), .. } => {
                self.next = Next::Over;
                Some(Err(status))
            }
            Passing::End { .. } => {
                self.next = Next::Over;
                None
            }
        }
    }
}
