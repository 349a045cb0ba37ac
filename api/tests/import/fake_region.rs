//! A node that answers what a test wants, and remembers what it was asked: to see what the command does then.

use serde_json::{Value as Json, json};
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::{Arc, Mutex};

/// A status and a body.
pub(crate) type Answer = (u16, Json);

/// A running one. Its thread ends with the tests.
pub(crate) struct FakeRegion {
    pub(crate) address: String,
    asked: Arc<Mutex<Vec<String>>>,
}

impl FakeRegion {
    /// One that gives these answers to requests such as `POST /v1/imports`.
    pub(crate) fn start(answer: impl Fn(&str) -> Answer + Send + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
        let address = listener.local_addr().expect("a port").to_string();
        let asked = Arc::new(Mutex::new(Vec::new()));
        let remembered = Arc::clone(&asked);
        std::thread::spawn(move || {
            for stream in listener.incoming() {
                serve(stream.expect("a connection"), &answer, &remembered);
            }
        });
        Self { address, asked }
    }

    /// One that takes whatever is imported.
    pub(crate) fn willing() -> Self {
        Self::start(|request| match request {
            "GET /v1/imports" => (200, json!({ "items": [] })),
            "POST /v1/imports" => (201, json!({ "id": "x", "committed": false })),
            _ => (200, json!({ "id": "x", "committed": true })),
        })
    }

    /// What it was asked so far.
    pub(crate) fn asked(&self) -> Vec<String> {
        self.asked.lock().expect("no test fails with the lock").clone()
    }
}

/// A refusal as a node words it.
pub(crate) fn problem(status: u16, code: &str, detail: &str) -> Answer {
    let title = "the request is refused";
    let next = "do what is told";
    let outcome = "not_applied";
    let body = json!({
        "title": title, "status": status, "code": code, "detail": detail, "next": next,
        "outcome": outcome,
    });
    (status, body)
}

/// `regent ARGUMENTS…`, with nothing of the surrounding user's settings.
pub(crate) fn regent(arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_regent"));
    command.args(arguments).stdin(Stdio::null());
    for name in ["REGENT_ADDR", "REGENT_OUTPUT", "REGENT_LOG_LEVEL", "HTTP_PROXY", "http_proxy"] {
        command.env_remove(name);
    }
    command
}

/// `regent import maas-dump DUMP --addr ADDRESSES`.
pub(crate) fn import(dump: &Path, addresses: &str) -> Command {
    let mut command = regent(&["import", "maas-dump", "--addr", addresses]);
    command.arg(dump);
    command
}

/// Answers one request; what cannot be read or written is the client's affair.
fn serve(stream: TcpStream, answer: &impl Fn(&str) -> Answer, asked: &Mutex<Vec<String>>) {
    let mut reader = BufReader::new(&stream);
    let (mut line, mut length) = (String::new(), 0);
    if reader.read_line(&mut line).is_err() {
        return;
    }
    let request = line.split(" HTTP/").next().unwrap_or_default().to_owned();
    loop {
        line.clear();
        if reader.read_line(&mut line).is_err() || line.trim().is_empty() {
            break;
        }
        let header = line.to_ascii_lowercase();
        if let Some(value) = header.strip_prefix("content-length:") {
            length = value.trim().parse().expect("a length");
        }
    }
    let mut body = Vec::new();
    drop(reader.take(length).read_to_end(&mut body));
    let (status, body) = answer(&request);
    asked.lock().expect("no test fails with the lock").push(request);
    let body = body.to_string();
    let head = format!(
        "HTTP/1.1 {status} X\r\ncontent-type: application/json\r\nconnection: close\r\n\
         content-length: {}\r\n\r\n",
        body.len()
    );
    drop((&stream).write_all((head + &body).as_bytes()));
}
