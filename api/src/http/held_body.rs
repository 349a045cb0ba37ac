//! An answer's body that keeps its room until it is written.
//!
//! It is handed over in small pieces: what is handed over at once counts as written, whether anybody reads it or not.

use axum::body::{Body, HttpBody};
use bytes::Bytes;
use hyper::body::{Frame, SizeHint};
use std::pin::Pin;
use std::task::{Context, Poll, ready};

/// Bytes of a piece.
const PIECE_BYTES_MAX: usize = 16 << 10;

/// A body and the room it keeps.
pub struct HeldBody<R> {
    body: Body,
    /// What came of the body and is not handed over yet.
    rest: Bytes,
    _room: R,
}

impl<R: Send + Unpin + 'static> HeldBody<R> {
    /// The body with its room.
    pub fn hold(body: Body, room: R) -> Body {
        Body::new(Self { body, rest: Bytes::new(), _room: room })
    }
}

impl<R: Unpin> HttpBody for HeldBody<R> {
    type Data = Bytes;
    type Error = axum::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, axum::Error>>> {
        if self.rest.is_empty() {
            match ready!(Pin::new(&mut self.body).poll_frame(context)) {
                Some(Ok(frame)) => match frame.into_data() {
                    Ok(data) => self.rest = data,
                    Err(other) => return Poll::Ready(Some(Ok(other))),
                },
                ended => return Poll::Ready(ended),
            }
        }
        let piece = self.rest.len().min(PIECE_BYTES_MAX);
        Poll::Ready(Some(Ok(Frame::data(self.rest.split_to(piece)))))
    }

    fn is_end_stream(&self) -> bool {
        self.rest.is_empty() && self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        let rest = self.rest.len() as u64;
        let inner = self.body.size_hint();
        let mut hint = SizeHint::new();
        hint.set_lower(inner.lower() + rest);
        if let Some(upper) = inner.upper() {
            hint.set_upper(upper + rest);
        }
        hint
    }
}
