//! Replication to one peer as one bidirectional stream: requests go out while answers to earlier ones are awaited.
//!
//! The stream of answers owns the stream of requests, so dropping it drops both at once. Were the requests polled
//! by the connection instead, an abandoned session could still take one that belongs to its successor.

use crate::network::channels::{Attempt, Client, Purpose};
use crate::network::contact::Contacts;
use crate::network::failure::Call;
use crate::network::frame;
use crate::network::limits::{APPEND_BYTES_IN_FLIGHT_MAX, APPENDS_IN_FLIGHT_MAX};
use crate::network::majority::{Majority, OwnAge};
use crate::network::refusal::Refusal;
use crate::runtime::elapsed;
use crate::type_config::{LogId, TypeConfig};
use bytes::Bytes;
use futures::future::BoxFuture;
use futures::stream::{self, BoxStream, Stream, StreamExt};
use openraft::errors::RPCError;
use openraft::raft::{AppendEntriesRequest, StreamAppendError, StreamAppendResult};
use regent_proto::peer;
use std::collections::VecDeque;
use std::future;
use std::time::Instant;
use tokio::sync::mpsc;
use tokio::time;
use tokio_stream::wrappers::ReceiverStream;
use tonic::{Response, Status, Streaming};

type Request = AppendEntriesRequest<TypeConfig>;

/// One answer, or why there will be no more.
pub(crate) type Answer = Result<StreamAppendResult<TypeConfig>, RPCError<TypeConfig>>;

/// What a stream to one peer needs besides its requests.
pub(crate) struct Session {
    pub(crate) client: Client,
    pub(crate) attempt: Attempt,
    pub(crate) purpose: Purpose,
    pub(crate) call: Call,
    pub(crate) header: peer::Header,
    pub(crate) contacts: Contacts,
    pub(crate) own_age: OwnAge,
}

impl Session {
    /// The answers to `requests`, in their order. Ends with them, or after the first that stops replication. The
    /// call is made when this is first polled.
    pub(crate) fn stream<S>(self, requests: S) -> BoxStream<'static, Answer>
    where
        S: Stream<Item = Request> + Send + Unpin + 'static,
    {
        stream::unfold(Some(Pipeline::new(self, requests)), |pipeline| async move {
            let mut pipeline = pipeline?;
            let answer = pipeline.next_answer().await?;
            let goes_on = matches!(answer, Ok(Ok(_)));
            Some((answer, goes_on.then_some(pipeline)))
        })
        .boxed()
    }
}

/// The running stream: requests to come, requests sent, answers to come.
struct Pipeline<S> {
    attempt: Attempt,
    purpose: Purpose,
    call: Call,
    contacts: Contacts,
    own_age: OwnAge,
    /// Goes with the first request.
    header: Option<peer::Header>,
    requests: Option<S>,
    frames: Option<mpsc::Sender<peer::AppendRequest>>,
    replies: Replies,
    sent: VecDeque<Sent>,
    sent_bytes: usize,
}

/// A request that has no answer yet.
struct Sent {
    previous: Option<LogId>,
    last: Option<LogId>,
    bytes: usize,
    at: Instant,
}

