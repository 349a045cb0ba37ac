//! What the command line's client makes of nodes that answer badly, late or not at all.
#![allow(clippy::unwrap_used, reason = "tests may fail loudly")]

use regent_api::cli::client::{Call, Client};
use regent_api::cli::exit::Exit;
use regent_api::cli::failure::Failure;
use reqwest::Method;
use serde_json::json;
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinHandle;

/// What these tests give a call that must end by itself.
const PATIENT: Duration = Duration::from_secs(20);
/// What they give one that must run out of time.
const IMPATIENT: Duration = Duration::from_millis(400);
/// Bytes of a request that are looked at; all of ours are shorter.
const REQUEST_BYTES_MAX: usize = 4096;

/// How a fake node treats requests.
#[derive(Clone, Copy)]
enum Manner {
    /// Reads and hangs up.
    CutsOff,
    /// Reads and says nothing.
    IsSilent,
    /// Answers: status line, content type, body.
    Answers(&'static str, &'static str, &'static str),
}

const MADE: Manner = Manner::Answers("201 Created", "application/json", r#"{"id":7}"#);
const NO_LEADER: Manner = Manner::Answers(
    "503 Service Unavailable",
    "application/problem+json",
    r#"{"title":"no leader","code":"E0101","outcome":"not_applied","detail":"d","next":"n"}"#,
);
const UNKNOWN: Manner = Manner::Answers(
    "504 Gateway Timeout",
    "application/problem+json",
    r#"{"title":"unknown","code":"E0102","outcome":"unknown","detail":"cut","next":"n"}"#,
);

/// A node that is none.
struct Fake {
    address: String,
    keys: Arc<Mutex<Vec<String>>>,
    serving: JoinHandle<()>,
}

impl Fake {
    async fn start(manner: Manner) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap().to_string();
        let keys = Arc::new(Mutex::new(Vec::new()));
        let serving = tokio::spawn(serve(listener, manner, Arc::clone(&keys)));
        Self { address, keys, serving }
    }

    /// The idempotency keys of the requests it got, empty where there was none.
    fn keys(&self) -> Vec<String> {
        self.keys.lock().unwrap().clone()
    }
}

impl Drop for Fake {
    fn drop(&mut self) {
        self.serving.abort();
    }
}

async fn serve(listener: TcpListener, manner: Manner, keys: Arc<Mutex<Vec<String>>>) {
    let mut silent = Vec::new();
    loop {
        let (mut stream, _) = listener.accept().await.unwrap();
        let key = key_of(&mut stream).await;
        keys.lock().unwrap().push(key);
        match manner {
            Manner::CutsOff => drop(stream),
            Manner::IsSilent => silent.push(stream),
            Manner::Answers(status, kind, body) => {
                let length = body.len();
                let answer = format!(
                    "HTTP/1.1 {status}\r\ncontent-type: {kind}\r\ncontent-length: {length}\r\n\
                     connection: close\r\n\r\n{body}"
                );
                stream.write_all(answer.as_bytes()).await.unwrap();
            }
        }
    }
}

/// Reads a request up to the end of its headers.
async fn key_of(stream: &mut TcpStream) -> String {
    let mut bytes = vec![0; REQUEST_BYTES_MAX];
    let mut filled = 0;
    while !bytes[..filled].windows(4).any(|end| end == b"\r\n\r\n") {
        match stream.read(&mut bytes[filled..]).await.unwrap() {
            0 => break,
            more => filled += more,
        }
    }
    let head = String::from_utf8_lossy(&bytes[..filled]).into_owned();
    let key = head.lines().find_map(|line| line.strip_prefix("idempotency-key: "));
    key.unwrap_or_default().to_owned()
}

fn client(nodes: &[&Fake], timeout: Duration) -> Client {
    let addresses: Vec<_> = nodes.iter().map(|node| node.address.clone()).collect();
    Client::new(&addresses, timeout).unwrap()
}

fn write() -> Call {
    Call::write(Method::POST, "/v1/machines", Some(json!({})))
}

#[tokio::test]
async fn write_that_may_have_been_applied_is_repeated_elsewhere_under_its_key() {
    for manner in [Manner::CutsOff, UNKNOWN] {
        let (first, second) = (Fake::start(manner).await, Fake::start(MADE).await);
        let call = write();
        let answer = client(&[&first, &second], PATIENT).call(&call).await.unwrap();
        assert_eq!((answer.body["id"].as_u64(), answer.retries), (Some(7), 1));
        assert_eq!(first.keys(), [call.key.clone().unwrap()]);
        assert_eq!(second.keys(), first.keys());
    }
}

#[tokio::test]
async fn write_nobody_answers_is_unknown_and_names_the_key_to_repeat_it_with() {
    let node = Fake::start(Manner::CutsOff).await;
    let call = write();
    let failure = client(&[&node], IMPATIENT).call(&call).await.unwrap_err();
    assert_eq!(failure.exit(), Exit::OutcomeUnknown);
    let told = failure.to_string();
    assert!(told.contains(&format!("--idempotency-key {}", call.key.unwrap())), "{told}");
    assert!(node.keys().len() > 1, "it was repeated");
}

#[tokio::test]
async fn write_without_a_key_is_offered_once_if_it_may_have_been_applied() {
    let (first, second) = (Fake::start(Manner::CutsOff).await, Fake::start(MADE).await);
    let call = Call { key: None, ..write() };
    let failure = client(&[&first, &second], PATIENT).call(&call).await.unwrap_err();
    assert!(matches!(failure, Failure::OutcomeUnknown { key: None, .. }), "{failure}");
    assert_eq!((first.keys().len(), second.keys().len()), (1, 0));
}

#[tokio::test]
async fn refusal_without_effect_is_taken_to_the_next_node_even_without_a_key() {
    let (first, second) = (Fake::start(NO_LEADER).await, Fake::start(MADE).await);
    let call = Call { key: None, ..write() };
    let answer = client(&[&first, &second], PATIENT).call(&call).await.unwrap();
    assert_eq!(answer.retries, 1);
}

#[tokio::test]
async fn refused_write_stays_refused_rather_than_being_cut_off_at_the_end() {
    let node = Fake::start(NO_LEADER).await;
    let failure = client(&[&node], IMPATIENT).call(&write()).await.unwrap_err();
    assert_eq!(failure.exit(), Exit::Unavailable);
    assert!(failure.to_string().starts_with("error[E0101]"), "{failure}");
    assert_eq!(node.keys().len(), 1);
}

#[tokio::test]
async fn silent_node_costs_a_read_its_time_and_nothing_else() {
    let node = Fake::start(Manner::IsSilent).await;
    let failure = client(&[&node], IMPATIENT).call(&Call::get("/v1/machines")).await.unwrap_err();
    assert_eq!(failure.exit(), Exit::Unavailable);
    assert!(failure.to_string().contains("no answer in time"), "{failure}");
}

#[tokio::test]
async fn something_that_is_no_region_node_is_called_so() {
    for manner in [
        Manner::Answers("404 Not Found", "text/html", "<h1>Not here</h1>"),
        Manner::Answers("200 OK", "application/json", "{"),
    ] {
        let node = Fake::start(manner).await;
        let failure = client(&[&node], PATIENT).call(&Call::get("/v1/machines")).await.unwrap_err();
        assert!(matches!(failure, Failure::Foreign { .. }), "{failure}");
        assert!(failure.to_string().contains("does not answer like a region node"), "{failure}");
    }
}

#[tokio::test]
async fn answer_that_is_no_json_is_a_text() {
    let node = Fake::start(Manner::Answers("200 OK", "text/plain", "regent_up 1\n")).await;
    let answer = client(&[&node], PATIENT).call(&Call::get("/metrics")).await.unwrap();
    assert_eq!(answer.body, "regent_up 1\n");
}
