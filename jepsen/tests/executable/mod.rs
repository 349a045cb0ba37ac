//! Where the executables are.
#![allow(dead_code, reason = "each test uses those it needs")]

use std::path::{Path, PathBuf};
use std::process::Command;

/// The nodes' executable.
pub(crate) fn regent() -> PathBuf {
    built("regent-api", "regent")
}

/// The racks' executable.
pub(crate) fn rack_agent() -> PathBuf {
    built("regent-rack-agent", "rack-agent")
}

/// An executable that is built with the tests of another package; built here if those were not asked for.
fn built(package: &str, name: &str) -> PathBuf {
    let path = Path::new(env!("CARGO_BIN_EXE_regent-jepsen")).with_file_name(name);
    if !path.exists() {
        let build = ["build", "--locked", "--package", package, "--bin", name];
        let built = Command::new(env!("CARGO")).args(build).status().expect("cargo can be run");
        assert!(built.success());
    }
    path
}