/// The answers' side of the call.
enum Replies {
    Opening(BoxFuture<'static, Result<Response<Streaming<peer::AppendReply>>, Status>>),
    Open(Box<Streaming<peer::AppendReply>>),
}

enum Event {
    Request(Option<Request>),
    Reply(Result<Option<peer::AppendReply>, Status>),
    Stalled,
}

impl<S> Pipeline<S>
where
    S: Stream<Item = Request> + Send + Unpin + 'static,
{
    fn new(session: Session, requests: S) -> Self {
        // As deep as there may be requests in flight, so sending never waits.
        let (frames, outbound) = mpsc::channel(APPENDS_IN_FLIGHT_MAX);
        let Session { mut client, attempt, purpose, call, header, contacts, own_age } = session;
        let opening = async move { client.append(ReceiverStream::new(outbound)).await };
        Self {
            attempt,
            purpose,
            call,
            contacts,
            own_age,
            header: Some(header),
            requests: Some(requests),
            frames: Some(frames),
            replies: Replies::Opening(Box::pin(opening)),
            sent: VecDeque::new(),
            sent_bytes: 0,
        }
    }

    async fn next_answer(&mut self) -> Option<Answer> {
        loop {
            if self.requests.is_none() && self.sent.is_empty() {
                self.close().await;
                return None;
            }
            match self.next_event().await {
                Event::Request(Some(request)) => self.send(&request),
                Event::Request(None) => {
                    self.requests = None;
                    self.frames = None;
                }
                Event::Reply(reply) => return Some(self.take(reply)),
                Event::Stalled => return Some(Err(self.call.timed_out())),
            }
        }
    }

    async fn next_event(&mut self) -> Event {
        let has_room =
            self.sent.len() < APPENDS_IN_FLIGHT_MAX && self.sent_bytes < APPEND_BYTES_IN_FLIGHT_MAX;
        // openraft pauses before an unreachable peer's next try by holding back the first request of a stream: no
        // call is made before that request is there, or there would be no pause at all.
        let begun = self.header.is_none();
        let stalled_at = self.sent.front().map(|oldest| oldest.at + self.call.patience);
        tokio::select! {
            biased;
            reply = self.replies.next(), if begun => Event::Reply(reply),
            request = next_of(&mut self.requests), if has_room => Event::Request(request),
            () = reached(stalled_at) => Event::Stalled,
        }
    }

    fn send(&mut self, request: &Request) {
        let append = frame::seal(request);
        if self.sent.is_empty() {
            self.attempt.await_more();
        }
        self.sent_bytes += append.len();
        self.sent.push_back(Sent {
            previous: request.prev_log_id,
            last: request.entries.last().map(|entry| entry.log_id).or(request.prev_log_id),
            bytes: append.len(),
            at: elapsed::now(),
        });
        let (age_us, told) = self.says();
        let message = peer::AppendRequest { header: self.header.take(), append, age_us, told };
        if let Some(frames) = &self.frames {
            // Refused only by a call that has ended, and then the next reply is its status.
            frames.try_send(message).ok();
        }
    }

    /// The age of what this node leads with, and what that means for the peer: nobody may take its state for fresher than
    /// it is, so each is looked at after what it must not be newer than.
    fn says(&self) -> (Option<u64>, Option<peer::Told>) {
        let heard = self.contacts.moment_of(self.call.to);
        let age = self.own_age.get().and_then(Majority::age);
        let age_us = age.and_then(|age| u64::try_from(age.as_nanos().div_ceil(1000)).ok());
        let applied = age_us.and_then(|_| self.own_age.get()?.applied());
        let told = applied.zip(heard).and_then(|(applied, (moment, ago))| {
            let heard_us = u64::try_from(ago.as_micros()).ok()?;
            Some(peer::Told { applied, heard: Some(moment), heard_us })
        });
        (age_us, told)
    }

    fn take(&mut self, reply: Result<Option<peer::AppendReply>, Status>) -> Answer {
        match reply {
            Ok(Some(reply)) => {
                let answer = self.take_answer(&reply.result);
                if let (Ok(_), Some(at)) = (&answer, reply.at) {
                    self.contacts.note_moment(self.call.to, at);
                }
                answer
            }
            Ok(None) => Err(self.call.failed(&Status::unavailable("the peer ended the stream"))),
            Err(status) => {
                if let Some(refusal) = Refusal::in_status(&status) {
                    self.attempt.answered();
                    self.contacts.note_refusal(self.call.to, &refusal);
                }
                Err(self.call.failed(&status))
            }
        }
    }

    fn take_answer(&mut self, result: &Bytes) -> Answer {
        let Some(sent) = self.sent.pop_front() else {
            return Err(self.call.nonsense("answers what was not asked"));
        };
        let answer: StreamAppendResult<TypeConfig> = frame::open(result)
            .map_err(|_| self.call.nonsense("an answer that does not decode"))?;
        let fits = match &answer {
            Ok(matching) => *matching == sent.last,
            Err(StreamAppendError::Conflict(at)) => Some(*at) == sent.previous,
            Err(StreamAppendError::HigherVote(_)) => true,
        };
        if !fits {
            return Err(self.call.nonsense("an answer that does not fit its request"));
        }
        self.note_answer(&sent);
        Ok(answer)
    }

    fn note_answer(&mut self, sent: &Sent) {
        self.sent_bytes -= sent.bytes;
        self.attempt.answered();
        if !self.sent.is_empty() {
            self.attempt.await_more();
        }
        self.contacts.note_followed(self.call.to);
        match self.purpose {
            Purpose::Heartbeat => self.contacts.note_answer(self.call.to, elapsed::since(sent.at)),
            // Appends wait for the peer's disk, which says nothing about the way there.
            Purpose::Append | Purpose::Snapshot | Purpose::Control => {}
        }
    }

    /// Lets the peer end the stream, so that the connection sees no reset.
    async fn close(&mut self) {
        let ended = async { while let Ok(Some(_)) = self.replies.next().await {} };
        time::timeout(self.call.patience, ended).await.ok();
    }
}

impl Replies {
    /// The next answer; `None` when the peer has ended the stream. Not to be called after an error.
    async fn next(&mut self) -> Result<Option<peer::AppendReply>, Status> {
        loop {
            match self {
                Self::Opening(call) => *self = Self::Open(Box::new(call.await?.into_inner())),
                Self::Open(replies) => return replies.message().await,
            }
        }
    }
}

/// The next request; waits for ever once they have ended.
async fn next_of<S: Stream + Unpin>(requests: &mut Option<S>) -> Option<S::Item> {
    match requests {
        Some(requests) => requests.next().await,
        None => future::pending().await,
    }
}

/// Returns at `deadline`; never without one.
async fn reached(deadline: Option<Instant>) {
    match deadline {
        Some(deadline) => time::sleep_until(deadline.into()).await,
        None => future::pending().await,
    }
}
