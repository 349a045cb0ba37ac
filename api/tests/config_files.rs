//! Configuration files that are wrong, each with what a node says instead of starting: what is wrong and where.
//!
//! One row, one file: a good one with one line put in place of another.
#![allow(clippy::unwrap_used, reason = "tests may fail loudly")]

use regent_api::config::FileConfig;
use std::net::TcpListener;
use std::path::Path;
use std::process::Command;

const GOOD: &str = r#"
insecure_no_auth = false

[listen]
api = "127.0.0.1:7440"
peer = "127.0.0.1:7441"
dns = ["127.0.0.1:7443"]

[advertise]
api = "127.0.0.1:7440"
peer = "127.0.0.1:7441"

[raft]
heartbeat_ms = 40
election_ms = [120, 200]
snapshot_entries = 50000
entries_kept = 20000
promote_after_ms = 5000
voters = 3

[dns]
upstreams = ["10.0.0.53"]
allow_forward = ["10.0.0.0/8"]
allow_transfer = ["10.0.0.54"]
secondaries = ["10.0.0.54:53"]
"#;

/// A line of the good file, what stands in its place, and what is told of it.
type Row = (&'static str, &'static str, &'static [&'static str]);

const SYNTAX: &[Row] = &[
    ("[listen]", "[listen", &["line 4"]),
    ("[listen]", "listen]", &["line 4"]),
    ("[advertise]", "[listen]", &["duplicate key", "line 9"]),
    ("voters = 3", "voters 3", &["line 19"]),
    ("voters = 3", "voters = ", &["line 19"]),
    ("voters = 3", "voters = 3\nvoters = 5", &["duplicate key", "line 20"]),
    ("voters = 3", "voters = 99999999999999999999", &["line 19"]),
    ("peer = \"127.0.0.1:7441\"", "peer = \"127.0.0.1:7441", &["line 6"]),
    ("voters = 3", "\u{0}", &["line 19"]),
];

const KEYS: &[Row] = &[
    ("insecure_no_auth = false", "insecure = true", &["unknown field `insecure`", "line 2"]),
    ("dns = [\"127.0.0.1:7443\"]", "dsn = []", &["unknown field `dsn`", "line 7"]),
    ("heartbeat_ms = 40", "hartbeat_ms = 40", &["unknown field `hartbeat_ms`", "heartbeat_ms"]),
    ("voters = 3", "voter = 3", &["unknown field `voter`", "`voters`"]),
    ("allow_forward = [\"10.0.0.0/8\"]", "forward = []", &["unknown field `forward`"]),
    ("[dns]", "[names]", &["unknown field `names`"]),
    ("api = \"127.0.0.1:7440\"", "", &["missing field `api`", "line 4"]),
    ("peer = \"127.0.0.1:7441\"", "", &["missing field `peer`", "line 4"]),
    ("[advertise]", "[raft.advertise]", &["line 9"]),
];

