//! A site's dump instead of demo data: brought in by the command that anybody would run.

use anyhow::Context as _;
use serde_json::Value;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use tokio::process::Command;

/// Where every row is written down that stays behind, in the data folder.
const REPORT_FILE: &str = "import-report.txt";

/// What a step of the import may take: nodes that have just started may be busy.
const STEP_PATIENCE: &str = "60s";

/// A site that was brought in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Site {
    /// The dump's file name.
    pub dump: String,
    /// Machines, devices and controllers in it.
    pub nodes: u64,
    /// Rows that stayed behind.
    pub left_behind: u64,
    /// Where they are written down.
    pub report: PathBuf,
}

/// Imports `dump` into the region of `nodes`, and writes the report into `data_dir`.
///
/// # Errors
/// When the dump cannot be read, or the region does not take it.
pub async fn import(dump: &Path, nodes: &[String], data_dir: &Path) -> anyhow::Result<Site> {
    let report = data_dir.join(REPORT_FILE);
    let mut command = Command::new(std::env::current_exe()?);
    command.args(["import", "maas-dump"]).arg(dump);
    command.args(["--addr", &nodes.join(","), "--output", "json", "--report"]).arg(&report);
    command.args(["--timeout", STEP_PATIENCE]);
    command.args(["--die-with-parent", &std::process::id().to_string()]);
    // Its progress bar and what it complains of are for whoever waits here.
    command.stdout(Stdio::piped()).kill_on_drop(true);
    let output = command.spawn()?.wait_with_output().await?;
    let told: Value = serde_json::from_slice(&output.stdout).unwrap_or_default();
    if !output.status.success() {
        let detail = told["detail"].as_str().unwrap_or("see above");
        anyhow::bail!("{} was not imported: {detail}", dump.display());
    }
    let dump = dump.file_name().unwrap_or(dump.as_os_str()).display().to_string();
    told_of(&told, dump, report)
}

/// What the import's summary says. Kinds of which nothing comes in are not in it.
fn told_of(told: &Value, dump: String, report: PathBuf) -> anyhow::Result<Site> {
    let left_behind = told["rows_that_stay_behind"].as_u64();
    let left_behind = left_behind.context("the import's summary has no counts")?;
    let nodes = told["comes_in"]["node"].as_u64().unwrap_or_default();
    Ok(Site { dump, nodes, left_behind, report })
}

#[cfg(test)]
mod tests {
    use super::told_of;
    use serde_json::{Value, json};

    #[test]
    fn dump_without_nodes_is_a_site_of_none() {
        let nodes = |told: Value| {
            told_of(&told, "maas.sql".into(), "report".into()).map(|site| site.nodes).ok()
        };
        assert_eq!(nodes(json!({ "comes_in": {}, "rows_that_stay_behind": 3 })), Some(0));
        let many = json!({ "comes_in": { "node": 7 }, "rows_that_stay_behind": 0 });
        assert_eq!(nodes(many), Some(7));
        assert_eq!(nodes(json!({})), None, "no summary at all");
    }
}
