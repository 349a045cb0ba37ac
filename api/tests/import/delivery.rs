//! How the command speaks to a region: directly, patiently, and with an eye on nodes that do not answer.

use crate::dev_cluster::{send, text};
use crate::fake_region::{FakeRegion, import, problem, regent};
use crate::hand;
use rustix::process::Signal;
use serde_json::{Value as Json, json};
use std::net::TcpListener;
use std::process::{Output, Stdio};
use std::sync::mpsc::sync_channel;

#[test]
fn the_region_is_asked_directly_whatever_proxy_the_environment_names() {
    let proxy = TcpListener::bind("127.0.0.1:0").expect("a free port");
    proxy.set_nonblocking(true).expect("a socket");
    let region = FakeRegion::willing();
    let mut command = import(&hand::path(), &region.address);
    command.env("HTTP_PROXY", format!("http://{}", proxy.local_addr().expect("a port")));
    let output = command.output().expect("the program is there");
    assert!(output.status.success(), "{}", text(&output.stderr));
    assert_eq!(region.asked().first().map(String::as_str), Some("POST /v1/imports"));
    assert!(proxy.accept().is_err(), "the proxy was spoken to");
}

#[test]
fn a_node_that_hangs_is_passed_over_and_not_asked_again() {
    let hanging = TcpListener::bind("127.0.0.1:0").expect("a free port");
    let region = FakeRegion::willing();
    let nodes = format!("{},{}", hanging.local_addr().expect("a port"), region.address);
    let output = import(&hand::path(), &nodes).args(["--timeout", "1s"]).output().expect("it runs");
    assert!(output.status.success(), "{}", text(&output.stderr));
    hanging.set_nonblocking(true).expect("a socket");
    let attempts = std::iter::from_fn(|| hanging.accept().ok()).count();
    assert_eq!(attempts, 1, "the first step only: {:?}", region.asked());
}

#[test]
fn a_node_is_named_with_its_scheme_as_for_all_other_commands() {
    let region = FakeRegion::willing();
    let address = format!("http://{}/", region.address);
    let output = import(&hand::path(), &address).output().expect("it runs");
    assert!(output.status.success(), "{}", text(&output.stderr));
}

#[test]
fn a_refusal_is_told_as_all_others_are_and_ends_with_its_code() {
    let refused = |status, code| {
        let region = FakeRegion::start(move |_| {
            problem(status, code, "the site has machines since import x")
        });
        import(&hand::path(), &region.address).args(["--timeout", "1s"]).output().expect("it runs")
    };
    for (status, code, exit) in [(409, "E0206", 4), (403, "E0401", 5), (503, "E0110", 6)] {
        let Output { status, stdout, stderr } = refused(status, code);
        let (told, shown) = (text(&stderr), text(&stdout));
        assert_eq!(status.code(), Some(exit), "{told}");
        assert!(told.contains(&format!("error[{code}]: the request is refused")), "{told}");
        assert!(told.contains("\n  next:  do what is told"), "{told}");
        assert!(!shown.contains("refused"), "{shown}");
    }
}

#[test]
fn an_import_that_runs_is_told_at_once_with_the_command_that_ends_it() {
    let region = FakeRegion::start(|_| problem(503, "E0110", "import x is running"));
    let output = import(&hand::path(), &region.address).output().expect("it runs");
    assert_eq!(output.status.code(), Some(6), "{}", text(&output.stderr));
    assert_eq!(region.asked(), ["POST /v1/imports"], "asking again would not help");
}

#[test]
fn a_commit_that_nobody_answers_for_has_an_unknown_outcome() {
    let region = FakeRegion::start(|request| match request {
        "POST /v1/imports" => (201, json!({ "id": "x", "committed": false })),
        request if request.ends_with("/commit") => {
            let (status, mut body) = problem(504, "E0102", "no answer in time");
            body["outcome"] = "unknown".into();
            (status, body)
        }
        _ => (200, json!({})),
    });
    let mut command = import(&hand::path(), &region.address);
    let output = command.args(["--timeout", "1s", "-o", "json"]).output().expect("it runs");
    assert_eq!(output.status.code(), Some(7), "{}", text(&output.stderr));
    let told: Json = serde_json::from_slice(&output.stdout).expect("the summary");
    assert_eq!(told["outcome"], "unknown");
    let told = text(&output.stderr);
    let failure = told.find('{').expect("the failure, behind lines of progress");
    let failure: Json = serde_json::from_str(&told[failure..]).expect("JSON");
    assert_eq!(failure["error"], "whether the import was committed is unknown");
}

#[test]
fn an_output_that_nobody_reads_does_not_stop_an_import() {
    let (reader, writer) = std::io::pipe().expect("a pipe");
    drop(reader);
    let region = FakeRegion::willing();
    let mut command = import(&hand::path(), &region.address);
    let output = command.stdout(Stdio::from(writer)).output().expect("it runs");
    assert!(output.status.success(), "{}", text(&output.stderr));
    assert!(region.asked().iter().any(|request| request.ends_with("/commit")));
}

#[test]
fn an_import_that_is_broken_off_leaves_the_region_free() {
    for (status, is_ours) in [(201, true), (200, false)] {
        let (sender, begun) = sync_channel(1000);
        let region = FakeRegion::start(move |request| match request {
            "POST /v1/imports" => (status, json!({ "id": "x", "committed": false })),
            request if request.starts_with("DELETE") => (200, json!({})),
            _ => {
                // Only the first one is waited for.
                sender.try_send(()).ok();
                problem(503, "E0101", "no leader yet")
            }
        });
        let mut command = import(&hand::path(), &region.address);
        command.args(["--timeout", "60s"]).stdout(Stdio::null()).stderr(Stdio::piped());
        let child = command.spawn().expect("it runs");
        begun.recv().expect("the first piece");
        send(child.id(), Signal::INT);
        let Output { status, stderr, .. } = child.wait_with_output().expect("it ends");
        let told = text(&stderr);
        assert_eq!(status.code(), Some(9), "{told}");
        assert_eq!(told.contains("takes other writes"), is_ours, "{told}");
        assert_eq!(told.contains("`regent import abandon"), !is_ours, "{told}");
        let asked = region.asked();
        assert_eq!(asked.iter().any(|request| request.starts_with("DELETE")), is_ours, "{asked:?}");
    }
}

#[test]
fn an_import_under_way_is_listed_and_ended_by_commands() {
    let region = FakeRegion::start(|request| match request {
        "GET /v1/imports" => {
            let (id, source, revision) = ("half", "ab", 7);
            let half =
                json!({ "id": id, "committed": false, "source": source, "revision": revision });
            (200, json!({ "items": [{ "id": "there", "committed": true }, half] }))
        }
        "DELETE /v1/imports/half" => (200, json!({})),
        _ => problem(404, "E0201", "there is no such import"),
    });
    let run = |arguments: &[&str]| {
        let mut command = regent(arguments);
        command.args(["--addr", &region.address]).output().expect("it runs")
    };
    let listed = run(&["import", "ls"]);
    assert!(text(&listed.stdout).contains("half   false"), "{}", text(&listed.stdout));
    let ended = run(&["import", "abandon", "-o", "json"]);
    let told: Json = serde_json::from_slice(&ended.stdout).expect("JSON");
    assert_eq!(told, json!({ "id": "half", "outcome": "abandoned" }));
    assert_eq!(run(&["import", "abandon", "other"]).status.code(), Some(3));
}
