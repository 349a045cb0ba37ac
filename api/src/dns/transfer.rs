//! Whole zones for secondaries (RFC 5936): message by message from one state, made as fast as they are taken.
//!
//! A question for the difference to a serial (IXFR) is answered with the whole zone, as RFC 1995 allows.

use crate::dns::code::Code;
use crate::dns::limits::{TRANSFER_AHEAD_MAX, TRANSFER_MESSAGE_BYTES, TRANSFERS_MAX};
use crate::dns::message::{Flags, Full, Section, Writer};
use crate::dns::question::Question;
use regent_core::dns::record::Record;
use regent_core::dns::view::DnsView;
use std::sync::Arc;
use tokio::sync::mpsc::{Receiver, Sender, channel};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

/// The flags of all messages of a transfer.
const FLAGS: Flags = Flags { code: Code::NoError, authoritative: true, recursion_available: false };

/// Runs transfers, so many at a time.
pub struct Transfers {
    permits: Arc<Semaphore>,
}

/// One message of a transfer. Without a last one it is none.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Part {
    /// Others follow.
    More(Vec<u8>),
    /// The one with the closing SOA.
    Last(Vec<u8>),
}

/// Packs records into messages.
struct Packer<'a> {
    question: &'a Question,
    writer: Writer,
}

impl Default for Transfers {
    fn default() -> Self {
        Self { permits: Arc::new(Semaphore::new(TRANSFERS_MAX)) }
    }
}

impl Transfers {
    /// The messages of a transfer; `None` if too many are under way.
    #[must_use]
    pub fn begin(&self, question: Question, view: DnsView) -> Option<Receiver<Part>> {
        let permit = Arc::clone(&self.permits).try_acquire_owned().ok()?;
        let (parts, taken) = channel(TRANSFER_AHEAD_MAX);
        // Making messages is work, not waiting: it has a thread. It ends when nobody takes them any more.
        tokio::task::spawn_blocking(move || send(&question, &view, &parts, permit));
        Some(taken)
    }
}

fn send(question: &Question, view: &DnsView, parts: &Sender<Part>, _: OwnedSemaphorePermit) {
    let Some(zone) = view.zone(&question.name) else { return };
    let mut packer = Packer::new(question);
    for record in view.transfer(zone) {
        match packer.add(&record) {
            Ok(None) => {}
            Ok(Some(message)) => {
                if parts.blocking_send(Part::More(message)).is_err() {
                    return;
                }
            }
            // No rule lets such a record in. A secondary that lacks it is better than one without the zone.
            Err(Full) => tracing::error!(
                owner = %record.owner, "a record is left out of a zone transfer: it fits into no message"
            ),
        }
    }
    // If nobody waits for it any more, it is not missed.
    drop(parts.blocking_send(Part::Last(packer.writer.finish())));
}

impl<'a> Packer<'a> {
    fn new(question: &'a Question) -> Self {
        Self { question, writer: Writer::answer(question, FLAGS, question.bytes_max) }
    }

    /// Adds a record; the message before it, if that is full. So none is ever empty.
    ///
    /// # Errors
    /// [`Full`] if the record fits into no message; it is then as if it had not been added.
    fn add(&mut self, record: &Record) -> Result<Option<Vec<u8>>, Full> {
        let large = self.writer.len() >= TRANSFER_MESSAGE_BYTES;
        if !large && self.writer.record(Section::Answer, record).is_ok() {
            return Ok(None);
        }
        let mut next = Writer::answer(self.question, FLAGS, self.question.bytes_max);
        next.record(Section::Answer, record)?;
        Ok(Some(std::mem::replace(&mut self.writer, next).finish()))
    }
}

#[cfg(test)]
mod tests {
    use super::Packer;
    use crate::dns::limits::{MESSAGE_BYTES_MAX, TRANSFER_MESSAGE_BYTES};
    use crate::dns::message::Full;
    use crate::dns::question::{Question, Reading, Transport, read};
    use regent_core::dns::record::Record;
    use regent_core::model::record_data::{RecordData, Txt};

    fn question(bytes_max: usize) -> Question {
        let mut bytes = vec![0, 1, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0];
        bytes.extend_from_slice(b"\x04maas\0\0\xfc\0\x01");
        let Reading::Question(question) = read(&bytes, Transport::Tcp) else {
            panic!("this is a question for a transfer");
        };
        Question { bytes_max, ..question }
    }

    fn text(octets: usize) -> Record {
        let data = RecordData::Txt(Txt::new(vec![vec![b'x'; octets]]).unwrap());
        Record { owner: "maas".parse().unwrap(), ttl: 30, data }
    }

    fn records_in(message: &[u8]) -> u16 {
        u16::from_be_bytes([message[6], message[7]])
    }

    #[test]
    fn no_message_is_empty_wherever_the_last_record_falls() {
        let question = question(MESSAGE_BYTES_MAX);
        let record = text(200);
        let one_message = TRANSFER_MESSAGE_BYTES / 200;
        for count in 1..one_message + 20 {
            let mut packer = Packer::new(&question);
            let mut packed = 0;
            for _ in 0..count {
                if let Some(message) = packer.add(&record).unwrap() {
                    packed += usize::from(records_in(&message));
                }
            }
            let last = usize::from(records_in(&packer.writer.finish()));
            assert!(last > 0 && packed + last == count, "{count} records");
        }
    }

    #[test]
    fn record_larger_than_any_message_is_left_out_and_no_other() {
        let question = question(250);
        let mut packer = Packer::new(&question);
        assert_eq!(packer.add(&text(100)), Ok(None));
        assert_eq!(packer.add(&text(255)), Err(Full));
        assert_eq!(packer.add(&text(50)), Ok(None));
        assert_eq!(
            packer.add(&text(200)).map(|full| full.map(|full| records_in(&full))),
            Ok(Some(2))
        );
        assert_eq!(records_in(&packer.writer.finish()), 1);
    }
}
