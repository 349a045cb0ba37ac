//! What a rack remembers of an address it acknowledged.
//!
//! Every change of a record is durable before anybody hears of what it stands for: the client of its lease, the region
//! of the right given up. That holds for leases the region committed too: in its own block the rack alone knows who has
//! what, and after a restore of the region its records are all there is.

use crate::lease::rack_time::RackTime;
use regent_core::lease::adopt::Remaining;
use regent_core::lease::binding::{Client, Tenure};
use regent_core::lease::terms::Terms;
use regent_core::time::Millis;
use serde::{Deserialize, Serialize};

/// An answer of the region that comes later than this after the question is not acknowledged: the client may have asked
/// somebody else since, and the rack could not tell any more how long the client has the address (rule R1).
pub const ANSWER_WAIT_MAX: Millis = Millis::from_secs(4);

/// An address the rack acknowledged to a client.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Record {
    /// The client.
    pub client: Client,
    /// When the longest acknowledgement it has ends; if not [`Self::is_certain`], the latest that it may end.
    pub acked_until: RackTime,
    /// Whether the client has the address until then, rather than at most until then.
    pub is_certain: bool,
    /// Whether it has the address beyond all that, for good: the region has said so to this rack.
    pub tenure: Tenure,
    /// The longest it was acknowledged for at a time.
    pub life: Millis,
    /// Until when the rack may renew it without the region; none without such a right.
    pub alone_until: Option<RackTime>,
    /// Number of the message in which the rack gave its right up last; 0 if it never did.
    pub given_up_in: u64,
}

/// A question to the region that was answered with yes.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Granted {
    /// The client it was asked for.
    pub client: Client,
    /// For how long.
    pub life: Millis,
    /// Whether the client keeps it beyond that.
    pub tenure: Tenure,
    /// How long beyond that the region waits for the rack, as the answer says. Not what the rack's own settings say: they
    /// may have changed between.
    pub autonomy: Millis,
    /// Number of the message with the question.
    pub number: u64,
    /// When that message was sent.
    pub sent: RackTime,
    /// How late the answer may come: [`ANSWER_WAIT_MAX`].
    pub wait_max: Millis,
}

impl Record {
    /// What is to be remembered of an address that the region committed for the rack, which hears of it just now. None
    /// if that must not be acknowledged: the answer comes late, or the rack has given its right up since it asked, or it
    /// has given the address to another client out of its block.
    ///
    /// The right to act alone counts from before the question: the region counts it from later.
    #[must_use]
    pub fn committed(
        last: Option<&Self>,
        granted: &Granted,
        now: RackTime,
        terms: &Terms,
    ) -> Option<Self> {
        let is_late = granted.sent.after(granted.wait_max) < now;
        if is_late || last.is_some_and(|last| granted.number <= last.given_up_in) {
            return None;
        }
        if last.is_some_and(|last| !last.is_free_for(&granted.client, now, terms)) {
            return None;
        }
        let length = Millis(granted.life.0.saturating_add(granted.autonomy.0));
        let right = granted.sent.after(terms.shortened(length));
        let mut record = Self::acked(last, &granted.client, granted.life, now);
        record.alone_until = record.alone_until.max(Some(right));
        record.tenure = record.tenure.max(granted.tenure);
        Some(record)
    }

    /// The record after a lease the rack gave alone.
    #[must_use]
    pub fn acked_alone(last: Option<&Self>, client: &Client, life: Millis, now: RackTime) -> Self {
        Self::acked(last, client, life, now)
    }

    fn acked(last: Option<&Self>, client: &Client, life: Millis, now: RackTime) -> Self {
        let own = last.filter(|last| last.client == *client);
        let (end, before) = (now.after(life), own.map_or(now, |own| own.acked_until));
        Self {
            client: client.clone(),
            acked_until: end.max(before),
            is_certain: end >= before || own.is_some_and(|own| own.is_certain),
            tenure: own.map(|own| own.tenure).unwrap_or_default(),
            life: life.max(own.map_or(life, |own| own.life)),
            alone_until: own.and_then(|own| own.alone_until),
            given_up_in: last.map_or(0, |last| last.given_up_in),
        }
    }

    /// The record without the right to act alone, which message `number` is going to tell the region (rule R4).
    #[must_use]
    pub fn given_up(&self, number: u64) -> Self {
        Self { alone_until: None, given_up_in: number, ..self.clone() }
    }

    /// The record after its client gave the address back, which message `number` is going to tell the region (rule R5).
    #[must_use]
    pub fn released(&self, number: u64, now: RackTime) -> Self {
        Self { acked_until: now.min(self.acked_until), ..self.given_up(number) }
    }

    /// The record when the clock it counts on is gone: after a reboot, or after the machine stood still (R9 and R12). The
    /// client may have been acknowledged just before. Questions the rack asked until then are void too: it must not heed
    /// their answers.
    #[must_use]
    pub fn on_another_clock(&self, now: RackTime, terms: &Terms) -> Self {
        let acked_until = now.after(terms.lengthened(self.life));
        Self { acked_until, is_certain: false, alone_until: None, ..self.clone() }
    }

    /// Whether this client may get the address in the rack's own block. What somebody has for good no other client gets.
    #[must_use]
    pub fn is_free_for(&self, client: &Client, now: RackTime, terms: &Terms) -> bool {
        let is_over = self.tenure == Tenure::Leased && self.acked_until.after(terms.guard) <= now;
        self.client == *client || is_over
    }

    /// Whether the rack knows that the client has the address now.
    #[must_use]
    pub fn attests(&self, client: &Client, now: RackTime) -> bool {
        self.is_certain && self.client == *client && now < self.acked_until
    }

    /// How long the client may still have the address.
    #[must_use]
    pub fn remaining(&self, now: RackTime) -> Remaining {
        let millis = now.until(self.acked_until);
        if self.is_certain { Remaining::Exactly(millis) } else { Remaining::AtMost(millis) }
    }
}
