//! `FIELD=VALUE` on the command line: as a body, as a filter; and the order of a list.

use crate::cli::exit::Exit;
use crate::cli::failure::Failure;
use serde_json::{Map, Value};
use std::cmp::Ordering;
use std::collections::BTreeMap;

/// The body that `FIELD=VALUE …` describes. What parses as JSON is JSON, everything else a text.
///
/// # Errors
/// [`Failure`] naming the argument without a `=`.
pub fn body(fields: &[String]) -> Result<Value, Failure> {
    let mut object = Map::new();
    for field in fields {
        let (name, value) = split(field)?;
        let value = serde_json::from_str(value).unwrap_or_else(|_| Value::from(value));
        object.insert(name.to_owned(), value);
    }
    Ok(Value::Object(object))
}

/// Keeps the items that pass: of several values for one field any, of several fields all.
///
/// # Errors
/// As for [`body`].
pub fn filter(items: &mut Vec<Value>, filters: &[String]) -> Result<(), Failure> {
    let mut wanted: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for filter in filters {
        let (name, value) = split(filter)?;
        wanted.entry(name).or_default().push(value);
    }
    items.retain(|item| {
        wanted.iter().all(|(name, values)| {
            let text = item.get(name).map_or_else(|| "null".to_owned(), plain);
            values.contains(&text.as_str())
        })
    });
    Ok(())
}

/// Sorts by a field, falling if it begins with `-`. Numbers go by size, everything else as text.
pub fn sort(items: &mut [Value], by: &str) {
    let (name, falls) = by.strip_prefix('-').map_or((by, false), |name| (name, true));
    items.sort_by(|left, right| {
        let order = compare(left.get(name), right.get(name));
        if falls { order.reverse() } else { order }
    });
}

fn compare(left: Option<&Value>, right: Option<&Value>) -> Ordering {
    let numbers = (left.and_then(Value::as_i64), right.and_then(Value::as_i64));
    if let (Some(left), Some(right)) = numbers {
        return left.cmp(&right);
    }
    left.map(plain).cmp(&right.map(plain))
}

fn plain(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}

fn split(field: &str) -> Result<(&str, &str), Failure> {
    field.split_once('=').ok_or_else(|| {
        Failure::refused(
            Exit::Usage,
            format!("{field:?} is not FIELD=VALUE"),
            "fields are named, and what follows the first = is the value",
            "e.g. hostname=node-01 ttl=300 'mac_addresses=[\"52:54:00:00:00:01\"]'",
        )
    })
}

#[cfg(test)]
mod tests {
    use super::{body, filter, sort};
    use serde_json::{Value, json};

    fn owned(texts: &[&str]) -> Vec<String> {
        texts.iter().map(|text| (*text).to_owned()).collect()
    }

    #[test]
    fn value_is_json_if_it_parses_and_a_text_otherwise() {
        let fields =
            owned(&["ttl=300", "name=lab.test", "comment=a=b", "tags=[1]", "off=null", "x="]);
        let expected = json!({"ttl": 300, "name": "lab.test", "comment": "a=b", "tags": [1], "off": null, "x": ""});
        assert_eq!(body(&fields).unwrap(), expected);
        assert!(body(&owned(&["hostname"])).unwrap_err().to_string().contains("\"hostname\""));
    }

    #[test]
    fn filters_on_one_field_are_alternatives_and_on_several_conditions() {
        let mut items: Vec<Value> =
            (0..6).map(|id| json!({"id": id, "odd": id % 2 == 1})).collect();
        filter(&mut items, &owned(&["id=1", "id=2", "id=3", "odd=true"])).unwrap();
        assert_eq!(items, [json!({"id": 1, "odd": true}), json!({"id": 3, "odd": true})]);
    }

    #[test]
    fn numbers_are_sorted_by_size_and_a_dash_turns_the_order() {
        let mut items = vec![json!({"id": 9}), json!({"id": 10}), json!({"id": 1})];
        sort(&mut items, "-id");
        assert_eq!(items, [json!({"id": 10}), json!({"id": 9}), json!({"id": 1})]);
    }
}
