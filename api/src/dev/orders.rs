//! Commands to a running dev cluster from another terminal: kill, pause, resume, start, status, stop.

use crate::cli::dev_arguments::{Which, WhichNode};
use crate::cli::dev_record::{DevClients, DevFolder, DevNode, DevRack, DevRecord};
use crate::cli::exit::Exit;
use crate::cli::failure::Failure;
use crate::cli::output::OutputFormat;
use crate::dev::control::{self, Order};
use std::path::{Path, PathBuf};

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

/// Does something to one node or rack agent.
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
    let nodes = record.nodes.iter().map(|DevNode { name, pid, api, directory, .. }| {
        row(name, *pid, &format!("API {api}"), directory)
    });
    let racks = record.racks.iter().map(|DevRack { name, pid, dhcp, directory }| {
        row(name, *pid, &format!("DHCP {dhcp}"), directory)
    });
    nodes.chain(racks).chain(record.clients.as_ref().map(clients)).collect()
}

fn row(name: &str, pid: Option<u32>, serves: &str, directory: &Path) -> String {
    let process = pid.map_or_else(|| "does not run".into(), |pid| format!("pid {pid}"));
    format!("{name:<6}{process:<14}{serves:<22}{}\n", directory.display())
}

fn clients(met: &DevClients) -> String {
    let DevClients { clients, with_address, exchanges, refused, longest_wait_ms } = met;
    format!(
        "{with_address} of {clients} simulated clients have an address; exchanges: {exchanges}, refused: {refused}, \
         longest wait: {longest_wait_ms} ms\n"
    )
}

#[cfg(test)]
mod tests {
    use super::table;
    use crate::cli::dev_record::{DevClients, DevRecord};
    use crate::dev::layout::Layout;
    use std::path::{Path, PathBuf};

    #[test]
    fn status_shows_nodes_racks_and_what_clients_meet() {
        let layout = Layout { base_port: 7440, nodes: 1, racks: 1 };
        let data_dir = Path::new("/d");
        let mut nodes = layout.places(data_dir);
        nodes[0].pid = Some(17);
        let clients = DevClients {
            clients: 24,
            with_address: 23,
            exchanges: 312,
            refused: 1,
            longest_wait_ms: 40,
        };
        let record = DevRecord {
            base_port: 7440,
            supervisor: 1,
            data_dir: PathBuf::from(data_dir),
            data_is_temporary: false,
            nodes,
            racks: layout.rack_places(data_dir),
            clients: Some(clients),
        };
        let expected = "\
r1    pid 17        API 127.0.0.1:7440    /d/r1
rack1 does not run  DHCP 127.0.0.1:7501   /d/rack1
23 of 24 simulated clients have an address; exchanges: 312, refused: 1, longest wait: 40 ms
";
        assert_eq!(table(&record), expected);
    }
}
