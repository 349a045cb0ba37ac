//! `regent machine ls` and its like: the verbs of every noun, over HTTP.

use crate::cli::client::{Answer, Call};
use crate::cli::exit::Exit;
use crate::cli::failure::Failure;
use crate::cli::fields;
use crate::cli::noun_arguments::{List, Read, Verb, Write};
use crate::cli::nouns::Noun;
use crate::cli::output::tell;
use crate::cli::session::Session;
use crate::cli::table;
use reqwest::{Method, Url};
use serde_json::{Value, json};

/// Items of a page, as many as the API gives.
const PAGE_ITEMS_MAX: usize = 1000;

/// Does what was typed.
///
/// # Errors
/// [`Failure`].
pub async fn run(noun: &Noun, verb: &Verb, session: &Session) -> Result<Exit, Failure> {
    match verb {
        Verb::Ls(list) => return ls(noun, list, session).await,
        Verb::Show { id, read } => {
            let call = Call { query: read.query(), ..Call::get(path(noun, &[id])?) };
            show(noun, &session.client.call(&call).await?, session);
        }
        Verb::Create { fields, write } => {
            let body = fields::body(fields)?;
            show(
                noun,
                &send(session, Method::POST, path(noun, &[])?, Some(body), write).await?,
                session,
            );
        }
        Verb::Set { id, fields, write } => {
            let body = fields::body(fields)?;
            show(
                noun,
                &send(session, Method::PATCH, path(noun, &[id])?, Some(body), write).await?,
                session,
            );
        }
        Verb::Delete { id, write } => {
            let answer = send(session, Method::DELETE, path(noun, &[id])?, None, write).await?;
            let told = |_: &Value| format!("{} {id} is deleted\n", noun.name);
            session.format.show(&answer.body, told);
        }
        Verb::Act { id, action, fields, write } => {
            let (path, body) = (path(noun, &[id, "actions", action])?, fields::body(fields)?);
            show(noun, &send(session, Method::POST, path, Some(body), write).await?, session);
        }
    }
    Ok(Exit::Ok)
}

async fn send(
    session: &Session,
    method: Method,
    path: String,
    body: Option<Value>,
    write: &Write,
) -> Result<Answer, Failure> {
    let mut call = Call::write(method, path, body);
    if let Some(key) = &write.idempotency_key {
        call.key = Some(key.clone());
    }
    session.client.call(&call).await
}

fn show(noun: &Noun, answer: &Answer, session: &Session) {
    session.format.show(&answer.body, |body| table::of_fields(body, noun.columns));
}

async fn ls(noun: &Noun, list: &List, session: &Session) -> Result<Exit, Failure> {
    // What is left out or ordered here must have been seen whole.
    let sifts = !list.filter.is_empty() || list.sort.is_some();
    let wanted = if sifts { usize::MAX } else { list.limit };
    let Fetched { mut items, revision, mut has_more } =
        fetch(noun, wanted, &list.read, session).await?;
    fields::filter(&mut items, &list.filter)?;
    if let Some(by) = &list.sort {
        fields::sort(&mut items, by);
    }
    has_more |= items.len() > list.limit;
    items.truncate(list.limit);
    let columns: Vec<&str> = match list.columns.as_slice() {
        [] => noun.columns.to_vec(),
        chosen => chosen.iter().map(String::as_str).collect(),
    };
    let text = table::of_items(&items, &columns, !list.no_headers);
    session.format.show(&json!({ "items": items, "revision": revision }), |_| text);
    if has_more {
        tell(&format!(
            "there are more than {}: raise --limit, or --filter FIELD=VALUE",
            list.limit
        ));
    }
    Ok(Exit::Ok)
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
    read: &Read,
    session: &Session,
) -> Result<Fetched, Failure> {
    let mut fetched = Fetched { items: Vec::new(), revision: Value::Null, has_more: false };
    let mut cursor = None;
    loop {
        let limit = (wanted - fetched.items.len()).clamp(1, PAGE_ITEMS_MAX);
        let mut query = read.query();
        query.push(("limit".into(), limit.to_string()));
        query.extend(cursor.take().map(|cursor| ("cursor".into(), cursor)));
        let page = session.client.call(&Call { query, ..Call::get(path(noun, &[])?) }).await?.body;
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

/// A path of the noun; what was typed may hold any character.
fn path(noun: &Noun, segments: &[&str]) -> Result<String, Failure> {
    let mut url = Url::parse("http://node/v1").expect("it is a URL");
    let mut path = url.path_segments_mut().expect("HTTP has paths");
    path.push(noun.path).extend(segments);
    drop(path);
    let empty = segments.iter().any(|segment| segment.is_empty() || [".", ".."].contains(segment));
    if empty {
        return Err(Failure::refused(
            Exit::Usage,
            format!("that is no {}", noun.name),
            "an id is empty or a dot",
            format!("`regent {} ls` shows what exists", noun.name),
        ));
    }
    Ok(url.path().to_owned())
}

#[cfg(test)]
mod tests {
    use super::path;
    use crate::cli::nouns::find;

    #[test]
    fn whatever_is_typed_stays_one_segment_of_the_path() {
        let machine = find("machine").unwrap();
        assert_eq!(path(machine, &["4y3h7n"]).unwrap(), "/v1/machines/4y3h7n");
        assert_eq!(path(machine, &["a/b?c#d"]).unwrap(), "/v1/machines/a%2Fb%3Fc%23d");
        assert!(path(machine, &["."]).is_err());
        assert!(path(machine, &[""]).is_err());
    }
}
