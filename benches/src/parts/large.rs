//! Bringing the large site in: a dump of it imported as an operator would, and what the cluster is like meanwhile.

use crate::arguments::Arguments;
use crate::load::connection::Connection;
use crate::process::{Process, memory};
use crate::site::dump;
use crate::table::{Cell, Table};
use anyhow::Context as _;
use regent_jepsen::cluster::group::Group;
use regent_jepsen::cluster::node::Settings;
use std::fs::File;
use std::io::{BufWriter, Write as _};
use std::path::Path;
use std::time::{Duration, Instant};
use tempfile::TempDir;
use tokio::sync::watch;
use tokio::time::sleep;

/// Pause between two looks at the cluster, and at the memory of the import.
const LOOK_PAUSE: Duration = Duration::from_millis(10);

/// A cluster that holds the large site.
pub struct Large {
    /// It.
    pub group: Group,
    /// How it got it.
    pub table: Table,
    /// Where its nodes live, as long as this is there.
    _nodes_folder: TempDir,
}

/// Starts a cluster and brings the site in.
///
/// # Errors
/// When that does not work.
pub async fn bring_in(arguments: &Arguments) -> anyhow::Result<Large> {
    let (executable, folder) = (arguments.executable()?, arguments.folder()?);
    let scratch = tempfile::Builder::new().prefix("site-").tempdir_in(&folder)?;
    let file = scratch.path().join("dump.sql");
    let mut out = BufWriter::new(File::create(&file)?);
    dump::write(&mut out, arguments.size())?;
    out.flush()?;
    let (mut group, nodes_folder) =
        Group::in_folder_of_its_own(&folder, &executable, Settings::SHIPPED)?;
    group.start().await?;
    let leader = group.leader().await?;
    let term = term_of(&group).await?;
    let (stop, stopped) = watch::channel(false);
    let leading = group.nodes[leader].place.api.clone();
    let fresh = tokio::spawn(longest(leading, "/v1/domains/0", stopped.clone()));
    let other = group.nodes[(leader + 1) % group.nodes.len()].place.api.clone();
    let stale = tokio::spawn(longest(other, "/v1/domains/0?consistency=stale", stopped));
    let addresses: Vec<_> = group.nodes.iter().map(|node| node.place.api.clone()).collect();
    let imported = import(&executable, &file, &addresses, scratch.path()).await?;
    let applied = Instant::now();
    group.agreement().await?;
    let behind = applied.elapsed();
    stop.send_replace(true);
    let elections = term_of(&group).await? - term;
    let megabytes = std::fs::metadata(&file)?.len() as f64 / 1e6;
    let mut table = Table::new("import of the large site", &["what", "figure"]);
    table.note(format!("{} machines, {} leases", arguments.machines, arguments.leases));
    table.note("every lease is also an address, as in MAAS; ten leases share a network card");
    let mut row = |what: &str, figure: Cell| table.rows.push(vec![what.into(), figure]);
    row("dump, MB", megabytes.into());
    row("import until acknowledged, s", imported.took.as_secs_f64().into());
    row("memory of the importing client, peak MiB", imported.peak_mib.into());
    row("until all nodes have one digest, s after that", behind.as_secs_f64().into());
    row("longest linearizable read at the leader meanwhile, s", fresh.await?.as_secs_f64().into());
    row("longest stale read at a follower meanwhile, s", stale.await?.as_secs_f64().into());
    row("leader changes meanwhile", (elections as f64).into());
    for (number, node) in group.nodes.iter().enumerate() {
        let role = if number == leader { "leader" } else { "follower" };
        let memory = node.process_id().and_then(memory).context("a node is gone")?;
        row(&format!("{} ({role}), resident MiB", node.place.name), memory.resident_mib.into());
        row(&format!("{} ({role}), peak MiB", node.place.name), memory.peak_mib.into());
    }
    Ok(Large { group, table, _nodes_folder: nodes_folder })
}

async fn term_of(group: &Group) -> anyhow::Result<u64> {
    Ok(group.status_of(0).await.context("a node does not answer")?.term)
}

struct Imported {
    took: Duration,
    peak_mib: f64,
}

async fn import(
    executable: &Path,
    dump: &Path,
    addresses: &[String],
    scratch: &Path,
) -> anyhow::Result<Imported> {
    let dump = dump.display().to_string();
    let words = ["import", "maas-dump", &dump, "-o", "json", "--addr", &addresses.join(",")];
    let arguments: Vec<String> = words.iter().map(ToString::to_string).collect();
    let began = Instant::now();
    let process = Process::start(executable, &arguments, scratch.join("import.log"))?;
    let id = process.id().context("the import has no id")?;
    let finished = process.finish();
    tokio::pin!(finished);
    let mut peak_mib = 0.0_f64;
    loop {
        tokio::select! {
            told = &mut finished => {
                told.context("the import failed")?;
                return Ok(Imported { took: began.elapsed(), peak_mib });
            }
            () = sleep(LOOK_PAUSE) => {
                peak_mib = memory(id).map_or(peak_mib, |memory| peak_mib.max(memory.peak_mib));
            }
        }
    }
}

/// The longest that a read took, one after the other until told to stop.
async fn longest(host: String, path: &str, stopped: watch::Receiver<bool>) -> Duration {
    let request = format!("GET {path} HTTP/1.1\r\nhost: {host}\r\n\r\n");
    let (mut connection, mut longest) = (Connection::new(host), Duration::ZERO);
    while !*stopped.borrow() {
        let asked = Instant::now();
        // A refused read counts as long as it took, too.
        drop(connection.ask(request.as_bytes()).await);
        longest = longest.max(asked.elapsed());
        sleep(LOOK_PAUSE).await;
    }
    longest
}
