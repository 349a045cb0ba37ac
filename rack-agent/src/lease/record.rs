//! What a rack remembers of an address it acknowledged.

use crate::lease::rack_time::RackTime;
use regent_core::lease::binding::Client;
use regent_core::lease::terms::Terms;
use regent_core::time::Millis;
use serde::{Deserialize, Serialize};

/// An address the rack acknowledged to a client. Durable before the client hears of it, unless the region committed it.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Record {
    /// The client.
    pub client: Client,
    /// When the longest acknowledgement it has ends.
    pub acked_until: RackTime,
    /// Until when the rack may renew it without the region; none without such a right.
    pub alone_until: Option<RackTime>,
}

impl Record {
    /// What is to be remembered of an address that the region committed for the rack: asked for at `sent`, and answered
    /// just now.
    ///
    /// The right to act alone counts from before the question: the region counts it from later.
    #[must_use]
    pub fn committed(
        last: Option<&Self>,
        client: &Client,
        life: Millis,
        sent: RackTime,
        now: RackTime,
        terms: &Terms,
    ) -> Self {
        let own = last.filter(|last| last.client == *client);
        let right = sent.after(terms.shortened(Millis(life.0.saturating_add(terms.autonomy.0))));
        Self {
            client: client.clone(),
            acked_until: now.after(life).max(own.map_or(now, |own| own.acked_until)),
            alone_until: Some(right).max(own.and_then(|own| own.alone_until)),
        }
    }

    /// The record after a lease the rack gave alone.
    #[must_use]
    pub fn acked_alone(last: Option<&Self>, client: &Client, life: Millis, now: RackTime) -> Self {
        let own = last.filter(|last| last.client == *client);
        Self {
            client: client.clone(),
            acked_until: now.after(life).max(own.map_or(now, |own| own.acked_until)),
            alone_until: own.and_then(|own| own.alone_until),
        }
    }

    /// The record without the right to act alone. Only when this is durable may the region be told (rule R4).
    #[must_use]
    pub fn given_up(&self) -> Self {
        Self { alone_until: None, ..self.clone() }
    }

    /// How long the client may still have the address.
    #[must_use]
    pub fn remaining(&self, now: RackTime) -> Millis {
        now.until(self.acked_until)
    }
}
