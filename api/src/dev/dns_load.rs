//! Clients that ask nodes' DNS without a break, one question at a time each, and remember how they were answered.
//!
//! The message is put together by hand (RFC 1035 section 4): whether a node answers is seen from its first bytes.

use anyhow::Context as _;
use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::time::{Duration, Instant};
use tokio::net::UdpSocket;
use tokio::sync::watch;
use tokio::task::JoinHandle;
use tokio::time::{sleep, timeout};

/// A question without an answer after this time counts as unanswered: what stub resolvers wait (resolv.conf(5)).
const ANSWER_MAX: Duration = Duration::from_secs(5);
/// Pause between an answer and the next question.
const PAUSE: Duration = Duration::from_millis(2);
/// Bytes of a message over UDP without EDNS (RFC 1035 section 2.3.4).
const MESSAGE_BYTES_MAX: usize = 512;
/// Bytes of a label (RFC 1035 section 2.3.4).
const LABEL_BYTES_MAX: usize = 63;
/// Type SOA and class IN of the question.
const SOA_IN: [u8; 4] = [0, 6, 0, 1];

/// Questions that are being asked.
pub struct Questions {
    stop: watch::Sender<bool>,
    askers: Vec<JoinHandle<io::Result<Answers>>>,
}

/// How they were answered.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Answers {
    /// Questions.
    pub asked: usize,
    /// Those that were answered with what was asked for.
    pub answered: usize,
    /// Longest time without an answer from a node.
    pub gap: Duration,
}

impl Questions {
    /// Starts to ask each of `nodes` (`host:port`) for the SOA record of `zone`.
    ///
    /// # Errors
    /// When an address or the zone's name makes no sense.
    pub fn start(nodes: &[String], zone: &str) -> anyhow::Result<Self> {
        let question = question(zone).with_context(|| format!("{zone} is no name to ask for"))?;
        let (stop, stopped) = watch::channel(false);
        let asker = |node: &String| {
            let node = node.parse().with_context(|| format!("{node} is no address"))?;
            let asker = Asker { node, question: question.clone(), stopped: stopped.clone() };
            Ok(tokio::spawn(asker.ask()))
        };
        let askers: anyhow::Result<_> = nodes.iter().map(asker).collect();
        Ok(Self { stop, askers: askers? })
    }

    /// Ends it; what all nodes did together, the gap being the longest of any.
    ///
    /// # Errors
    /// When a socket failed or an asker panicked.
    pub async fn end(self) -> anyhow::Result<Answers> {
        self.stop.send_replace(true);
        let mut all = Answers::default();
        for asker in self.askers {
            let Answers { asked, answered, gap } = asker.await??;
            all.asked += asked;
            all.answered += answered;
            all.gap = all.gap.max(gap);
        }
        Ok(all)
    }
}

impl Answers {
    /// Questions without an answer.
    #[must_use]
    pub const fn unanswered(&self) -> usize {
        self.asked.saturating_sub(self.answered)
    }
}

struct Asker {
    node: SocketAddr,
    question: Vec<u8>,
    stopped: watch::Receiver<bool>,
}

impl Asker {
    async fn ask(mut self) -> io::Result<Answers> {
        let socket = UdpSocket::bind((Ipv4Addr::LOCALHOST, 0)).await?;
        socket.connect(self.node).await?;
        let mut answers = Answers::default();
        let mut last = Instant::now();
        for id in 0_u16.. {
            if *self.stopped.borrow() {
                break;
            }
            self.question[..2].copy_from_slice(&id.to_be_bytes());
            answers.asked += 1;
            if timeout(ANSWER_MAX, exchange(&socket, &self.question)).await.is_ok_and(|is| is) {
                answers.answered += 1;
                answers.gap = answers.gap.max(last.elapsed());
                last = Instant::now();
            }
            sleep(PAUSE).await;
        }
        answers.gap = answers.gap.max(last.elapsed());
        Ok(answers)
    }
}

/// Asks once; whether the answer is one. A port nobody listens on is no answer.
async fn exchange(socket: &UdpSocket, question: &[u8]) -> bool {
    if socket.send(question).await.is_err() {
        return false;
    }
    let mut message = [0; MESSAGE_BYTES_MAX];
    loop {
        match socket.recv(&mut message).await {
            Ok(length) if message[..length].starts_with(&question[..2]) => {
                return is_answer(&message[..length]);
            }
            // The answer to an earlier question, which was given up.
            Ok(_) => {}
            Err(_) => return false,
        }
    }
}

/// Whether a message is a response without error that holds an answer (RFC 1035 section 4.1.1).
fn is_answer(message: &[u8]) -> bool {
    let Some([_, _, flags, more_flags, _, _, count_high, count_low]) = message.first_chunk() else {
        return false;
    };
    let (is_response, code) = (flags & 0x80 != 0, more_flags & 0x0f);
    is_response && code == 0 && (*count_high, *count_low) != (0, 0)
}

/// The question for a zone's SOA record, its id left open; none if that is no name.
fn question(zone: &str) -> Option<Vec<u8>> {
    let mut message = vec![0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0];
    for label in zone.trim_end_matches('.').split('.') {
        let length = u8::try_from(label.len()).ok()?;
        if label.is_empty() || label.len() > LABEL_BYTES_MAX {
            return None;
        }
        message.push(length);
        message.extend_from_slice(label.as_bytes());
    }
    message.push(0);
    message.extend_from_slice(&SOA_IN);
    (message.len() <= MESSAGE_BYTES_MAX).then_some(message)
}

#[cfg(test)]
mod tests {
    use super::{Questions, is_answer, question};
    use std::time::Duration;
    use tokio::net::UdpSocket;

    #[test]
    fn question_is_what_the_rfc_says() {
        let expected = b"\0\0\0\0\0\x01\0\0\0\0\0\0\x03lab\x04test\0\0\x06\0\x01";
        assert_eq!(question("lab.test.").unwrap(), expected);
        assert_eq!(question("a..b"), None);
        assert_eq!(question(&"x".repeat(64)), None);
    }

    #[test]
    fn only_a_response_without_error_that_holds_something_is_an_answer() {
        let message = |flags: [u8; 2], answers: u8| {
            let mut message = question("maas").unwrap();
            message[2..4].copy_from_slice(&flags);
            message[7] = answers;
            message
        };
        assert!(is_answer(&message([0x84, 0], 1)));
        assert!(!is_answer(&message([0x04, 0], 1)), "a question");
        assert!(!is_answer(&message([0x84, 2], 1)), "SERVFAIL");
        assert!(!is_answer(&message([0x84, 0], 0)), "no data");
        assert!(!is_answer(b"\0\0\x84"), "cut short");
    }

    #[tokio::test]
    async fn every_question_is_counted_and_so_is_who_does_not_answer() {
        let node = UdpSocket::bind("127.0.0.1:0").await.unwrap();
        let address = node.local_addr().unwrap().to_string();
        let questions = Questions::start(&[address], "maas").unwrap();
        let mut message = [0; 512];
        for number in 0..5_u8 {
            let (length, from) = node.recv_from(&mut message).await.unwrap();
            message[2] = 0x84;
            message[3] = if number == 2 { 2 } else { 0 };
            message[7] = 1;
            node.send_to(&message[..length], from).await.unwrap();
        }
        let ending = questions.end();
        drop(node);
        let answers = ending.await.unwrap();
        assert_eq!(answers.answered, 4);
        assert!(answers.unanswered() >= 1);
        assert!(answers.gap > Duration::ZERO);
    }
}
