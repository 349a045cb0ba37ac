//! `regent config`: the file of a node, read as the node reads it.

use crate::cli::exit::Exit;
use crate::cli::output::OutputFormat;
use crate::config::FileConfig;
use serde_json::json;
use std::path::Path;

/// Says whether a node would start with this file.
///
/// # Errors
/// What the node would say.
pub fn check(file: &Path, format: OutputFormat) -> anyhow::Result<Exit> {
    FileConfig::read(file)?.validate()?;
    let file = file.display().to_string();
    format.show(&json!({ "file": file, "valid": true }), |_| format!("{file} is valid\n"));
    Ok(Exit::Ok)
}

/// Shows what the file says.
///
/// # Errors
/// When it cannot be read.
pub fn show(file: &Path, format: OutputFormat) -> anyhow::Result<Exit> {
    let config = FileConfig::read(file)?;
    let text = toml::to_string(&config)?;
    format.show(&serde_json::to_value(&config)?, |_| text);
    Ok(Exit::Ok)
}
