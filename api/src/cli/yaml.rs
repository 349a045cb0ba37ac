//! JSON values as YAML 1.2, for output only: blocks for lists and maps, JSON's own quoting where a bare word could be
//! read as something else. Reading YAML is nobody's business here.

use serde_json::Value;

/// Words that other readers take for a boolean, a number or nothing.
const RESERVED: [&str; 12] =
    ["true", "false", "null", "yes", "no", "on", "off", "y", "n", "nan", "inf", "~"];

/// A document, ending with a line's end.
#[must_use]
pub fn document(value: &Value) -> String {
    let mut text = String::new();
    block(&mut text, value, 0);
    if !text.ends_with('\n') {
        text.push('\n');
    }
    text.trim_start().to_owned()
}

/// Writes a value after a key or a dash: scalars on the same line, blocks on the lines below.
fn block(text: &mut String, value: &Value, depth: usize) {
    match value {
        Value::Object(fields) if !fields.is_empty() => {
            for (key, field) in fields {
                start_line(text, depth);
                text.push_str(&scalar(key));
                text.push(':');
                nested(text, field, depth + 1);
            }
        }
        Value::Array(items) if !items.is_empty() => {
            for item in items {
                start_line(text, depth);
                text.push('-');
                nested(text, item, depth + 1);
            }
        }
        Value::String(word) => text.push_str(&scalar(word)),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::Object(_) | Value::Array(_) => {
            text.push_str(&value.to_string());
        }
    }
}

fn nested(text: &mut String, value: &Value, depth: usize) {
    let is_block = match value {
        Value::Object(fields) => !fields.is_empty(),
        Value::Array(items) => !items.is_empty(),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => false,
    };
    if !is_block {
        text.push(' ');
    }
    block(text, value, depth);
}

fn start_line(text: &mut String, depth: usize) {
    text.push('\n');
    text.push_str(&"  ".repeat(depth));
}

fn scalar(word: &str) -> String {
    if is_plain(word) { word.to_owned() } else { Value::from(word).to_string() }
}

/// Whether every reader takes the bare word for this string.
fn is_plain(word: &str) -> bool {
    let starts_well = word.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_' || c == '/');
    let inside = |c: char| c.is_ascii_alphanumeric() || "_-./".contains(c);
    let lower = word.to_ascii_lowercase();
    starts_well && word.chars().all(inside) && !RESERVED.contains(&lower.as_str())
}

#[cfg(test)]
mod tests {
    use super::document;
    use serde_json::json;

    #[test]
    fn lists_and_maps_become_blocks() {
        let value =
            json!({"items": [{"id": 1, "tags": []}, {"id": 2, "tags": ["a", "b"]}], "next": null});
        let expected = "items:\n  -\n    id: 1\n    tags: []\n  -\n    id: 2\n    tags:\n      - a\n      - b\nnext: null\n";
        assert_eq!(document(&value), expected);
    }

    #[test]
    fn words_that_could_mean_something_else_are_quoted() {
        for (word, expected) in [
            ("node-01.lab", "node-01.lab\n"),
            ("no", "\"no\"\n"),
            ("007", "\"007\"\n"),
            ("52:54:00:00:00:01", "\"52:54:00:00:00:01\"\n"),
            ("a: b", "\"a: b\"\n"),
            ("", "\"\"\n"),
            ("two\nlines", "\"two\\nlines\"\n"),
        ] {
            assert_eq!(document(&json!(word)), expected);
        }
    }
}
