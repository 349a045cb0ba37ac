//! Standard output: text for people, JSON or YAML for programs. Everything that is not data goes to standard error.

use crate::cli::yaml;
use clap::ValueEnum;
use serde_json::Value;
use std::io::Write as _;

/// What data looks like.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub enum OutputFormat {
    /// For people.
    #[default]
    Table,
    /// One JSON document.
    Json,
    /// One YAML document.
    Yaml,
}

impl OutputFormat {
    /// Prints `value`, or what `text` makes of it for people.
    pub fn show(self, value: &Value, text: impl FnOnce(&Value) -> String) {
        match self {
            Self::Table => print(&text(value)),
            Self::Json => print(&pretty_json(value)),
            Self::Yaml => print(&yaml::document(value)),
        }
    }
}

/// JSON with two spaces of indentation and a line's end.
#[must_use]
pub fn pretty_json(value: &Value) -> String {
    format!("{value:#}\n")
}

/// Writes to standard output. Whoever closed it does not want the rest.
fn print(text: &str) {
    let mut out = std::io::stdout().lock();
    drop(out.write_all(text.as_bytes()).and_then(|()| out.flush()));
}

/// Writes a line to standard error.
pub fn tell(line: &str) {
    // Nothing is left to do when even standard error is closed.
    drop(writeln!(std::io::stderr(), "{line}"));
}
