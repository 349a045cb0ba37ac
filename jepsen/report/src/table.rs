//! Tables in Markdown, as lines of cells. What stands in a cell cannot end it.

/// A table with its columns padded, so that it can be read as it is.
#[must_use]
pub fn table(heads: &[&str], rows: &[Vec<String>]) -> String {
    let heads: Vec<String> = heads.iter().map(|head| cell(head)).collect();
    let rows: Vec<Vec<String>> =
        rows.iter().map(|row| row.iter().map(|text| cell(text)).collect()).collect();
    let width = |column: usize| {
        let cells = rows.iter().filter_map(|row| row.get(column)).chain(heads.get(column));
        cells.map(|cell| cell.chars().count()).max().unwrap_or_default()
    };
    let widths: Vec<usize> = (0..heads.len()).map(width).collect();
    let line = |cells: &[String]| {
        let padded = cells.iter().zip(&widths).map(|(cell, width)| format!(" {cell:<width$} |"));
        format!("|{}\n", padded.collect::<String>())
    };
    let rule: String = widths.iter().map(|width| format!("{}|", "-".repeat(width + 2))).collect();
    let rows: String = rows.iter().map(|row| line(row)).collect();
    format!("{}|{rule}\n{rows}", line(&heads))
}

/// One line of a table, as short as it can be.
#[must_use]
pub fn line(cells: &[String]) -> String {
    let cells: String = cells.iter().map(|text| format!(" {} |", cell(text))).collect();
    format!("|{cells}\n")
}

/// The cells of a line, if it is one of a table.
#[must_use]
pub fn cells(line: &str) -> Option<Vec<&str>> {
    let inside = line.trim().strip_prefix('|')?.strip_suffix('|')?;
    Some(inside.split('|').map(str::trim).collect())
}

/// Text without what would end a cell or a line.
fn cell(text: &str) -> String {
    text.replace('|', "/").split_whitespace().collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::{cells, line, table};

    #[test]
    fn columns_are_as_wide_as_their_widest_cell() {
        let rows = [vec!["1".to_owned(), "kill".to_owned()], vec!["20".to_owned(), "ä".to_owned()]];
        let expected = "| n  | fault |\n|----|-------|\n| 1  | kill  |\n| 20 | ä     |\n";
        assert_eq!(table(&["n", "fault"], &rows), expected);
    }

    #[test]
    fn line_is_read_as_it_was_written_whatever_was_in_it() {
        let written = line(&["a|b".to_owned(), "two\nlines".to_owned(), String::new()]);
        assert_eq!(cells(&written).unwrap(), ["a/b", "two lines", ""]);
        assert_eq!(cells("no table"), None);
    }
}
