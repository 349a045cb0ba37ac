//! Requests that come twice. TCP does not do that, but the product sends some of its requests again itself, and then the
//! first may still be under way: those must do no harm however often they come.

use hyper::body::{Body as HttpBody, Bytes, Frame};
use regent_raft::network::wire::WireRequest;
use std::convert::Infallible;
use std::future::poll_fn;
use std::pin::Pin;
use std::task::{Context, Poll};
use tonic::Status;
use tonic::body::Body;
use tonic::codegen::http::Request;

/// Methods that may come twice.
const METHODS: [&str; 4] = ["Vote", "PreVote", "Forward", "ReadIndex"];

/// Whether a request of this method may come twice.
pub(crate) fn may_come_twice(method: &str) -> bool {
    METHODS.contains(&method)
}

/// Whether its caller may be told what became of the first. A write is sent again only by who heard nothing of the first time;
/// were it told that the first was refused, the second would be done behind its back, which nothing does.
pub(crate) fn may_be_told(method: &str) -> bool {
    method != "Forward"
}

/// The same request two times, once it has arrived in full.
pub(crate) async fn doubled(request: WireRequest) -> Result<[WireRequest; 2], Status> {
    let (parts, mut body) = request.into_parts();
    let mut bytes = Vec::new();
    while let Some(frame) = poll_fn(|context| Pin::new(&mut body).poll_frame(context)).await {
        bytes.extend_from_slice(frame?.data_ref().map_or(&[][..], Bytes::as_ref));
    }
    let bytes = Bytes::from(bytes);
    let whole = |parts| Request::from_parts(parts, Body::new(Whole(Some(bytes.clone()))));
    Ok([whole(parts.clone()), whole(parts)])
}

/// A body that is all there.
struct Whole(Option<Bytes>);

impl HttpBody for Whole {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        _context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
        Poll::Ready(self.0.take().map(|bytes| Ok(Frame::data(bytes))))
    }
}
