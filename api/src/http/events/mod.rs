//! `GET /v1/events`: every change of the state, in order, without gaps, or an explicit word that there is one.
//!
//! One message a revision, with all its changes. A watcher that comes back, here or on another node, says what it has
//! seen and goes on behind that.

pub mod feed;
pub mod message;
pub mod topic;

use crate::http::answer::{REVISION, text};
use crate::http::context::Context;
use crate::http::events::feed::{Feed, Piece};
use crate::http::events::message::{Format, Place};
use crate::http::events::topic::Topics;
use crate::http::limits::ClientRoom;
use crate::http::parameters::Parameters;
use crate::http::problem::Problem;
use crate::http::route::{Route, Verb};
use crate::http::write::Asked;
use crate::problem_kind::ProblemKind;
use axum::body::Body;
use axum::extract::State;
use axum::http::{HeaderName, HeaderValue, header};
use axum::response::{IntoResponse as _, Response};
use futures::Stream;
use regent_core::planted::{self, Planted};
use regent_core::revision::Revision;
use regent_raft::state_machine::published::Progress;
use std::convert::Infallible;
use std::time::{Duration, Instant};
use tokio::sync::watch;
use tokio::time::timeout;

/// An idle watcher hears so often how far everything is.
pub const PROGRESS_EVERY: Duration = Duration::from_secs(10);
const LAST_EVENT_ID: HeaderName = HeaderName::from_static("last-event-id");

/// The routes.
pub fn routes() -> Vec<Route> {
    let about = "Follows all changes: server-sent events, or lines of JSON with `Accept: application/x-ndjson`.";
    let route = Route::new(Verb::Get, "/v1/events", "followEvents", follow)
        .about("events", about)
        .of_type(Format::ServerSentEvents.media_type())
        .or_of_type(Format::Lines.media_type());
    vec![route.takes([
        ("topics", "Only these, separated by commas."),
        (
            "after",
            "Begin behind this revision, or behind the `id` of a message. From now on if absent.",
        ),
        ("include", "`object`: with every change the object as it is when the message is written."),
    ])]
}

async fn follow(State(context): State<Context>, asked: Asked) -> Result<Response, Problem> {
    let mut parameters = asked.parameters()?;
    let topics = Topics::parse(parameters.take("topics")?.as_deref())?;
    let with_objects = take_include(&mut parameters)?;
    let after = parameters.take("after")?;
    parameters.finish()?;
    let format = Format::wanted(asked.header(&header::ACCEPT))?;
    // A browser that comes back keeps the address it began with, so what it saw last counts more.
    let after = asked.header(&LAST_EVENT_ID).map(str::to_owned).or(after);
    let seen = begin(&context, after.as_deref()).await?;
    let room = context.limits.watcher(asked.client())?;
    let feed = Feed { format, topics, with_objects, seen };
    let mut response = Body::from_stream(pieces(feed, context, room)).into_response();
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(format.media_type()));
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    headers.insert(REVISION, text(seen.revision.to_string()));
    Ok(response)
}

fn take_include(parameters: &mut Parameters) -> Result<bool, Problem> {
    match parameters.take("include")?.as_deref() {
        None => Ok(false),
        Some("object") => Ok(true),
        Some(other) => Err(Problem::invalid("include", format!("{other:?} is not object"))),
    }
}

/// Where a watcher begins: behind what it has seen, if that is still kept, else now.
async fn begin(context: &Context, after: Option<&str>) -> Result<Place, Problem> {
    let published = context.region.published();
    let epoch = published.state.meta().epoch;
    let Some(after) = after else {
        return Ok(Place { epoch, revision: published.state.meta().revision });
    };
    let place = parse(after, epoch).ok_or_else(|| {
        Problem::invalid("after", format!("{after:?} is no revision and no id of a message"))
    })?;
    // This node may be behind the one the watcher was on before.
    let published = context.region.at_least(place.revision, context.deadline()).await?;
    let meta = published.state.meta();
    if place.epoch != meta.epoch || place.revision < meta.ring_floor {
        let detail =
            format!("changes are kept from revision {}-{} on", meta.epoch, meta.ring_floor);
        let problem = Problem::new(ProblemKind::Compacted, detail);
        return Err(problem.with_oldest(meta.ring_floor.0));
    }
    if planted::is(Planted::WatchResumeOffByOne) {
        return Ok(Place { revision: Revision(place.revision.0 + 1), ..place });
    }
    Ok(place)
}

fn parse(text: &str, epoch: u64) -> Option<Place> {
    let number = |digits: &str| {
        digits.bytes().all(|byte| byte.is_ascii_digit()).then(|| digits.parse().ok())?
    };
    let (epoch, revision) = match text.split_once('-') {
        Some((epoch, revision)) => (number(epoch)?, number(revision)?),
        None => (epoch, number(text)?),
    };
    Some(Place { epoch, revision: Revision(revision) })
}

/// What a watcher's connection holds.
struct Watcher {
    feed: Feed,
    context: Context,
    progress: watch::Receiver<Progress>,
    closing: watch::Receiver<bool>,
    told: Instant,
    first: bool,
    _room: ClientRoom,
}

fn pieces(
    feed: Feed,
    context: Context,
    room: ClientRoom,
) -> impl Stream<Item = Result<String, Infallible>> {
    let progress = context.region.progress();
    let closing = context.closing.subscribe();
    let told = Instant::now();
    let watcher = Watcher { feed, context, progress, closing, told, first: true, _room: room };
    futures::stream::unfold(Some(watcher), |watcher| async move {
        let mut watcher = watcher?;
        let (piece, goes_on) = watcher.next().await?;
        Some((Ok(piece), goes_on.then_some(watcher)))
    })
}

impl Watcher {
    /// The next piece, and whether others follow; none when the node is closing.
    async fn next(&mut self) -> Option<(String, bool)> {
        if std::mem::take(&mut self.first) {
            // At once, so that the client knows where it stands and that it is connected.
            return Some((self.feed.progress(), true));
        }
        loop {
            self.progress.mark_unchanged();
            let piece = self.feed.next(&self.context.region.published().state);
            match piece {
                Piece::Messages(text) if !text.is_empty() => {
                    self.told = Instant::now();
                    return Some((text, true));
                }
                // Others were touched; there may be more behind them.
                Piece::Messages(_) => {}
                Piece::Resync(text) => {
                    self.context.metrics.resynced();
                    return Some((text, false));
                }
                Piece::Nothing => {
                    if self.told.elapsed() >= PROGRESS_EVERY {
                        self.told = Instant::now();
                        return Some((self.feed.progress(), true));
                    }
                    self.wait().await?;
                }
            }
        }
    }

    /// Waits until something was applied or it is time to tell progress.
    async fn wait(&mut self) -> Option<()> {
        if *self.closing.borrow_and_update() {
            return None;
        }
        let left = PROGRESS_EVERY.saturating_sub(self.told.elapsed());
        tokio::select! {
            _ = self.closing.changed() => None,
            applied = timeout(left, self.progress.changed()) => match applied {
                Ok(Ok(())) | Err(_) => Some(()),
                Ok(Err(_)) => None,
            },
        }
    }
}
