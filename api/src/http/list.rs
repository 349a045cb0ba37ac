//! The objects of a collection, in pages.
//!
//! Pages are keyset: each begins behind the last object of the one before, so that a page costs the same wherever it
//! is and nothing is seen twice. Without filter and order a page is one walk along the table; with them every object
//! of the noun is looked at, on a thread for that, a few at a time, keeping only one page; when nobody waits for the
//! answer any more, the look ends.

use crate::http::answer;
use crate::http::consistency::{Level, ReadParameters};
use crate::http::context::Context;
use crate::http::cursor::{Cursor, mark};
use crate::http::etag;
use crate::http::filter::Filter;
use crate::http::noun::{Noun, Seen, Visit};
use crate::http::object::{take_fields, unless_known};
use crate::http::parameters::Parameters;
use crate::http::problem::Problem;
use crate::http::sort_key::SortKey;
use crate::http::suggestion::suggestion;
use crate::http::view::View;
use crate::http::write::Asked;
use crate::problem_kind::ProblemKind;
use axum::http::{StatusCode, header};
use axum::response::Response;
use regent_core::object::Key;
use regent_core::state::State;
use regent_raft::state_machine::published::Published;
use serde::Serialize;
use std::cmp::Reverse;
use std::collections::BTreeSet;
use std::ops::ControlFlow;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use tokio::sync::OwnedSemaphorePermit;

/// Items of a page unless asked otherwise.
pub const LIMIT_DEFAULT: usize = 100;
/// Items of a page at most.
pub const LIMIT_MAX: usize = 1000;
/// Bytes, about, after which a page ends even if it has fewer items; `next` goes on.
pub const PAGE_BYTES_MAX: usize = 4 << 20;

/// The parameters of lists with what they mean, for documents.
pub const LIST_PARAMETERS: [(&str, &str); 5] = [
    ("limit", "How many items, 100 if absent, at most 1000."),
    ("cursor", "Where the page before this one ended: its `next`."),
    ("sort", "The field to sort by; with `-` before it, the other way round. By id if absent."),
    ("fields", "Only these fields, separated by commas."),
    ("count", "`true`: also count all items of the list."),
];

/// One page of a list.
#[derive(Clone, Debug, Serialize)]
pub struct Page {
    /// What is on it.
    pub items: Vec<View>,
    /// The cursor of the next one, if there is one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub next: Option<String>,
    /// How many there are on all pages, if that was asked.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub count: Option<u64>,
    /// The revision it was made from.
    pub revision: u64,
    /// The revision the first page was made from.
    pub start_revision: u64,
}

/// By what a list is ordered.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Order {
    field: String,
    descending: bool,
}

/// What a client wants of a list.
struct Wish {
    limit: usize,
    order: Option<Order>,
    filter: Filter,
    fields: Option<Vec<String>>,
    count: bool,
    cursor: Option<String>,
}

impl Wish {
    fn take(parameters: &mut Parameters, noun: &dyn Noun) -> Result<Self, Problem> {
        let limit = limit(parameters)?;
        let cursor = parameters.take("cursor")?;
        let fields = take_fields(parameters, noun)?;
        let count = parameters.take_flag("count")?;
        let order = parameters.take("sort")?.map(|text| Order::parse(&text, noun)).transpose()?;
        let filter = Filter::take(parameters, noun)?;
        Ok(Self { limit, order, filter, fields, count, cursor })
    }

    /// Whether more of the table may have to be looked at than one page.
    fn looks_at_all(&self) -> bool {
        self.count || self.order.is_some() || !self.filter.is_empty()
    }

    fn mark(&self, noun: &dyn Noun) -> [u8; 8] {
        mark(&format!("{} {:?} {}", noun.path(), self.order, self.filter.canonical()))
    }
}

fn limit(parameters: &mut Parameters) -> Result<usize, Problem> {
    let asked = parameters.take_number("limit")?;
    let limit = asked.map_or(Some(LIMIT_DEFAULT), |limit| usize::try_from(limit).ok());
    limit.filter(|limit| (1..=LIMIT_MAX).contains(limit)).ok_or_else(|| {
        let asked = asked.unwrap_or_default();
        Problem::invalid("limit", format!("{asked} is not between 1 and {LIMIT_MAX}"))
    })
}

impl Order {
    fn parse(text: &str, noun: &dyn Noun) -> Result<Self, Problem> {
        let (field, descending) = match text.strip_prefix('-') {
            Some(field) => (field, true),
            None => (text, false),
        };
        if noun.fields().iter().any(|known| known.shown && known.name == field) {
            return Ok(Self { field: field.to_owned(), descending });
        }
        let fields = noun.fields();
        let meant = suggestion(field, fields.iter().map(|known| known.name));
        let message = format!("{field:?} is no field of {}{meant}", noun.path());
        Err(Problem::invalid("sort", message))
    }
}

