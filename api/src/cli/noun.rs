//! `regent machine show` and its like: the verbs of every noun, over HTTP.

use crate::cli::client::{Answer, Call};
use crate::cli::confirm;
use crate::cli::exit::Exit;
use crate::cli::failure::Failure;
use crate::cli::listing;
use crate::cli::names;
use crate::cli::noun_arguments::{Act, Verb, Write};
use crate::cli::nouns::noun::{Action, ActionMethod, Answers, Noun, Takes};
use crate::cli::output::{OutputFormat, tell};
use crate::cli::session::Session;
use crate::cli::table;
use crate::cli::{fields, nouns, path, words};
use reqwest::Method;
use serde_json::{Map, Value};

/// Does what was typed.
///
/// # Errors
/// [`Failure`].
pub async fn run(noun: &Noun, verb: &Verb, session: &Session) -> Result<Exit, Failure> {
    let one = |id: &str| path::of(noun.collection.path, &[id]);
    match verb {
        Verb::Ls(list) => listing::run(noun, list, session).await?,
        Verb::Show(typed) => {
            let call = Call { query: typed.read.query(), ..Call::get(one(&typed.id)?) };
            show(noun, &session.client.call(&call).await?, &typed.read.query(), session).await;
        }
        Verb::Create(typed) => {
            let body = names::body(noun, &typed.fields, session).await?;
            let path = path::of(noun.collection.path, &[])?;
            let answer = send(Method::POST, path, Some(body), &typed.write, session).await?;
            show(noun, &answer, &[], session).await;
        }
        Verb::Set(typed) => {
            let body = names::body(noun, &typed.fields, session).await?;
            let answer =
                send(Method::PATCH, one(&typed.id)?, Some(body), &typed.write, session).await?;
            show(noun, &answer, &[], session).await;
        }
        Verb::Delete(typed) => {
            let path = one(&typed.id)?;
            let asks = !typed.yes && !typed.write.dry_run;
            confirm::ask(&format!("delete {} {}", noun.name, typed.id), !asks)?;
            let answer = send(Method::DELETE, path, None, &typed.write, session).await?;
            let done = if typed.write.dry_run { "would be deleted" } else { "is deleted" };
            let told = |_: &Value| format!("{} {} {done}\n", noun.name, typed.id);
            session.format.show(&answer.body, told);
        }
        Verb::Act(action, typed) => act(noun, action, typed, session).await?,
    }
    Ok(Exit::Ok)
}

async fn act(noun: &Noun, action: &Action, typed: &Act, session: &Session) -> Result<(), Failure> {
    let path = path::filled(action.route, &typed.id, &typed.part)?;
    let mut body = match action.takes {
        Takes::Nothing => Value::Null,
        Takes::Fields(_) => names::body(noun, &typed.fields, session).await?,
        Takes::Notes => notes(&typed.fields)?,
    };
    if let (Some((field, value)), Value::Object(fields)) = (action.preset, &mut body) {
        fields.insert(field.to_owned(), value.into());
    }
    if let Some(flag) = action.flag.filter(|_| typed.is_flagged) {
        let is_asked = !typed.yes && !typed.write.dry_run;
        confirm::ask(&format!("{} {}", flag.question, typed.id), !is_asked)?;
        body_fields(&mut body).insert(flag.field.to_owned(), true.into());
    }
    let body = Some(body).filter(|body| !body.is_null());
    let answer = match action.method {
        ActionMethod::Get => session.client.call(&Call::get(path)).await?,
        ActionMethod::Post => send(Method::POST, path, body, &typed.write, session).await?,
        ActionMethod::Patch => send(Method::PATCH, path, body, &typed.write, session).await?,
        ActionMethod::Delete => send(Method::DELETE, path, body, &typed.write, session).await?,
    };
    match action.answers {
        Answers::Object if answer.body["deleted"] == true => {
            let told = |_: &Value| format!("{} {}: {} done\n", noun.name, typed.id, action.name);
            session.format.show(&answer.body, told);
        }
        Answers::Object => show(noun, &answer, &[], session).await,
        Answers::Items(collection) => {
            let of = nouns::of(collection).expect("what an action makes has a noun");
            let mut items = answer.body["items"].as_array().cloned().unwrap_or_default();
            if session.format == OutputFormat::Table {
                names::show(of, &mut items, |field| of.columns.contains(&field), &[], session)
                    .await;
            }
            let text =
                |_: &Value| table::of_items_narrow(&items, of.columns, true, collection.label);
            session.format.show(&answer.body, text);
        }
        Answers::Words => session.format.show(&answer.body, words::of_answers),
        Answers::Sheet => session.format.show(&answer.body, |body| table::of_fields(body, &[])),
    }
    Ok(())
}

/// The fields of a body that may have none yet.
fn body_fields(body: &mut Value) -> &mut Map<String, Value> {
    if !body.is_object() {
        *body = Value::Object(Map::new());
    }
    body.as_object_mut().expect("it was made one")
}

/// Notes are texts, whatever they look like; null takes one back.
fn notes(given: &[String]) -> Result<Value, Failure> {
    let mut notes = Map::new();
    for note in given {
        let (name, text) = fields::split(note)?;
        let text = if text == "null" { Value::Null } else { Value::from(text) };
        notes.insert(name.to_owned(), text);
    }
    Ok(Value::Object(notes))
}

async fn send(
    method: Method,
    path: String,
    body: Option<Value>,
    write: &Write,
    session: &Session,
) -> Result<Answer, Failure> {
    let mut call = Call { query: write.query(), ..Call::write(method, path, body) };
    if let Some(key) = &write.idempotency_key {
        call.key = Some(key.clone());
    }
    let answer = session.client.call(&call).await?;
    if write.dry_run {
        tell("nothing was written: this is what would come of it");
    }
    Ok(answer)
}

/// Shows one object; to people by names in the place of ids.
async fn show(noun: &Noun, answer: &Answer, query: &[(String, String)], session: &Session) {
    let mut object = answer.body.clone();
    if session.format == OutputFormat::Table {
        let one = std::slice::from_mut(&mut object);
        names::show(noun, one, |_| true, query, session).await;
    }
    session.format.show(&object, |body| table::of_fields(body, noun.columns));
}
