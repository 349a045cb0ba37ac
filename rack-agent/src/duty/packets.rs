//! Packets, and what comes of them: each goes through the exchange, and whatever that wants done is done and comes back.

use crate::dhcp::action::{Action, Conflict, Found, Kept, Return, Trial, Verdict};
use crate::dhcp::arrival::Arrival;
use crate::dhcp::exchange::give_back::released;
use crate::dhcp::exchange::{ahead, answer, discover, grant, overdue};
use crate::dhcp::message::request::Request;
use crate::duty::disk::After;
use crate::duty::effect::{Alarm, Effect};
use crate::duty::errand::{Errand, Wish};
use crate::duty::event::{Heard, ProbeId, WireId};
use crate::duty::facts::facts_of;
use crate::duty::machine::Duty;
use crate::duty::trials::Trying;
use crate::remembered::Write;
use regent_core::time::Millis;

/// So many clients at most are answered at once in the place of other racks. Of more, the next ones wait for their turn.
const STAND_INS_MAX: usize = 16;
/// How often that is done, whatever comes meanwhile.
const STAND_INS_MILLIS: Millis = Millis(100);

/// Who decided that a client gets an address.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::duty) enum Decider {
    /// The region.
    Region,
    /// The rack, by a right or a block.
    Rack,
}

impl Duty {
    /// A packet came in. What is no request gets no answer; neither does any while the disk is behind.
    pub(in crate::duty) fn hear_packet(&mut self, heard: &Heard) {
        let Ok(request) = Request::parse(&heard.bytes) else { return };
        if self.disk.is_behind() {
            return;
        }
        self.site.stand_at(heard.wire);
        let arrival = Arrival {
            vlan: self.site.vlan_at(heard.wire),
            source: heard.source,
            cast: heard.cast,
            received: heard.received,
            now: self.now,
        };
        let action = answer(&request, &arrival, self.site.view(), &mut self.book);
        self.act(heard.wire, action, Decider::Rack);
    }

    /// Stands in for racks that have not answered what was left to them.
    pub(in crate::duty) fn stand_in(&mut self) {
        if self.now < self.stand_ins_at || self.disk.is_behind() {
            return;
        }
        self.stand_ins_at = self.now.after(STAND_INS_MILLIS);
        for _ in 0..STAND_INS_MAX {
            let Some(left) = self.book.left.take_due(self.now) else { return };
            // If that is gone, so is the way back to the client.
            let Some(wire) = self.site.wire_at(left.server_id) else { continue };
            self.site.stand_at(wire);
            let action = overdue(left, self.now, self.site.view(), &mut self.book);
            self.act(wire, action, Decider::Rack);
        }
    }

    /// Does what the exchange wants done.
    pub(in crate::duty) fn act(&mut self, wire: WireId, action: Action, decider: Decider) {
        match action {
            Action::Silent(_) => {}
            Action::Send(outgoing) => self.effects.push(Effect::Transmit { wire, outgoing }),
            Action::Commit(pending) => {
                let wish = Wish { wire, pending: *pending };
                if let Err(errand) = self.outbox.push(Errand::Commit(Box::new(wish))) {
                    self.raise(Alarm::TooManyWait);
                    self.come_to_nothing(errand);
                }
            }
            Action::Keep(kept) => self.keep(wire, kept, decider),
            Action::Probe(trial) => self.try_to_offer(wire, trial),
            Action::Release(given) => self.give_back(&given),
            Action::Decline(conflict) => self.report(conflict),
        }
    }

    /// The record is written; then the client hears of its lease.
    fn keep(&mut self, wire: WireId, kept: Box<Kept>, decider: Decider) {
        let pending = &kept.pending;
        let address = pending.address;
        let vlan = self.site.view().vlan(pending.vlan);
        let is_known =
            vlan.is_some_and(|vlan| vlan.leases.is_last_of(address, &pending.request.client));
        if !is_known && !pending.attested {
            let term = self.site.terms_of(address).block_term;
            self.upkeep.count(pending.subnet, term, self.now);
        }
        match decider {
            Decider::Region => {}
            Decider::Rack => self.debts.owe_lease(address, facts_of(&pending.request)),
        }
        self.disk.put(Write::Record(address, kept.record.clone()));
        self.disk.then(After::Kept { wire, kept });
    }

