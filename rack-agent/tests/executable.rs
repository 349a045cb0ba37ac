//! The `rack-agent` executable as an operator meets it: what it prints and how it exits.

use std::path::{Path, PathBuf};
use std::process::{Command, Output};

fn rack_agent(arguments: &[&str], file: &Path) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_rack-agent"));
    command.args(arguments).arg(file).output().expect("the executable was built with this test")
}

fn written(folder: &tempfile::TempDir, text: &str) -> PathBuf {
    let file = folder.path().join("rack.toml");
    std::fs::write(&file, text).expect("the folder is ours");
    file
}

#[test]
fn config_check_accepts_a_good_file_and_shows_what_it_means() {
    let folder = tempfile::tempdir().unwrap();
    let file = written(&folder, "regions = ['r1.example:7440']\nstate_dir = '/var/lib/rack'\n");
    let output = rack_agent(&["config", "check"], &file);
    let said = String::from_utf8(output.stdout).unwrap();
    assert_eq!(output.status.code(), Some(0));
    assert!(said.contains("r1.example:7440") && said.contains("/var/lib/rack"), "{said}");
}

#[test]
fn config_check_names_the_file_and_the_fault_and_exits_with_64() {
    let folder = tempfile::tempdir().unwrap();
    let file = written(&folder, "region = ['r1.example:7440']\n");
    let output = rack_agent(&["config", "check"], &file);
    let said = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(64));
    assert!(said.contains("rack.toml") && said.contains("unknown field `region`"), "{said}");
    assert_eq!(output.stdout, b"");
}

#[test]
fn config_check_of_a_missing_file_exits_with_64() {
    let folder = tempfile::tempdir().unwrap();
    let output = rack_agent(&["config", "check"], &folder.path().join("absent.toml"));
    assert_eq!(output.status.code(), Some(64));
}

#[test]
fn run_says_that_it_is_not_built_yet() {
    let folder = tempfile::tempdir().unwrap();
    let file = written(&folder, "regions = ['r1.example:7440']\n");
    let output = rack_agent(&["run", "--config"], &file);
    let said = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(1));
    assert!(said.contains("not built yet"), "{said}");
}
