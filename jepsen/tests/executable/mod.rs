//! Where the nodes' executable is.

use std::path::{Path, PathBuf};
use std::process::Command;

/// The nodes' executable, which is built with the tests of another package; built here if those were not asked for.
pub(crate) fn regent() -> PathBuf {
    let path = Path::new(env!("CARGO_BIN_EXE_regent-jepsen")).with_file_name("regent");
    if !path.exists() {
        let build = ["build", "--locked", "--package", "regent-api", "--bin", "regent"];
        let built = Command::new(env!("CARGO")).args(build).status().expect("cargo can be run");
        assert!(built.success());
    }
    path
}
