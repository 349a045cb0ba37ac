//! `regent machine ls` and its like: page after page, filtered and sorted by the region.

use crate::cli::client::Call;
use crate::cli::exit::Exit;
use crate::cli::failure::Failure;
use crate::cli::names;
use crate::cli::noun_arguments::List;
use crate::cli::nouns::noun::Noun;
use crate::cli::output::{OutputFormat, tell};
use crate::cli::path;
use crate::cli::session::Session;
use crate::cli::table;
use serde_json::{Value, json};

/// Items of a page, as many as the API gives.
const PAGE_ITEMS_MAX: usize = 1000;

/// Lists what was asked for.
///
/// # Errors
/// [`Failure`].
pub async fn run(noun: &Noun, list: &List, session: &Session) -> Result<(), Failure> {
    let chosen: Vec<&str> = list.columns.iter().map(String::as_str).collect();
    let columns = if chosen.is_empty() { noun.columns } else { &chosen };
    let wish = wish(noun, list, session).await?;
    let Fetched { mut items, revision, has_more } = fetch(noun, list.limit, &wish, session).await?;
    let mut text = String::new();
    if session.format == OutputFormat::Table {
        let shown = |field: &str| columns.contains(&field);
        names::show(noun, &mut items, shown, &list.read.query(), session).await;
        let whole = noun.collection.label;
        text = match chosen.is_empty() {
            true => table::of_items_narrow(&items, columns, !list.no_headers, whole),
            false => table::of_items(&items, columns, !list.no_headers),
        };
    }
    if items.is_empty() {
        text.clear();
        let fits = if list.filter.is_empty() { "" } else { " fits the filter" };
        tell(&format!("nothing in {}{fits}", noun.collection.path));
    }
    session.format.show(&json!({ "items": items, "revision": revision }), |_| text);
    if has_more {
        let limit = list.limit;
        tell(&format!("there are more than {limit}: raise --limit, or --filter FIELD=VALUE"));
    }
    Ok(())
}

/// The parameters of the list beside those of its pages.
async fn wish(
    noun: &Noun,
    list: &List,
    session: &Session,
) -> Result<Vec<(String, String)>, Failure> {
    let mut wish = list.read.query();
    wish.extend(names::filters(noun, &list.filter, session).await?);
    wish.extend(list.sort.clone().map(|by| ("sort".to_owned(), by)));
    if !list.columns.is_empty() {
        wish.push(("fields".to_owned(), list.columns.join(",")));
    }
    Ok(wish)
}

struct Fetched {
    items: Vec<Value>,
    revision: Value,
    has_more: bool,
}

/// Page after page until there are enough.
async fn fetch(
    noun: &Noun,
    wanted: usize,
    wish: &[(String, String)],
    session: &Session,
) -> Result<Fetched, Failure> {
    if wanted == 0 {
        let next = format!("regent {} ls --limit 1", noun.name);
        return Err(Failure::refused(Exit::Usage, "--limit is 0", "that shows nothing", next));
    }
    let mut fetched = Fetched { items: Vec::new(), revision: Value::Null, has_more: false };
    let mut cursor = None;
    loop {
        let limit = (wanted - fetched.items.len()).clamp(1, PAGE_ITEMS_MAX);
        let mut query = wish.to_vec();
        query.push(("limit".into(), limit.to_string()));
        query.extend(cursor.take().map(|cursor| ("cursor".into(), cursor)));
        let path = path::of(noun.collection.path, &[])?;
        let page = session.client.call(&Call { query, ..Call::get(path) }).await?.body;
        if fetched.revision.is_null() {
            fetched.revision = page["revision"].clone();
        }
        fetched.items.extend(page["items"].as_array().into_iter().flatten().cloned());
        cursor = page["next"].as_str().map(str::to_owned);
        fetched.has_more = cursor.is_some();
        if !fetched.has_more || fetched.items.len() >= wanted {
            return Ok(fetched);
        }
    }
}
