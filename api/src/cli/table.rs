//! Tables and sheets for people: columns as wide as they must be, nothing where there is nothing.

use serde_json::Value;

/// Spaces between two columns.
const GAP: &str = "  ";
/// What stands for nothing.
const NOTHING: &str = "-";

/// One line an item, one column a field.
#[must_use]
pub fn of_items(items: &[Value], columns: &[&str], with_headers: bool) -> String {
    let headers = with_headers.then(|| columns.iter().map(|name| name.to_uppercase()).collect());
    let row = |item: &Value| columns.iter().map(|name| cell(item.get(name))).collect();
    let rows: Vec<Vec<String>> = headers.into_iter().chain(items.iter().map(row)).collect();
    aligned(&rows)
}

/// One line a field: those named first, then the others.
#[must_use]
pub fn of_fields(object: &Value, first: &[&str]) -> String {
    let Some(fields) = object.as_object() else { return cell(Some(object)) + "\n" };
    let leading = first.iter().filter_map(|name| fields.get_key_value(*name));
    let others = fields.iter().filter(|(name, _)| !first.contains(&name.as_str()));
    let row = |(name, value): (&String, &Value)| vec![format!("{name}:"), cell(Some(value))];
    aligned(&leading.chain(others).map(row).collect::<Vec<_>>())
}

/// Lines whose columns begin under each other.
#[must_use]
pub fn aligned(rows: &[Vec<String>]) -> String {
    let columns = rows.iter().map(Vec::len).max().unwrap_or_default();
    let width = |at: usize| {
        rows.iter().filter_map(|row| row.get(at)).map(|cell| cell.chars().count()).max()
    };
    let widths: Vec<usize> = (0..columns).map(|at| width(at).unwrap_or_default()).collect();
    let line = |row: &Vec<String>| {
        let cells: Vec<_> =
            row.iter().zip(&widths).map(|(cell, width)| format!("{cell:<width$}")).collect();
        cells.join(GAP).trim_end().to_owned() + "\n"
    };
    rows.iter().map(line).collect()
}

/// A value in one cell.
#[must_use]
pub fn cell(value: Option<&Value>) -> String {
    match value {
        None | Some(Value::Null) => NOTHING.into(),
        Some(Value::String(text)) if text.is_empty() => NOTHING.into(),
        Some(Value::String(text)) => text.replace('\n', " "),
        Some(Value::Array(items)) if items.is_empty() => NOTHING.into(),
        Some(Value::Array(items)) => {
            items.iter().map(|item| cell(Some(item))).collect::<Vec<_>>().join(", ")
        }
        Some(Value::Object(fields)) => {
            let field = |(name, value): (&String, &Value)| format!("{name}={}", cell(Some(value)));
            fields.iter().map(field).collect::<Vec<_>>().join(" ")
        }
        Some(value @ (Value::Bool(_) | Value::Number(_))) => value.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::{of_fields, of_items};
    use serde_json::json;

    #[test]
    fn columns_are_as_wide_as_their_widest_cell() {
        let items =
            [json!({"id": 1, "name": "lab.test", "ttl": null}), json!({"id": 22, "name": "x"})];
        let expected = "ID  NAME      TTL\n1   lab.test  -\n22  x         -\n";
        assert_eq!(of_items(&items, &["id", "name", "ttl"], true), expected);
        assert_eq!(of_items(&items[1..], &["name"], false), "x\n");
    }

    #[test]
    fn sheet_begins_with_what_matters_and_shows_parts_in_one_line() {
        let interfaces = json!([{"name": "eth0"}, {"name": "eth1"}]);
        let object = json!({"id": 1, "interfaces": interfaces, "tags": []});
        let expected = "tags:        -\nid:          1\ninterfaces:  name=eth0, name=eth1\n";
        assert_eq!(of_fields(&object, &["tags", "absent"]), expected);
    }
}