const TYPES: &[Row] = &[
    ("insecure_no_auth = false", "insecure_no_auth = \"no\"", &["expected a boolean", "line 2"]),
    ("insecure_no_auth = false", "insecure_no_auth = 0", &["expected a boolean", "line 2"]),
    ("api = \"127.0.0.1:7440\"", "api = 7440", &["line 5"]),
    ("api = \"127.0.0.1:7440\"", "api = \"7440\"", &["invalid socket address", "line 5"]),
    ("api = \"127.0.0.1:7440\"", "api = \"127.0.0.1\"", &["invalid socket address", "line 5"]),
    ("api = \"127.0.0.1:7440\"", "api = \"127.0.0.1:70000\"", &["invalid socket address"]),
    ("api = \"127.0.0.1:7440\"", "api = \"region.example:7440\"", &["invalid socket address"]),
    ("api = \"127.0.0.1:7440\"", "api = [\"127.0.0.1:7440\"]", &["line 5"]),
    ("dns = [\"127.0.0.1:7443\"]", "dns = \"127.0.0.1:7443\"", &["line 7"]),
    ("dns = [\"127.0.0.1:7443\"]", "dns = [\"127.0.0.1:\"]", &["invalid socket address"]),
    ("heartbeat_ms = 40", "heartbeat_ms = \"40ms\"", &["expected u64", "line 14"]),
    ("heartbeat_ms = 40", "heartbeat_ms = -40", &["line 14"]),
    ("heartbeat_ms = 40", "heartbeat_ms = 40.5", &["line 14"]),
    ("election_ms = [120, 200]", "election_ms = 200", &["line 15"]),
    ("election_ms = [120, 200]", "election_ms = [200]", &["line 15"]),
    ("election_ms = [120, 200]", "election_ms = [1, 2, 3]", &["line 15"]),
    ("snapshot_entries = 50000", "snapshot_entries = true", &["expected u64", "line 16"]),
    ("entries_kept = 20000", "entries_kept = []", &["expected u64", "line 17"]),
    ("entries_kept = 20000", "log_bytes_kept = []", &["expected u64", "line 17"]),
    ("promote_after_ms = 5000", "promote_after_ms = \"5s\"", &["expected u64", "line 18"]),
    ("voters = 3", "voters = \"three\"", &["expected usize", "line 19"]),
    ("upstreams = [\"10.0.0.53\"]", "upstreams = [\"dns.example\"]", &["dns.example", "line 22"]),
    ("upstreams = [\"10.0.0.53\"]", "upstreams = [\"10.0.0.53:dns\"]", &["10.0.0.53:dns"]),
    ("upstreams = [\"10.0.0.53\"]", "upstreams = \"10.0.0.53\"", &["expected a sequence"]),
    ("allow_forward = [\"10.0.0.0/8\"]", "allow_forward = [\"10.0.0.1/8\"]", &["10.0.0.1/8"]),
    ("allow_forward = [\"10.0.0.0/8\"]", "allow_forward = [\"10.0.0.0/33\"]", &["10.0.0.0/33"]),
    ("allow_transfer = [\"10.0.0.54\"]", "allow_transfer = [\"any\"]", &["any", "line 24"]),
    (
        "secondaries = [\"10.0.0.54:53\"]",
        "secondaries = [\"\"]",
        &["neither an address", "line 25"],
    ),
];

const VALUES: &[Row] = &[
    (
        "api = \"127.0.0.1:7440\"",
        "api = \"0.0.0.0:7440\"",
        &["listen.api is 0.0.0.0:7440", "--insecure-no-auth"],
    ),
    ("peer = \"127.0.0.1:7441\"", "peer = \"[::]:7441\"", &["listen.peer is [::]:7441"]),
    ("peer = \"127.0.0.1:7441\"", "peer = \"10.0.0.1:7441\"", &["only loopback is allowed"]),
    (
        "peer = \"127.0.0.1:7441\"",
        "peer = \"127.0.0.1:7440\"",
        &["listen.api and listen.peer are both 127.0.0.1:7440", "a port of its own"],
    ),
    (
        "dns = [\"127.0.0.1:7443\"]",
        "dns = [\"127.0.0.1:7441\"]",
        &["listen.peer and listen.dns are both 127.0.0.1:7441"],
    ),
    (
        "dns = [\"127.0.0.1:7443\"]",
        "dns = [\"127.0.0.1:7443\", \"127.0.0.1:7443\"]",
        &["listen.dns and listen.dns are both 127.0.0.1:7443"],
    ),
    ("heartbeat_ms = 40", "heartbeat_ms = 0", &["raft.election", "at least 3 heartbeats (0ns)"]),
    ("heartbeat_ms = 40", "heartbeat_ms = 41", &["at least 3 heartbeats (41ms)"]),
    ("heartbeat_ms = 40", "heartbeat_ms = 9223372036854775807", &["at least 3 heartbeats"]),
    ("election_ms = [120, 200]", "election_ms = [200, 120]", &["200ms to 120ms", "must rise"]),
    ("election_ms = [120, 200]", "election_ms = [200, 200]", &["200ms to 200ms", "must rise"]),
    (
        "election_ms = [120, 200]",
        "election_ms = [120, 9223372036854775807]",
        &["raft.election ends at", "60s are possible"],
    ),
    ("snapshot_entries = 50000", "snapshot_entries = 0", &["raft.snapshot_entries is 0"]),
    ("voters = 3", "voters = 0", &["raft.voters is 0: 1, 3 or 5"]),
    ("voters = 3", "voters = 2", &["raft.voters is 2: 1, 3 or 5"]),
    ("voters = 3", "voters = 7", &["raft.voters is 7: 1, 3 or 5"]),
];