/// Shows a page of a noun's objects.
///
/// # Errors
/// [`Problem`].
pub async fn list(
    noun: &'static dyn Noun,
    context: &Context,
    asked: &Asked,
) -> Result<Response, Problem> {
    let mut parameters = asked.parameters()?;
    let read = ReadParameters::take(&mut parameters)?;
    let wish = Wish::take(&mut parameters, noun)?;
    let (room, published) = room_and_state(context, &read, &wish).await?;
    let state = published.state.clone();
    let epoch = state.meta().epoch;
    let list = wish.mark(noun);
    let cursor =
        wish.cursor.as_deref().map(|text| Cursor::decode(text, list, epoch)).transpose()?;
    if let Some(cursor) = &cursor
        && cursor.start_revision > state.meta().revision.0
    {
        let detail = format!("the list began at revision {}", cursor.start_revision);
        return Err(Problem::new(ProblemKind::NotReached, detail));
    }
    let page = match room {
        None => make_page(&Look::new(noun, &state), &wish, cursor.as_ref(), list),
        Some(room) => {
            let look = Look::new(noun, &state);
            let _ends_with_the_request = look.gives_up();
            let made = tokio::task::spawn_blocking(move || {
                let page = make_page(&look, &wish, cursor.as_ref(), list);
                drop(room);
                page
            });
            made.await.map_err(|error| Problem::new(ProblemKind::Internal, error.to_string()))?
        }
    };
    Ok(answer::of_read(&read, &state, reply(noun, &state, asked, &page)))
}

/// The state that is wanted, and room to look at all of it if that is needed.
///
/// Nobody holds room while waiting for the state to come, and a stale state does not age while waiting for room.
async fn room_and_state(
    context: &Context,
    read: &ReadParameters,
    wish: &Wish,
) -> Result<(Option<OwnedSemaphorePermit>, Arc<Published>), Problem> {
    if !wish.looks_at_all() {
        return Ok((None, read.load(context).await?));
    }
    match read.consistency {
        Level::Linearizable => {
            let published = read.load(context).await?;
            Ok((Some(context.limits.scan().await?), published))
        }
        Level::Stale => {
            read.reach(context).await?;
            let room = context.limits.scan().await?;
            Ok((Some(room), read.load(context).await?))
        }
    }
}

fn reply(noun: &dyn Noun, state: &State, asked: &Asked, page: &Page) -> Response {
    let meta = state.meta();
    let changed = if noun.watched() { meta.changed_revision } else { meta.revision };
    let mut response = answer::json_of(StatusCode::OK, page);
    let headers = response.headers_mut();
    headers.insert(header::ETAG, answer::text(etag::of_list(meta.epoch, changed.0)));
    if let Some(next) = &page.next {
        headers.insert(header::LINK, answer::text(link(asked, next)));
    }
    unless_known(asked, response)
}

/// The address of the next page (RFC 8288).
fn link(asked: &Asked, next: &str) -> String {
    let uri = asked.uri();
    let pairs = uri.query().unwrap_or_default().split('&');
    let kept = pairs.filter(|pair| !pair.is_empty() && !pair.starts_with("cursor="));
    let query: String = kept.map(|pair| format!("{pair}&")).collect();
    format!("<{}?{query}cursor={next}>; rel=\"next\"", uri.path())
}

/// An object's place in an order: `Reverse` where it is turned round.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Place {
    Up(SortKey, Key),
    Down(Reverse<SortKey>, Key),
}

impl Place {
    fn new(order: &Order, sort_key: SortKey, key: Key) -> Self {
        if order.descending { Self::Down(Reverse(sort_key), key) } else { Self::Up(sort_key, key) }
    }

    fn parts(self) -> (SortKey, Key) {
        match self {
            Self::Up(sort_key, key) | Self::Down(Reverse(sort_key), key) => (sort_key, key),
        }
    }
}

/// A look at the objects of a noun.
struct Look {
    noun: &'static dyn Noun,
    state: State,
    /// Set when nobody waits for what is seen.
    given_up: Arc<AtomicBool>,
}

/// Gives a look up when it is dropped.
struct GivesUp(Arc<AtomicBool>);

impl Drop for GivesUp {
    fn drop(&mut self) {
        self.0.store(true, Ordering::Relaxed);
    }
}

