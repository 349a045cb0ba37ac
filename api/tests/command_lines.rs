//! Command lines that make no sense, each with what is said of it. None reaches a region: there is none.
//!
//! One row, one command line. Exit code 2 is for what cannot be typed so, 64 for settings that cannot work.
#![allow(clippy::unwrap_used, reason = "tests may fail loudly")]

use serde_json::{Value, json};
use std::net::TcpListener;
use std::process::Command;

/// What is typed, and what is told.
type Row = (&'static [&'static str], &'static [&'static str]);

const USAGE: &[Row] = &[
    (&[], &["Usage"]),
    (&["fly"], &["unrecognized subcommand 'fly'"]),
    (&["machines", "ls"], &["unrecognized subcommand 'machines'", "machine"]),
    (&["machine"], &["Usage"]),
    (&["machine", "lst"], &["unrecognized subcommand 'lst'"]),
    (&["machine", "ls", "--colour", "red"], &["unexpected argument '--colour'"]),
    (&["machine", "ls", "one"], &["unexpected argument 'one'"]),
    (&["machine", "show"], &["required arguments were not provided"]),
    (&["machine", "ls", "--limit"], &["a value is required for '--limit"]),
    (&["machine", "ls", "-o", "xml"], &["invalid value 'xml'", "table, json, yaml"]),
    (&["status", "--timeout", "5"], &["invalid value '5'", "500ms, 10s, 2m or 1h"]),
    (&["status", "--timeout", "-1s"], &["unexpected argument '-1'"]),
    (&["status", "--timeout", "99999999999999999999s"], &["500ms, 10s, 2m or 1h"]),
    (
        &["status", "--log-level", "loud"],
        &["invalid value 'loud'", "error, warn, info, debug, trace"],
    ),
    (&["status", "--log-format", "xml"], &["invalid value 'xml'", "text, json"]),
    (&["status", "--check=maybe"], &["unexpected value 'maybe'"]),
    (&["init"], &["--name"]),
    (&["init", "--name"], &["a value is required for '--name"]),
    (&["init", "--name", "r1", "--listen-api", "7440"], &["invalid value '7440'", "--listen-api"]),
    (&["init", "--name", "r1", "--listen-peer", "r1:7441"], &["invalid value 'r1:7441'"]),
    (&["init", "--name", "r1", "--listen-dns", "::1:53:1:2:3:4:5:6:7"], &["--listen-dns"]),
    (&["init", "--name", "r1", "--voters", "three"], &["invalid value 'three'", "--voters"]),
    (&["init", "--name", "r1", "--voters", "-1"], &["unexpected argument '-1'"]),
    (&["join", "--name", "r2"], &["MEMBER"]),
    (&["node", "remove"], &["NODE"]),
    (&["node", "evict", "r1"], &["unrecognized subcommand 'evict'"]),
    (&["api", "GET"], &["PATH"]),
    (&["config", "check", "a", "b"], &["unexpected argument 'b'"]),
    (&["completion", "cobol"], &["invalid value 'cobol'", "bash"]),
    (&["import", "maas-dump"], &["FILE"]),
    (
        &["import", "maas-dump", "x.sql", "--as-of", "now"],
        &["invalid value 'now'", "want a moment such as"],
    ),
    (
        &["import", "maas-dump", "x.sql", "--as-of", "2026-13-01T00:00:00Z"],
        &["want a moment such as"],
    ),
    (&["import", "netbox", "x"], &["unrecognized subcommand 'netbox'"]),
    (&["dev", "--base-port", "70000"], &["--base-port", "70000"]),
];

const SETTINGS: &[Row] = &[
    (&["--voters", "2"], &["raft.voters is 2"]),
    (&["--listen-api", "0.0.0.0:7440"], &["listen.api is 0.0.0.0:7440", "--insecure-no-auth"]),
    (&["--listen-peer", "127.0.0.1:7440"], &["listen.api and listen.peer are both 127.0.0.1:7440"]),
    (
        &["--listen-api", "0.0.0.0:7440", "--insecure-no-auth"],
        &["advertise.api is \"0.0.0.0:7440\"", "write HOST:PORT"],
    ),
    (&["--advertise-peer", "here"], &["advertise.peer is \"here\"", "write HOST:PORT"]),
    (&["--snapshot-entries", "0"], &["raft.snapshot_entries is 0"]),
];

#[test]
fn what_cannot_be_typed_is_told_with_what_can() {
    for (arguments, parts) in USAGE {
        told(arguments, 2, parts);
    }
}

#[test]
fn settings_that_cannot_work_are_refused_before_anything_is_made() {
    for (settings, parts) in SETTINGS {
        for command in [&["init"][..], &["join", "127.0.0.1:1"]] {
            let directory = tempfile::tempdir().unwrap();
            let data = directory.path().join("data");
            let place = ["--name", "r1", "--data-dir", data.to_str().unwrap()];
            told(&[command, &place, settings].concat(), 64, parts);
            assert!(!data.exists(), "{settings:?} made a data directory");
        }
    }
}

#[test]
fn programs_are_told_in_json_with_the_same_exit_code() {
    for (arguments, _) in USAGE.iter().filter(|(arguments, _)| !arguments.contains(&"-o")) {
        let line = [arguments, &["-o", "json"][..]].concat();
        let told: Value = serde_json::from_str(&told(&line, 2, &[])).expect("JSON");
        assert_eq!((&told["exit"], &told["code"]), (&json!(2), &Value::Null), "{line:?}");
        for part in ["error", "next"] {
            assert!(told[part].as_str().is_some_and(|text| !text.is_empty()), "{line:?}: {told}");
        }
    }
    let line = ["machine", "lst", "-o", "json"];
    let told: Value = serde_json::from_str(&told(&line, 2, &[])).expect("JSON");
    assert_eq!(told["error"], "unrecognized subcommand 'lst'");
    assert_eq!(told["why"], "tip: a similar subcommand exists: 'ls'");
    assert_eq!(told["next"], "regent machine [OPTIONS] <COMMAND>");
}

/// Runs a command line and tells what it says, which must have these parts.
fn told(arguments: &[&str], exit: i32, parts: &[&str]) -> String {
    let region = TcpListener::bind("127.0.0.1:0").unwrap();
    region.set_nonblocking(true).unwrap();
    let output = Command::new(env!("CARGO_BIN_EXE_regent"))
        .args(arguments)
        .env("REGENT_ADDR", region.local_addr().unwrap().to_string())
        .env_remove("REGENT_OUTPUT")
        .output()
        .unwrap();
    let told = String::from_utf8_lossy(&output.stderr).into_owned();
    assert_eq!(output.status.code(), Some(exit), "{arguments:?}: {told}");
    assert!(output.stdout.is_empty(), "{arguments:?} prints data");
    for part in parts {
        assert!(told.contains(part), "{arguments:?}: no {part:?} in\n{told}");
    }
    assert!(region.accept().is_err(), "{arguments:?} spoke to the region");
    told
}