/// What may not be advertised: the same lines come twice in the file, so these are of their own.
const ADVERTISED: &[&str] = &[
    "",
    "region",
    "region.example",
    ":7440",
    "region.example:",
    "region.example:0",
    "host:http",
    "0.0.0.0:7440",
    "[::]:7440",
    "::1:7440",
    "http://region:7440",
    "two words:7440",
    "r1:70000",
];

#[test]
fn good_file_is_good() {
    assert_eq!(told(GOOD), None);
    assert_eq!(
        told(&GOOD.replace("snapshot_entries = 50000", "snapshot_entries = 9223372036854775807")),
        None
    );
}

#[test]
fn what_is_no_toml_is_told_with_its_line() {
    check(SYNTAX);
}

#[test]
fn unknown_and_missing_keys_are_named() {
    check(KEYS);
}

#[test]
fn values_of_another_type_are_told_with_their_line() {
    check(TYPES);
}

#[test]
fn values_that_cannot_work_are_told_with_what_would() {
    check(VALUES);
}

#[test]
fn nobody_is_sent_to_an_address_that_leads_nowhere() {
    for text in ADVERTISED {
        let file = GOOD.replace(
            "[advertise]\napi = \"127.0.0.1:7440\"",
            &format!("[advertise]\napi = \"{text}\""),
        );
        let told = told(&file).unwrap_or_else(|| panic!("{text:?} is advertised"));
        assert!(told.contains(&format!("advertise.api is {text:?}")), "{told}");
        assert!(told.contains("write HOST:PORT"), "{told}");
    }
}

#[test]
fn files_that_cannot_be_read_are_named() {
    let directory = tempfile::tempdir().unwrap();
    let missing = directory.path().join("region.toml");
    let not_text = directory.path().join("noise.toml");
    std::fs::write(&not_text, b"\xff\xfe\x00").unwrap();
    for (path, why) in
        [(missing.as_path(), "No such file"), (directory.path(), "directory"), (&not_text, "UTF-8")]
    {
        let told = reading(path).unwrap();
        assert!(told.contains(&path.display().to_string()) && told.contains(why), "{told}");
    }
}

/// One of each kind by the commands that people type: the exit code that keeps a supervisor from trying again, what is
/// wrong, and what to do; and the data directory is left as it was.
#[test]
fn commands_say_the_same_and_start_nothing() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("region.toml");
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = taken.local_addr().unwrap().port();
    for (from, to, part) in [
        ("[listen]", "[listen", "line 4"),
        ("voters = 3", "voter = 3", "unknown field `voter`"),
        ("voters = 3", "voters = 2", "1, 3 or 5"),
        ("api = \"127.0.0.1:7440\"", "api = \"0.0.0.0:7440\"", "--insecure-no-auth"),
    ] {
        std::fs::write(&path, GOOD.replacen(from, to, 1).replace("7443", &port.to_string()))
            .unwrap();
        let file = path.to_str().unwrap();
        let data = directory.path().to_str().unwrap();
        for arguments in [vec!["config", "check", file], vec!["region", "--data-dir", data]] {
            let output = Command::new(env!("CARGO_BIN_EXE_regent")).args(&arguments).output();
            let output = output.unwrap();
            let told = String::from_utf8_lossy(&output.stderr).into_owned();
            assert_eq!(output.status.code(), Some(64), "{arguments:?}: {told}");
            assert!(told.contains(part) && told.contains("regent config check"), "{told}");
        }
        let names = std::fs::read_dir(directory.path()).unwrap();
        assert_eq!(names.count(), 1, "something was made beside the file");
    }
}

fn check(rows: &[Row]) {
    for (from, to, parts) in rows {
        assert!(GOOD.contains(from), "{from} is no line of the good file");
        let told = told(&GOOD.replacen(from, to, 1));
        let told = told.unwrap_or_else(|| panic!("{to:?} passes"));
        for part in *parts {
            assert!(told.contains(part), "{to:?}: no {part:?} in\n{told}");
        }
        assert!(told.contains("region.toml") || told.contains("listen.") || told.contains("raft."));
    }
}

/// What is told of a file with this text; nothing if a node would start with it.
fn told(text: &str) -> Option<String> {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("region.toml");
    std::fs::write(&path, text).unwrap();
    reading(&path)
}

fn reading(path: &Path) -> Option<String> {
    let config = FileConfig::read(path).map_err(anyhow::Error::from);
    let checked = config.and_then(|config| Ok(config.validate()?));
    checked.err().map(|error| format!("{error:#}"))
}