impl Look {
    fn new(noun: &'static dyn Noun, state: &State) -> Self {
        Self { noun, state: state.clone(), given_up: Arc::default() }
    }

    /// Ends the look when what this returns is dropped.
    fn gives_up(&self) -> GivesUp {
        GivesUp(Arc::clone(&self.given_up))
    }

    /// Shows `visit` one object after the other until it has enough or the look is given up.
    fn scan(&self, after: Option<&Key>, visit: &mut Visit<'_>) {
        self.noun.scan(&self.state, after, &mut |seen: &dyn Seen| {
            if self.given_up.load(Ordering::Relaxed) {
                return ControlFlow::Break(());
            }
            visit(seen)
        });
    }
}

fn make_page(look: &Look, wish: &Wish, cursor: Option<&Cursor>, list: [u8; 8]) -> Page {
    let (items, last) = match &wish.order {
        None => walk(look, wish, cursor),
        Some(order) => sorted(look, wish, order, cursor),
    };
    let meta = look.state.meta();
    let start_revision = cursor.map_or(meta.revision.0, |cursor| cursor.start_revision);
    let next = last.map(|(sort_key, key)| {
        Cursor { list, epoch: meta.epoch, start_revision, sort_key, key }.encode()
    });
    let count = wish.count.then(|| count(look, &wish.filter));
    Page { items: items.views, next, count, revision: meta.revision.0, start_revision }
}

/// The end of a page that is not the last.
type End = Option<(Option<SortKey>, Key)>;

/// The items of a page while it is being filled.
struct Items<'a> {
    wish: &'a Wish,
    views: Vec<View>,
    bytes: usize,
}

impl<'a> Items<'a> {
    const fn new(wish: &'a Wish) -> Self {
        Self { wish, views: Vec::new(), bytes: 0 }
    }

    /// Whether the page ends here.
    const fn is_full(&self) -> bool {
        self.views.len() >= self.wish.limit || self.bytes >= PAGE_BYTES_MAX
    }

    fn push(&mut self, view: View) {
        let view = match &self.wish.fields {
            Some(names) => view.only(names),
            None => view,
        };
        self.bytes += view.bytes();
        self.views.push(view);
    }
}

fn walk<'a>(look: &Look, wish: &'a Wish, cursor: Option<&Cursor>) -> (Items<'a>, End) {
    let mut items = Items::new(wish);
    let (mut last, mut more) = (None, false);
    look.scan(cursor.map(|cursor| &cursor.key), &mut |seen: &dyn Seen| {
        if !wish.filter.accepts(seen) {
            return ControlFlow::Continue(());
        }
        if items.is_full() {
            more = true;
            return ControlFlow::Break(());
        }
        items.push(seen.view());
        last = Some((None, seen.key()));
        ControlFlow::Continue(())
    });
    (items, last.filter(|_| more))
}

fn sorted<'a>(
    look: &Look,
    wish: &'a Wish,
    order: &Order,
    cursor: Option<&Cursor>,
) -> (Items<'a>, End) {
    let mut places = first_places(look, wish, order, cursor).into_iter();
    let mut items = Items::new(wish);
    let mut last = None;
    while !items.is_full()
        && let Some(place) = places.next()
    {
        let (sort_key, key) = place.parts();
        if let Some(view) = look.noun.view(&look.state, &key) {
            items.push(view);
        }
        last = Some((Some(sort_key), key));
    }
    (items, last.filter(|_| places.next().is_some()))
}

/// The first places behind the cursor, one more than a page may hold.
fn first_places(
    look: &Look,
    wish: &Wish,
    order: &Order,
    cursor: Option<&Cursor>,
) -> BTreeSet<Place> {
    let after = cursor
        .and_then(|cursor| Some(Place::new(order, cursor.sort_key.clone()?, cursor.key.clone())));
    let mut first: BTreeSet<Place> = BTreeSet::new();
    look.scan(None, &mut |seen: &dyn Seen| {
        if wish.filter.accepts(seen) {
            let sort_key = SortKey::of(&seen.field(&order.field)).shortened();
            let place = Place::new(order, sort_key, seen.key());
            if after.as_ref().is_none_or(|after| place > *after) {
                first.insert(place);
            }
            if first.len() > wish.limit + 1 {
                first.pop_last();
            }
        }
        ControlFlow::Continue(())
    });
    first
}

fn count(look: &Look, filter: &Filter) -> u64 {
    let mut count = 0;
    look.scan(None, &mut |seen: &dyn Seen| {
        count += u64::from(filter.accepts(seen));
        ControlFlow::Continue(())
    });
    count
}
