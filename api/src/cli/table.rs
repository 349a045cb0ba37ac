//! Tables and sheets for people: columns as wide as they must be, nothing where there is nothing.

use crate::duration;
use serde_json::Value;
use std::time::Duration;

/// Spaces between two columns.
const GAP: &str = "  ";
/// Characters of a line of a list, unless fields were chosen.
const LINE_WIDTH_MAX: usize = 100;
/// Characters that are left of a cell however many columns there are.
const CELL_WIDTH_MIN: usize = 12;
/// Fields of every object that nobody looks for first.
const BOOKKEEPING: [&str; 4] = ["created", "created_revision", "revision", "updated"];
/// What stands for nothing.
const NOTHING: &str = "-";
/// How fields end that are lengths of time in milliseconds.
const MILLIS: &str = "_ms";

/// One line an item, one column a field.
#[must_use]
pub fn of_items(items: &[Value], columns: &[&str], with_headers: bool) -> String {
    aligned(&rows(items, columns, with_headers))
}

/// The same, with cells cut off where lines would be wider; what items are known by, the field `whole`, never is.
#[must_use]
pub fn of_items_narrow(
    items: &[Value],
    columns: &[&str],
    with_headers: bool,
    whole: &str,
) -> String {
    let mut rows = rows(items, columns, with_headers);
    let cut: Vec<bool> = columns.iter().map(|name| *name != whole).collect();
    narrow(&mut rows, &cut);
    aligned(&rows)
}

fn rows(items: &[Value], columns: &[&str], with_headers: bool) -> Vec<Vec<String>> {
    let headers = with_headers.then(|| columns.iter().map(|name| header(name)).collect());
    let listed =
        |name: &str, value: Option<&Value>| length(name, value).unwrap_or_else(|| cell(value));
    let row = |item: &Value| columns.iter().map(|name| listed(name, item.get(name))).collect();
    headers.into_iter().chain(items.iter().map(row)).collect()
}

fn header(name: &str) -> String {
    name.strip_suffix(MILLIS).unwrap_or(name).to_uppercase()
}

/// A length of time as people write it, if the field is one.
fn length(name: &str, value: Option<&Value>) -> Option<String> {
    let millis = value.filter(|_| name.ends_with(MILLIS))?.as_u64()?;
    Some(if millis == 0 { NOTHING.into() } else { duration::tell(Duration::from_millis(millis)) })
}

/// Cuts the widest columns that may be cut until lines fit, or none is worth cutting.
fn narrow(rows: &mut [Vec<String>], may_cut: &[bool]) {
    let mut widths = widths(rows);
    let gaps = GAP.len() * widths.len().saturating_sub(1);
    while widths.iter().sum::<usize>() + gaps > LINE_WIDTH_MAX {
        let cuttable = widths.iter_mut().zip(may_cut).filter(|(_, may)| **may);
        let widest = cuttable.map(|(width, _)| width).max();
        let Some(widest) = widest.filter(|widest| **widest > CELL_WIDTH_MIN) else { break };
        *widest -= 1;
    }
    for row in rows {
        for (cell, width) in row.iter_mut().zip(&widths) {
            if cell.chars().count() > *width {
                *cell = cell.chars().take(width - 1).chain(['…']).collect();
            }
        }
    }
}

fn widths(rows: &[Vec<String>]) -> Vec<usize> {
    let columns = rows.iter().map(Vec::len).max().unwrap_or_default();
    let width = |at: usize| {
        rows.iter().filter_map(|row| row.get(at)).map(|cell| cell.chars().count()).max()
    };
    (0..columns).map(|at| width(at).unwrap_or_default()).collect()
}

/// One line a field that has a value: those named first, whether they have one or not, then the others, then those
/// every object has.
#[must_use]
pub fn of_fields(object: &Value, first: &[&str]) -> String {
    let Some(fields) = object.as_object() else { return cell(Some(object)) + "\n" };
    let named = |names: &[&str], name: &String| names.contains(&name.as_str());
    let leading = first.iter().filter_map(|name| fields.get_key_value(*name));
    let mut others: Vec<_> = fields
        .iter()
        .filter(|(name, value)| !named(first, name) && cell(Some(value)) != NOTHING)
        .collect();
    others.sort_by_key(|(name, _)| named(&BOOKKEEPING, name));
    let row = |(name, value): (&String, &Value)| {
        let told = length(name, Some(value)).filter(|told| told != NOTHING);
        let told = told.map(|told| format!(" ({told})")).unwrap_or_default();
        vec![format!("{name}:"), cell(Some(value)) + &told]
    };
    aligned(&leading.chain(others).map(row).collect::<Vec<_>>())
}

/// A list of an object as a table of its own, to stand below the sheet of the object, which has it no longer.
#[must_use]
pub fn taken_out(object: &mut Value, list: &str, columns: &[&str]) -> String {
    let list = object.as_object_mut().and_then(|fields| fields.remove(list));
    let rows = list.as_ref().and_then(Value::as_array);
    of_items(rows.map_or(&[][..], Vec::as_slice), columns, true)
}

/// Lines whose columns begin under each other.
#[must_use]
pub fn aligned(rows: &[Vec<String>]) -> String {
    let widths = widths(rows);
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
        Some(Value::String(text)) => text.replace(char::is_control, " "),
        Some(Value::Array(items)) if items.is_empty() => NOTHING.into(),
        Some(Value::Array(items)) => {
            items.iter().map(|item| cell(Some(item))).collect::<Vec<_>>().join(", ")
        }
        Some(Value::Object(fields)) if fields.is_empty() => NOTHING.into(),
        Some(Value::Object(fields)) => {
            let field = |(name, value): (&String, &Value)| format!("{name}={}", cell(Some(value)));
            fields.iter().map(field).collect::<Vec<_>>().join(" ")
        }
        Some(value @ (Value::Bool(_) | Value::Number(_))) => value.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::{of_fields, of_items, of_items_narrow};
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
    fn lengths_of_time_are_told_as_people_tell_them() {
        let items = [json!({"ip": "a", "remaining_ms": 552_000}), json!({"remaining_ms": 0})];
        let expected = "IP  REMAINING\na   9m12s\n-   -\n";
        assert_eq!(of_items(&items, &["ip", "remaining_ms"], true), expected);
        assert_eq!(
            of_fields(&json!({"remaining_ms": 552_000}), &[]),
            "remaining_ms:  552000 (9m12s)\n"
        );
    }

    #[test]
    fn sheet_begins_with_what_matters_and_shows_parts_in_one_line() {
        let interfaces = json!([{"name": "eth0"}, {"name": "eth1"}]);
        let object = json!({
            "id": 1, "created": "today", "interfaces": interfaces, "tags": [], "pool": null, "x": {}
        });
        let expected = "tags:        -\nid:          1\ninterfaces:  name=eth0, name=eth1\n\
                        created:     today\n";
        assert_eq!(of_fields(&object, &["tags", "absent"]), expected);
    }

    #[test]
    fn widest_cells_are_cut_until_lines_fit_but_never_what_items_are_known_by() {
        let (long, longer) = ("n".repeat(70), "c".repeat(90));
        let item = json!({"id": 1, "name": long, "comment": longer});
        let lines = of_items_narrow(&[item], &["id", "name", "comment"], false, "name");
        assert_eq!(lines, format!("1  {long}  {}…\n", "c".repeat(24)));
        assert_eq!(lines.trim_end().chars().count(), 100);
    }
}