    /// A write is durable.
    pub(in crate::duty) fn go_on_after(&mut self, after: After) {
        match after {
            After::Numbers(until) => self.numbers.durable(until),
            After::Kept { wire, kept } => {
                self.site.stand_at(wire);
                let action = grant::kept(&kept, self.now, self.site.view(), &mut self.book);
                self.act(wire, action, Decider::Rack);
            }
            After::Send(errand) if self.line.is_serving() => {
                if let Err(errand) = self.outbox.push(errand) {
                    self.come_to_nothing(errand);
                }
            }
            After::Send(errand) => self.come_to_nothing(errand),
        }
    }

    fn try_to_offer(&mut self, wire: WireId, trial: Box<Trial>) {
        let (address, probe) = (trial.address, trial.probe);
        let id = self.trials.begin(address, Trying::ToOffer { trial, wire }, self.now);
        self.effects.push(Effect::Probe { id, wire, address, probe });
    }

    /// The wire has answered.
    pub(in crate::duty) fn tried(&mut self, id: ProbeId, found: Found) {
        match found {
            Found::Untried => self.trials.count_untried(),
            Found::Nobody | Found::Somebody => {}
        }
        match self.trials.end(id, self.now) {
            None => {}
            Some(Trying::ToOffer { trial, wire }) => {
                let view = self.site.view();
                let action = discover::tried(&trial, found, self.now, view, &mut self.book);
                self.act(wire, action, Decider::Rack);
            }
            Some(Trying::Ahead { vlan, address }) => {
                let Some(vlan) = self.site.view().vlan(vlan) else { return };
                let action = ahead::tried_ahead(vlan, address, found, self.now, &mut self.book);
                if let Action::Decline(conflict) = action {
                    self.report(conflict);
                }
            }
        }
    }

    /// A client gave its address back: the right is given up durably, then the region hears of both. Where the region is
    /// away, it hears of the right when it is back, and the address rests until the lease would have ended.
    fn give_back(&mut self, given: &Return) {
        let (Some(first), Some(second)) = (self.numbers.take(), self.numbers.take()) else {
            return;
        };
        let (address, client) = (given.address, given.client.clone());
        let release = |number| Errand::Release { number, address, client: client.clone() };
        let Some(record) = released(given, second, self.now, &mut self.book) else {
            if self.line.is_serving() {
                drop(self.outbox.push(release(None)));
            }
            return;
        };
        self.debts.waive(address);
        self.put_record(address, record);
        self.disk.then(After::Send(release(Some(first))));
        self.disk.then(After::Send(Errand::Relinquish { number: second, address, client }));
    }

    /// An address is in use by somebody unknown.
    fn report(&mut self, conflict: Conflict) {
        let Conflict { vlan, address, client } = conflict;
        let errand = match client {
            Some(client) => Errand::Decline { address, client },
            None => Errand::FoundInUse { vlan, address },
        };
        // Where too many wait it is not told: the address is not offered here, and found again elsewhere.
        drop(self.outbox.push(errand));
    }

    /// A client's wish has an answer, or none.
    pub(in crate::duty) fn conclude(&mut self, wish: &Wish, verdict: Verdict) {
        self.site.stand_at(wish.wire);
        let view = self.site.view();
        let action = grant::concluded(&wish.pending, verdict, self.now, view, &mut self.book);
        let decider = match verdict {
            Verdict::Granted { .. } => Decider::Region,
            Verdict::Refused(_) | Verdict::Unreachable => Decider::Rack,
        };
        self.act(wish.wire, action, decider);
    }
}
