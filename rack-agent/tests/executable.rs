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
fn config_check_accepts_a_good_file_and_shows_all_that_it_means() {
    let folder = tempfile::tempdir().unwrap();
    let regions = "regions = ['r1.example:7440', 'r2:7440']\ninsecure_no_auth = true\n";
    let text = format!("{regions}state_dir = '/srv/rack'\n[interfaces]\ndeny = ['docker*']\n");
    let file = written(&folder, &text);
    let output = rack_agent(&["config", "check"], &file);
    let said = String::from_utf8(output.stdout).unwrap();
    assert_eq!(output.status.code(), Some(0));
    let lines: Vec<&str> = said.lines().skip(1).collect();
    let expected = [
        "regions           r1.example:7440 r2:7440",
        "state_dir         /srv/rack",
        "interfaces        all but docker*",
        "insecure_no_auth  true",
        "newcomers         4096 at once, then 200 a second",
        "test              no",
    ];
    assert_eq!(lines, expected);
}

#[test]
fn config_check_of_an_empty_file_shows_the_defaults() {
    let folder = tempfile::tempdir().unwrap();
    let output = rack_agent(&["config", "check"], &written(&folder, ""));
    let said = String::from_utf8(output.stdout).unwrap();
    let lines: Vec<&str> = said.lines().skip(1).collect();
    let expected = [
        "regions           those that the region tells of",
        "state_dir         /var/lib/regent-rack",
        "interfaces        all",
        "insecure_no_auth  false",
        "newcomers         4096 at once, then 200 a second",
        "test              no",
    ];
    assert_eq!(lines, expected);
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
fn run_of_a_machine_that_is_no_rack_says_how_it_becomes_one() {
    let folder = tempfile::tempdir().unwrap();
    let state_dir = folder.path().join("state");
    let text = format!("regions = ['localhost:7440']\nstate_dir = '{}'\n", state_dir.display());
    let file = written(&folder, &text);
    let output = rack_agent(&["run", "--config"], &file);
    let said = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(1));
    assert!(said.contains("rack-agent join"), "{said}");
}

#[test]
fn join_takes_a_token_from_its_input_and_does_not_repeat_it() {
    let folder = tempfile::tempdir().unwrap();
    let state_dir = folder.path().join("state");
    let file = written(&folder, &format!("state_dir = '{}'\n", state_dir.display()));
    std::fs::write(folder.path().join("token"), "regent-rack-1.5ec2e7\n").unwrap();
    let token = std::fs::File::open(folder.path().join("token")).unwrap();
    let mut command = Command::new(env!("CARGO_BIN_EXE_rack-agent"));
    let output = command.args(["join", "-", "--config"]).arg(file).stdin(token).output().unwrap();
    let said = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(1));
    assert!(said.contains("damaged") && !said.contains("5ec2e7"), "{said}");
}
