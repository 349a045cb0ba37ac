//! Kea, a DHCP server to compare with: Debian's package, alone.

use crate::lab::namespace::Namespace;
use crate::lab::process::Process;
use serde_json::json;
use std::fs;
use std::path::Path;

/// The program.
pub const PROGRAM: &str = "kea-dhcp4";

/// Starts Kea on a machine, to serve a /24 network (`10.0.0`) on an interface.
///
/// # Errors
/// If it cannot be started.
pub fn start(
    machine: &Namespace,
    interface: &str,
    network: &str,
    life_secs: u64,
    folder: &Path,
) -> anyhow::Result<Process> {
    let folder = folder.join("kea");
    fs::create_dir_all(&folder)?;
    let path = |name: &str| folder.join(name).display().to_string();
    let settings = json!({ "Dhcp4": {
        "interfaces-config": { "interfaces": [interface] },
        "lease-database": { "type": "memfile", "persist": true, "name": path("leases.csv") },
        "valid-lifetime": life_secs,
        "loggers": [{ "name": "kea-dhcp4", "severity": "INFO", "output_options": [{ "output": "stdout" }] }],
        "subnet4": [{
            "subnet": format!("{network}.0/24"),
            "pools": [{ "pool": format!("{network}.100-{network}.199") }],
        }],
    } });
    fs::write(path("kea.json"), serde_json::to_vec_pretty(&settings)?)?;
    let mut command = machine.command(PROGRAM);
    command.args(["-c", &path("kea.json")]);
    command.env("KEA_PIDFILE_DIR", &folder).env("KEA_LOCKFILE_DIR", &folder);
    Process::spawn(command, PROGRAM, &folder.join("log"))
}
