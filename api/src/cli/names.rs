//! Names for numbers: what people call an object, where the API wants its id; and ids back into names. Also the word for a time
//! that never comes.
//!
//! An id never changes its meaning, so looking a name up before the write and not with it can at worst refuse.

use crate::cli::client::Call;
use crate::cli::exit::Exit;
use crate::cli::failure::Failure;
use crate::cli::fields;
use crate::cli::nouns;
use crate::cli::nouns::collection::Collection;
use crate::cli::nouns::noun::{Means, Noun};
use crate::cli::path;
use crate::cli::session::Session;
use serde_json::{Map, Value};
use std::collections::{BTreeMap, BTreeSet};

/// Ids that are looked up with one request.
const IDS_MAX: usize = 500;
/// Filters that compare with an id: behind the field's name.
const COMPARES_IDS: [&str; 3] = ["", "ne", "in"];
/// How long it is until something that does not come.
const NEVER: &str = "never";

/// The body that `FIELD=VALUE …` describes.
///
/// # Errors
/// [`Failure`] if an argument is no field, or names an object that is not there.
pub async fn body(noun: &Noun, given: &[String], session: &Session) -> Result<Value, Failure> {
    let mut body = Map::new();
    for field in given {
        let (name, value) = fields::split(field)?;
        fields::put(&mut body, name, meant(noun, name, value, session).await?)?;
    }
    Ok(Value::Object(body))
}

/// What a value means for a field of the noun.
async fn meant(noun: &Noun, name: &str, value: &str, session: &Session) -> Result<Value, Failure> {
    match noun.means(name) {
        None | Some(Means::Countdown) => Ok(fields::read(name, value)),
        Some(_) if value == "null" => Ok(Value::Null),
        Some(Means::One(of)) => id(of, name, fields::read(name, value), session).await,
        Some(Means::Texts) => Ok(fields::read_list(value).into()),
        Some(Means::Many(of)) => {
            let mut ids = Vec::new();
            for item in fields::read_list(value) {
                ids.push(id(of, name, item, session).await?);
            }
            Ok(ids.into())
        }
    }
}

/// The parameters that `--filter FIELD=VALUE …` describes.
///
/// # Errors
/// As for [`body`].
pub async fn filters(
    noun: &Noun,
    given: &[String],
    session: &Session,
) -> Result<Vec<(String, String)>, Failure> {
    let mut filters = Vec::new();
    for filter in given {
        let (name, value) = fields::split(filter)?;
        let (field, comparison) = name.split_once("__").unwrap_or((name, ""));
        let value = match noun.means(field) {
            Some(Means::One(of) | Means::Many(of)) if COMPARES_IDS.contains(&comparison) => {
                let mut ids = Vec::new();
                for item in value.split(',') {
                    ids.push(id(of, field, Value::from(item), session).await?.to_string());
                }
                ids.join(",")
            }
            Some(_) | None => value.to_owned(),
        };
        filters.push((name.to_owned(), value));
    }
    Ok(filters)
}

/// The id of what somebody named; a number is taken for the id it is.
async fn id(
    of: Collection,
    field: &str,
    named: Value,
    session: &Session,
) -> Result<Value, Failure> {
    let Value::String(name) = named else { return Ok(named) };
    if let Ok(number) = name.parse::<u32>() {
        return Ok(number.into());
    }
    let mut call = Call::get(path::of(of.path, &[&name])?);
    call.query.push(("fields".into(), "id".into()));
    match session.client.call(&call).await {
        Ok(answer) => Ok(answer.body["id"].clone()),
        Err(failure) if failure.exit() == Exit::NotFound => {
            let singular = nouns::of(of).map(|noun| noun.name);
            Err(Failure::refused(
                Exit::NotFound,
                format!("{field}: there is no {} {name:?}", singular.unwrap_or("node")),
                format!("nothing in {} is known by that name", of.path),
                format!("regent {} ls", singular.unwrap_or("machine")),
            ))
        }
        Err(failure) => Err(failure),
    }
}

/// Puts names in the place of ids in those fields of the items, as far as they can be found out, and [`NEVER`] where nothing is
/// to come.
pub async fn show(
    noun: &Noun,
    items: &mut [Value],
    shown: impl Fn(&str) -> bool,
    query: &[(String, String)],
    session: &Session,
) {
    for (field, means) in noun.fields.iter().filter(|(field, _)| shown(field)) {
        let of = match means {
            Means::One(of) | Means::Many(of) => of,
            Means::Countdown => {
                items.iter_mut().for_each(|item| tell_never(item, field));
                continue;
            }
            Means::Texts => continue,
        };
        let ids: BTreeSet<u64> = items.iter().flat_map(|item| ids_in(&item[field])).collect();
        let labels = labels(*of, &ids, query, session).await;
        for item in items.iter_mut() {
            if let Some(value) = item.get_mut(field) {
                name(value, &labels);
            }
        }
    }
}

/// Only where the field was asked for.
fn tell_never(item: &mut Value, field: &str) {
    if let Some(value @ Value::Null) = item.get_mut(field) {
        *value = NEVER.into();
    }
}

fn ids_in(value: &Value) -> Vec<u64> {
    match value {
        Value::Array(items) => items.iter().filter_map(Value::as_u64).collect(),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) | Value::Object(_) => {
            value.as_u64().into_iter().collect()
        }
    }
}

fn name(value: &mut Value, labels: &BTreeMap<u64, Value>) {
    if let Value::Array(items) = value {
        items.iter_mut().for_each(|item| name(item, labels));
    } else if let Some(label) = value.as_u64().and_then(|id| labels.get(&id)) {
        *value = label.clone();
    }
}

/// What the objects with these ids are known by. One that cannot be found out is left out: its id says enough.
async fn labels(
    of: Collection,
    ids: &BTreeSet<u64>,
    query: &[(String, String)],
    session: &Session,
) -> BTreeMap<u64, Value> {
    let mut labels = BTreeMap::new();
    if of.label == "id" {
        return labels;
    }
    let ids: Vec<String> = ids.iter().map(u64::to_string).collect();
    for some in ids.chunks(IDS_MAX) {
        let mut call = Call { query: query.to_vec(), ..Call::get(format!("/v1/{}", of.path)) };
        call.query.push(("id__in".into(), some.join(",")));
        call.query.push(("fields".into(), format!("id,{}", of.label)));
        call.query.push(("limit".into(), IDS_MAX.to_string()));
        let Ok(answer) = session.client.call(&call).await else { return labels };
        for item in answer.body["items"].as_array().into_iter().flatten() {
            if let (Some(id), false) = (item["id"].as_u64(), item[of.label].is_null()) {
                labels.insert(id, item[of.label].clone());
            }
        }
    }
    labels
}
