//! Whole zones for secondaries (RFC 5936): message by message from one state, made as fast as they are taken.
//!
//! A question for the difference to a serial (IXFR) is answered with the whole zone, as RFC 1995 allows.

use crate::dns::code::Code;
use crate::dns::limits::{TRANSFER_AHEAD_MAX, TRANSFER_MESSAGE_BYTES, TRANSFERS_MAX};
use crate::dns::message::{Flags, Section, Writer};
use crate::dns::question::Question;
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

impl Default for Transfers {
    fn default() -> Self {
        Self { permits: Arc::new(Semaphore::new(TRANSFERS_MAX)) }
    }
}

impl Transfers {
    /// The messages of a transfer; `None` if too many are under way.
    #[must_use]
    pub fn begin(&self, question: Question, view: DnsView) -> Option<Receiver<Vec<u8>>> {
        let permit = Arc::clone(&self.permits).try_acquire_owned().ok()?;
        let (messages, taken) = channel(TRANSFER_AHEAD_MAX);
        // Making messages is work, not waiting: it has a thread. It ends when nobody takes them any more.
        tokio::task::spawn_blocking(move || send(&question, &view, &messages, permit));
        Some(taken)
    }
}

fn send(question: &Question, view: &DnsView, messages: &Sender<Vec<u8>>, _: OwnedSemaphorePermit) {
    let Some(zone) = view.zone(&question.name) else { return };
    let mut writer = Writer::answer(question, FLAGS, question.bytes_max);
    for record in view.transfer(zone) {
        let full = writer.record(Section::Answer, &record).is_err();
        if full || writer.len() >= TRANSFER_MESSAGE_BYTES {
            let next = Writer::answer(question, FLAGS, question.bytes_max);
            let done = std::mem::replace(&mut writer, next);
            if messages.blocking_send(done.finish()).is_err() {
                return;
            }
        }
        // A record that does not fit an empty message is above what rules let in.
        if full && writer.record(Section::Answer, &record).is_err() {
            return;
        }
    }
    // The last one may have no record in it, which RFC 5936 2.2 does not forbid; nobody waits for more.
    drop(messages.blocking_send(writer.finish()));
}
