//! `FIELD=VALUE` on the command line, as far as it can be read without asking anybody.

use crate::cli::exit::Exit;
use crate::cli::failure::Failure;
use serde_json::{Map, Value};

/// Fields that are texts wherever they are, so that `name=2026` and `description=true` mean what they say.
///
/// A test compares this with what the API documents.
pub const TEXTS: &[&str] = &[
    "agent_name",
    "architecture",
    "bios_boot_method",
    "class_type",
    "comment",
    "definition",
    "description",
    "distro_series",
    "email",
    "error_description",
    "firmware_version",
    "hardware_uuid",
    "hostname",
    "hwe_kernel",
    "kernel_opts",
    "last_name",
    "min_hwe_kernel",
    "name",
    "osystem",
    "power_state",
    "power_type",
    "product",
    "rrdata",
    "type",
    "username",
    "vendor",
];

/// Fields whose parts are texts wherever they come from: `power_parameters.power_pass=123456` is no number. Whoever
/// means one gives all of them as JSON: `power_parameters='{"retries": 3}'`.
const WITH_TEXT_PARTS: &[&str] = &["instance_power_parameters", "power_parameters"];

/// Name and value of `FIELD=VALUE`.
///
/// # Errors
/// [`Failure`] naming the argument without a `=`.
pub fn split(field: &str) -> Result<(&str, &str), Failure> {
    let pair = field.split_once('=').filter(|(name, _)| !name.is_empty());
    pair.ok_or_else(|| {
        Failure::refused(
            Exit::Usage,
            format!("{field:?} is not FIELD=VALUE"),
            "fields are named, and what follows the first = is the value",
            "e.g. hostname=node-01 ttl=300 tags=gpu,ssd 'description=two words'",
        )
    })
}

/// A value as typed: of a text field the text, elsewhere what parses as JSON is JSON and everything else a text.
#[must_use]
pub fn read(name: &str, value: &str) -> Value {
    let is_part = name.split_once('.').is_some_and(|(whole, _)| WITH_TEXT_PARTS.contains(&whole));
    let is_text = (TEXTS.contains(&name) || is_part) && value != "null";
    let json = if is_text { None } else { serde_json::from_str(value).ok() };
    json.unwrap_or_else(|| Value::from(value))
}

/// A list as typed: JSON if it looks like a list or a text, else the parts between commas.
#[must_use]
pub fn read_list(value: &str) -> Vec<Value> {
    match serde_json::from_str(value) {
        Ok(Value::Array(items)) => return items,
        Ok(text @ Value::String(_)) => return vec![text],
        Ok(Value::Null | Value::Bool(_) | Value::Number(_) | Value::Object(_)) | Err(_) => {}
    }
    value.split(',').map(str::trim).filter(|part| !part.is_empty()).map(Value::from).collect()
}

/// Puts a value where its name says: `a.b` is the part `b` of the object `a`.
///
/// # Errors
/// [`Failure`] if what should have parts is something else.
pub fn put(object: &mut Map<String, Value>, name: &str, value: Value) -> Result<(), Failure> {
    let Some((outer, inner)) = name.split_once('.') else {
        object.insert(name.to_owned(), value);
        return Ok(());
    };
    match object.entry(outer).or_insert_with(|| Value::Object(Map::new())) {
        Value::Object(parts) => put(parts, inner, value),
        other @ (Value::Null
        | Value::Bool(_)
        | Value::Number(_)
        | Value::String(_)
        | Value::Array(_)) => Err(Failure::refused(
            Exit::Usage,
            format!("{outer} has no part {inner:?}"),
            format!("it is given as {other}, too"),
            format!("give its parts one by one, or all of it as {outer}='{{…}}'"),
        )),
    }
}

#[cfg(test)]
mod tests {
    use super::{put, read, read_list, split};
    use serde_json::{Map, Value, json};

    fn body(fields: &[&str]) -> Value {
        let mut object = Map::new();
        for field in fields {
            let (name, value) = split(field).unwrap();
            put(&mut object, name, read(name, value)).unwrap();
        }
        Value::Object(object)
    }

    #[test]
    fn value_is_json_if_it_parses_and_a_text_otherwise() {
        let fields = ["ttl=300", "comment=a=b", "params={}", "space=null", "x="];
        let expected = json!({"ttl": 300, "comment": "a=b", "params": {}, "space": null, "x": ""});
        assert_eq!(body(&fields), expected);
    }

    #[test]
    fn field_that_is_a_text_stays_one() {
        let expected = json!({"name": "2026", "description": "true", "class_type": null});
        assert_eq!(body(&["name=2026", "description=true", "class_type=null"]), expected);
    }

    #[test]
    fn part_of_a_field_is_named_behind_a_dot() {
        let fields = ["params.mode=fast", "params.mtu=1500"];
        assert_eq!(body(&fields), json!({"params": {"mode": "fast", "mtu": 1500}}));
        let mut taken = Map::from_iter([("a".to_owned(), json!(1))]);
        assert!(put(&mut taken, "a.b", json!(2)).is_err());
    }

    #[test]
    fn password_of_digits_stays_a_text_unless_all_parameters_are_json() {
        let fields = ["power_parameters.power_pass=123456", "power_parameters.power_user=true"];
        let expected = json!({"power_parameters": {"power_pass": "123456", "power_user": "true"}});
        assert_eq!(body(&fields), expected);
        let whole = body(&[r#"power_parameters={"retries": 3}"#]);
        assert_eq!(whole, json!({"power_parameters": {"retries": 3}}));
        let emptied = body(&["instance_power_parameters.power_id=null"]);
        assert_eq!(emptied, json!({"instance_power_parameters": {"power_id": null}}));
    }

    #[test]
    fn list_is_json_or_parts_between_commas() {
        assert_eq!(read_list("[1, \"a\"]"), [json!(1), json!("a")]);
        assert_eq!(read_list("a, 7,"), [json!("a"), json!("7")]);
        assert_eq!(read_list("02:00:00:00:00:01"), [json!("02:00:00:00:00:01")]);
        assert_eq!(read_list("\"a,b\""), [json!("a,b")]);
        assert_eq!(read_list(""), Vec::<Value>::new());
    }

    #[test]
    fn argument_without_a_name_is_refused_as_it_was_typed() {
        for wrong in ["hostname", "=x"] {
            assert!(split(wrong).unwrap_err().to_string().contains(wrong), "{wrong}");
        }
    }
}
