//! Somebody who asks one node's name service, again and again: for the serial of the zone, and what stands at a name.
//!
//! The serial is asked for before and after the name: if it is the same, the answer belongs to it.

use crate::chaos::dice::Dice;
use crate::chaos::workload::packet::{Answers, SOA, TXT, question};
use crate::chaos::workload::place::Ground;
use crate::chaos::workload::session::Session;
use regent_check::history::line::{Function, Instant, Operation, Verdict};
use serde_json::{Value, json};
use std::sync::Arc;
use std::time::Duration;
use tokio::net::UdpSocket;
use tokio::sync::watch;
use tokio::time::{sleep, timeout};

/// Pause between two rounds.
const PAUSE: Duration = Duration::from_millis(200);
/// How long an answer is waited for.
const ANSWER_MAX: Duration = Duration::from_secs(1);
/// Longest answer.
const ANSWER_BYTES_MAX: usize = 4096;

/// One who asks.
pub struct Resolver {
    /// The node.
    pub node: usize,
    /// Where it is.
    pub ground: Arc<Ground>,
    /// Which name.
    pub dice: Dice,
    /// What it noted.
    pub session: Session,
}

impl Resolver {
    /// Asks until it is told to stop; tells all it did.
    pub async fn work(mut self, stopped: watch::Receiver<bool>) -> Vec<Operation> {
        let began = std::time::Instant::now();
        let ground = Arc::clone(&self.ground);
        let server = &ground.nodes[self.node].dns;
        let Ok(socket) = UdpSocket::bind("0.0.0.0:0").await else { return Vec::new() };
        if socket.connect(server).await.is_err() {
            return Vec::new();
        }
        let mut number = 0_u16;
        while !*stopped.borrow() {
            let in_use = ground.in_use(began.elapsed());
            let chosen = usize::try_from(self.dice.between(0, in_use.len() as u64));
            let name = &in_use[chosen.unwrap_or_default()].name;
            number = number.wrapping_add(3);
            self.round(&socket, number, name).await;
            sleep(PAUSE).await;
        }
        self.session.end()
    }

    async fn round(&mut self, socket: &UdpSocket, number: u16, name: &str) {
        let zone = self.ground.zone.clone();
        let asked = self.session.now();
        let Some(before) = serial(socket, number, &zone).await else {
            return self.note(&zone, asked, None);
        };
        let answer = ask(socket, &question(number.wrapping_add(1), name, TXT)).await;
        let texts = answer.map(|answer| answer.texts());
        let after = serial(socket, number.wrapping_add(2), &zone).await;
        match texts {
            Some(texts) if after == Some(before) => {
                self.note(name, asked, Some((before, texts.into())));
            }
            // An answer between two serials that differ belongs to neither for certain.
            Some(_) | None => {
                self.note(&zone, asked, after.map(|serial| (serial, Value::Null)));
            }
        }
    }

    fn note(&mut self, name: &str, asked: Instant, told: Option<(u32, Value)>) {
        let zone = self.ground.zone.clone();
        let node = &self.ground.nodes[self.node].name;
        let mut operation = Operation {
            key: Some(name.to_owned()),
            ..self.session.asked(Function::Dns, node, asked)
        };
        if let Some((serial, answer)) = told {
            operation.verdict = Verdict::Ok;
            operation.output = Some(json!({ "zone": zone, "serial": serial, "answer": answer }));
        }
        self.session.note(operation);
    }
}

async fn serial(socket: &UdpSocket, number: u16, zone: &str) -> Option<u32> {
    ask(socket, &question(number, zone, SOA)).await?.serial()
}

async fn ask(socket: &UdpSocket, question: &[u8]) -> Option<Answers> {
    let mut answer = vec![0; ANSWER_BYTES_MAX];
    let asked = async {
        socket.send(question).await?;
        loop {
            let length = socket.recv(&mut answer).await?;
            // An answer to an earlier question may come late.
            if answer[..length].starts_with(&question[..2]) {
                return std::io::Result::Ok(length);
            }
        }
    };
    let length = timeout(ANSWER_MAX, asked).await.ok()?.ok()?;
    Answers::parse(&answer[..length])
}
