//! Commands to a running dev cluster from another terminal: kill, pause, resume, start, status, stop.

use crate::cli::dev_arguments::{Which, WhichNode};
use crate::cli::dev_record::{DevFolder, DevNode, DevRecord};
use crate::cli::exit::Exit;
use crate::cli::failure::Failure;
use crate::cli::output::OutputFormat;
use crate::dev::control::{self, Order};
use std::path::PathBuf;

/// The cluster meant and the socket of its supervisor.
///
/// # Errors
/// [`Failure`] if none runs, or more than one.
pub fn find(which: Which) -> Result<(DevRecord, PathBuf), Failure> {
    let folder = DevFolder::locate();
    let record = folder.the_one(which.base_port)?;
    let socket = folder.socket(record.base_port);
    Ok((record, socket))
}

/// Does something to one node.
///
/// # Errors
/// When the supervisor refuses.
pub async fn to_node(
    node: &WhichNode,
    order: fn(String) -> Order,
    format: OutputFormat,
) -> anyhow::Result<Exit> {
    let (_, socket) = find(node.which)?;
    show(&control::give(&socket, &order(node.node.clone())).await?, format)
}

/// Shows the processes.
///
/// # Errors
/// When none runs.
pub async fn status(which: Which, format: OutputFormat) -> anyhow::Result<Exit> {
    let (_, socket) = find(which)?;
    show(&control::give(&socket, &Order::Status).await?, format)
}

/// Stops all.
///
/// # Errors
/// When none runs.
pub async fn stop(which: Which, format: OutputFormat) -> anyhow::Result<Exit> {
    let (_, socket) = find(which)?;
    let record = control::give(&socket, &Order::Stop).await?;
    let data = record.data_dir.display().to_string();
    let told = if record.data_is_temporary {
        "stopped; nothing is left behind\n".into()
    } else {
        format!("stopped; the data stays in {data}\n")
    };
    format.show(&serde_json::to_value(&record)?, |_| told);
    Ok(Exit::Ok)
}

fn show(record: &DevRecord, format: OutputFormat) -> anyhow::Result<Exit> {
    format.show(&serde_json::to_value(record)?, |_| table(record));
    Ok(Exit::Ok)
}

fn table(record: &DevRecord) -> String {
    let row = |node: &DevNode| {
        let process = node.pid.map_or_else(|| "does not run".into(), |pid| format!("pid {pid}"));
        format!("{:<5}{process:<14}API {}   {}\n", node.name, node.api, node.directory.display())
    };
    record.nodes.iter().map(row).collect()
}
