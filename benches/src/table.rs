//! Figures as people and programs want them: columns on a screen, or JSON.

use crate::spread::Spread;
use serde::Serialize;
use std::fmt;

/// Spaces between two columns.
const COLUMN_GAP: usize = 2;

/// One place of a table.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(untagged)]
pub enum Cell {
    /// Words.
    Text(String),
    /// A figure.
    Figure(Spread),
    /// What was not measured.
    Missing,
}

/// Rows of figures.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Table {
    /// What was measured.
    pub title: String,
    /// What one has to know to read it.
    pub notes: Vec<String>,
    /// What stands in each column, with its unit.
    pub columns: Vec<&'static str>,
    /// The rows.
    pub rows: Vec<Vec<Cell>>,
}

impl Table {
    /// A table without rows.
    #[must_use]
    pub fn new(title: &str, columns: &[&'static str]) -> Self {
        Self {
            title: title.to_owned(),
            notes: Vec::new(),
            columns: columns.to_vec(),
            rows: Vec::new(),
        }
    }

    /// Adds a sentence below the title.
    pub fn note(&mut self, sentence: impl Into<String>) {
        self.notes.push(sentence.into());
    }

    fn width(&self, column: usize) -> usize {
        let cells = self.rows.iter().filter_map(|row| row.get(column));
        let widths = cells.map(|cell| cell.to_string().chars().count());
        widths.chain([self.columns[column].chars().count()]).max().unwrap_or_default()
    }
}

impl From<&str> for Cell {
    fn from(text: &str) -> Self {
        Self::Text(text.to_owned())
    }
}

impl From<u64> for Cell {
    fn from(count: u64) -> Self {
        Self::Text(count.to_string())
    }
}

impl From<usize> for Cell {
    fn from(count: usize) -> Self {
        Self::Text(count.to_string())
    }
}

impl From<Option<Spread>> for Cell {
    fn from(figure: Option<Spread>) -> Self {
        figure.map_or(Self::Missing, Self::Figure)
    }
}

impl From<f64> for Cell {
    fn from(figure: f64) -> Self {
        Spread::of([figure]).into()
    }
}

impl fmt::Display for Cell {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Text(text) => f.write_str(text),
            Self::Figure(spread) => spread.fmt(f),
            Self::Missing => f.write_str("-"),
        }
    }
}

impl fmt::Display for Table {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{}", self.title)?;
        for note in &self.notes {
            writeln!(f, "  {note}")?;
        }
        let widths: Vec<usize> = (0..self.columns.len()).map(|column| self.width(column)).collect();
        let heads = self.columns.iter().map(ToString::to_string).collect();
        let rows = self.rows.iter().map(|row| row.iter().map(ToString::to_string).collect());
        for row in std::iter::once::<Vec<String>>(heads).chain(rows) {
            let padded = row.iter().zip(&widths);
            let line: String = padded
                .map(|(cell, width)| format!("{cell:<wide$}", wide = width + COLUMN_GAP))
                .collect();
            writeln!(f, "  {}", line.trim_end())?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::Table;

    #[test]
    fn columns_are_as_wide_as_what_stands_in_them() {
        let mut table = Table::new("writes", &["who", "a second"]);
        table.note("on one disk");
        table.rows.push(vec!["somebody".into(), 12.34.into()]);
        table.rows.push(vec!["me".into(), None.into()]);
        let told = "writes\n  on one disk\n  who       a second\n  somebody  12.3\n  me        -\n";
        assert_eq!(table.to_string(), told);
    }
}
