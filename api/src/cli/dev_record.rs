//! What a running `regent dev` leaves in the file system, so that commands in another terminal find it: a small file
//! and the socket its supervisor listens on, named after the base port, in a folder only this user can enter.

use crate::cli::exit::Exit;
use crate::cli::failure::Failure;
use serde::{Deserialize, Serialize};
use std::fs::DirBuilder;
use std::io;
use std::os::unix::fs::{DirBuilderExt as _, MetadataExt as _};
use std::path::{Path, PathBuf};

/// Permissions of the folder: its owner's alone.
const FOLDER_MODE: u32 = 0o700;
/// Bytes of a record that are read.
const RECORD_BYTES_MAX: u64 = 64 << 10;

/// A running dev cluster.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DevRecord {
    /// API port of the first node.
    pub base_port: u16,
    /// Process id of the supervisor.
    pub supervisor: u32,
    /// Where the nodes keep their data.
    pub data_dir: PathBuf,
    /// Whether that folder goes when the cluster stops.
    pub data_is_temporary: bool,
    /// The nodes.
    pub nodes: Vec<DevNode>,
    /// The rack agents.
    #[serde(default)]
    pub racks: Vec<DevRack>,
    /// What the simulated DHCP clients meet, if there are any.
    #[serde(default)]
    pub clients: Option<DevClients>,
}

/// A node of it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DevNode {
    /// Its name: r1, r2, …
    pub name: String,
    /// Its HTTP API.
    pub api: String,
    /// Its port for other nodes.
    pub peer: String,
    /// Its DNS port.
    pub dns: String,
    /// Its data directory.
    pub directory: PathBuf,
    /// Its process, if it runs.
    pub pid: Option<u32>,
}

/// A rack agent of it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DevRack {
    /// Its name: rack1, rack2.
    pub name: String,
    /// Where it serves DHCP.
    pub dhcp: String,
    /// Its state directory.
    pub directory: PathBuf,
    /// Its process, if it runs.
    pub pid: Option<u32>,
}

/// What simulated DHCP clients meet, counted since the first of them began or since somebody had it counted anew.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DevClients {
    /// How many there are.
    pub clients: usize,
    /// Those that have an address now.
    pub with_address: usize,
    /// Times that one got an address or kept it for longer.
    pub exchanges: u64,
    /// Times that one was refused the address it had.
    pub refused: u64,
    /// Milliseconds that one waited for an address or for more time with it, whoever waits still being counted.
    pub longest_wait_ms: u64,
}

/// The folder of the records of this user.
#[derive(Clone, Debug)]
pub struct DevFolder(PathBuf);

impl DevFolder {
    /// Where it is, whether or not it exists.
    #[must_use]
    pub fn locate() -> Self {
        let user = rustix::process::geteuid().as_raw();
        Self(match std::env::var_os("XDG_RUNTIME_DIR") {
            Some(runtime) => PathBuf::from(runtime).join("regent-dev"),
            None => std::env::temp_dir().join(format!("regent-dev-{user}")),
        })
    }

    /// Makes it.
    ///
    /// # Errors
    /// If it cannot be made, or others can enter it.
    pub fn create(&self) -> io::Result<()> {
        DirBuilder::new().recursive(true).mode(FOLDER_MODE).create(&self.0)?;
        self.is_ours()
    }

    /// Refuses a folder that somebody else made or can write to: what stands in it says which folders to delete.
    fn is_ours(&self) -> io::Result<()> {
        let meta = std::fs::symlink_metadata(&self.0)?;
        let user = rustix::process::geteuid().as_raw();
        if meta.is_dir() && meta.uid() == user && meta.mode() & 0o077 == 0 {
            return Ok(());
        }
        Err(io::Error::other(format!(
            "{} belongs to or is open to somebody else",
            self.0.display()
        )))
    }

    /// The socket of the cluster with this base port.
    #[must_use]
    pub fn socket(&self, base_port: u16) -> PathBuf {
        self.0.join(format!("{base_port}.sock"))
    }

    fn file(&self, base_port: u16) -> PathBuf {
        self.0.join(format!("{base_port}.json"))
    }

    /// Writes a record, whole or not at all.
    ///
    /// # Errors
    /// I/O.
    pub fn write(&self, record: &DevRecord) -> io::Result<()> {
        let file = self.file(record.base_port);
        let draft = file.with_extension("draft");
        std::fs::write(&draft, serde_json::to_vec_pretty(record)?)?;
        std::fs::rename(draft, file)
    }

    /// Removes a record and its socket, and the folder if nothing else is in it.
    pub fn remove(&self, base_port: u16) {
        // What is not there need not be removed.
        drop(std::fs::remove_file(self.file(base_port)));
        drop(std::fs::remove_file(self.socket(base_port)));
        drop(std::fs::remove_dir(&self.0));
    }

    /// All records, by base port; none from a folder that is not ours.
    #[must_use]
    pub fn records(&self) -> Vec<DevRecord> {
        let Ok(entries) = self.is_ours().and_then(|()| std::fs::read_dir(&self.0)) else {
            return Vec::new();
        };
        let paths = entries.filter_map(|entry| Some(entry.ok()?.path()));
        let mut records: Vec<_> = paths.filter_map(|path| read(&path)).collect();
        records.sort_by_key(|record| record.base_port);
        records
    }

    /// The record of the cluster meant: the one with this base port, or the only one there is.
    ///
    /// # Errors
    /// [`Failure`] if there is none, or more than one to choose from.
    pub fn the_one(&self, base_port: Option<u16>) -> Result<DevRecord, Failure> {
        let mut records = self.records();
        records.retain(|record| base_port.is_none_or(|port| record.base_port == port));
        let ports: Vec<_> = records.iter().map(|record| record.base_port.to_string()).collect();
        match (records.pop(), records.len()) {
            (Some(record), 0) => Ok(record),
            (Some(_), _) => Err(Failure::refused(
                Exit::Usage,
                "several dev clusters run",
                format!("their base ports are {}", ports.join(", ")),
                "say which: --base-port PORT",
            )),
            (None, _) => Err(Failure::refused(
                Exit::NotFound,
                "no dev cluster runs",
                format!("there is no record of one in {}", self.0.display()),
                "start one: regent dev",
            )),
        }
    }
}

fn read(path: &Path) -> Option<DevRecord> {
    if path.extension()? != "json" || std::fs::metadata(path).ok()?.len() > RECORD_BYTES_MAX {
        return None;
    }
    serde_json::from_slice(&std::fs::read(path).ok()?).ok()
}
