//! What the program says of itself: its version, and how shells complete it.

use crate::cli::exit::Exit;
use crate::cli::output::OutputFormat;
use clap_complete::Shell;
use regent_core::version::VERSION;
use serde_json::json;

/// The version.
#[must_use]
pub fn version(format: OutputFormat) -> Exit {
    format
        .show(&json!({ "name": "regent", "version": VERSION }), |_| format!("regent {VERSION}\n"));
    Exit::Ok
}

/// The completion script of a shell.
#[must_use]
pub fn completion(shell: Shell, mut tree: clap::Command, format: OutputFormat) -> Exit {
    let mut script = Vec::new();
    clap_complete::generate(shell, &mut tree, "regent", &mut script);
    let script = String::from_utf8_lossy(&script).into_owned();
    let value = json!({ "shell": shell.to_string(), "script": script });
    format.show(&value, |_| script);
    Exit::Ok
}
