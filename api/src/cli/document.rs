//! JSON documents people name on the command line: a file, or standard input.

use crate::cli::exit::Exit;
use crate::cli::failure::Failure;
use serde_json::Value;
use std::io::Read as _;

/// What stands for standard input.
pub const INPUT: &str = "-";
/// Bytes of a document; the API takes no more.
const DOCUMENT_BYTES_MAX: u64 = 1 << 20;

/// The document in a file, or on standard input.
///
/// # Errors
/// [`Failure`] if it cannot be read or is no JSON.
pub fn of(source: &str) -> Result<Value, Failure> {
    let mut text = String::new();
    let read = if source == INPUT {
        std::io::stdin().take(DOCUMENT_BYTES_MAX).read_to_string(&mut text)
    } else {
        let file = std::fs::File::open(source);
        file.and_then(|file| file.take(DOCUMENT_BYTES_MAX).read_to_string(&mut text))
    };
    read.map_err(|error| {
        let what = format!("{source} cannot be read");
        Failure::refused(Exit::Usage, what, error.to_string(), "name a readable file, or -")
    })?;
    parse(&text)
}

/// The document in a text.
///
/// # Errors
/// [`Failure`] if it is no JSON.
pub fn parse(text: &str) -> Result<Value, Failure> {
    serde_json::from_str(text).map_err(|error| {
        let next = "in a shell, quote it: '{\"name\": \"lab.test\"}'";
        Failure::refused(Exit::Usage, "that is no JSON", error.to_string(), next)
    })
}
