//! What a rack does: it asks, it acknowledges, it acts alone, it tells. The rules are the shipped ones; this file does
//! what they ask of the rack's disk and network.

use crate::client_steps::end_of_lease;
use crate::message::{Answer, Grant, Message, Question, Subject};
use crate::mutation::Mutation;
use crate::step::Step;
use crate::witness::Witness;
use crate::world::{ADDRESSES_MAX, client, host_of, rack_of};
use regent_core::lease::binding::Tenure;
use regent_core::time::Millis;
use regent_rack_agent::lease::record::{Granted, Record};
use regent_rack_agent::lease::right::{block_deadline, lease_from_block, renewal_alone};
use std::sync::Arc;

/// No lease is too short to be given here.
const LIFE_ALONE_MIN: Millis = Millis(1);
/// How late an answer may come.
pub const ANSWER_WAIT_MAX: Millis = Millis(1);

impl Step<'_> {
    /// Passes a host's request on to the region.
    pub fn ask_for_address(&mut self, rack: usize, host: usize, address: usize, exchange: u8) {
        let from = &self.world.racks[rack];
        let record = from.memory.records[address].as_ref();
        let attested = record.is_some_and(|record| record.attests(&client(host), from.now));
        self.send(rack, address, Subject::Commit { host, exchange, attested });
    }

    /// Hears what the region granted.
    pub fn hear_answer(&mut self, answer: &Answer) {
        match answer.grant {
            Grant::Address { host, exchange } => self.acknowledge(answer, host, exchange),
            Grant::Block => {
                let terms = self.setting.terms();
                let deadline = block_deadline(answer.sent, terms.block_term, terms);
                let rack = &mut self.world.racks[rack_of(answer.server)];
                rack.memory.block = rack.memory.block.max(Some(deadline));
                rack.disk.block = rack.memory.block;
            }
        }
    }

    fn acknowledge(&mut self, answer: &Answer, host: usize, exchange: u8) {
        let rack = rack_of(answer.server);
        let terms = self.setting.terms();
        let mut last = self.world.racks[rack].memory.records[answer.address].as_deref().cloned();
        if self.setting.lacks(Mutation::LateAnswer)
            && let Some(last) = &mut last
        {
            last.given_up_in = 0;
        }
        let granted = Granted {
            client: client(host),
            life: terms.life,
            tenure: Tenure::Leased,
            autonomy: terms.autonomy,
            number: answer.number,
            sent: answer.sent,
            wait_max: ANSWER_WAIT_MAX,
        };
        let now = self.world.racks[rack].now;
        let Some(record) = Record::committed(last.as_ref(), &granted, now, terms) else { return };
        let is_durable = !self.setting.lacks(Mutation::CommittedFsync);
        self.keep(rack, answer.address, record, is_durable);
        let host = &mut self.world.hosts[host];
        if let Some(exchange) = host.exchange.filter(|own| own.first == exchange) {
            hold(&mut host.holds[answer.address], host.now, exchange.last, terms.life);
            self.note(Witness::GotByCommit);
        }
    }

    /// Acknowledges without the region, if the rules allow it.
    pub fn acknowledge_alone(&mut self, rack: usize, host: usize, address: usize) {
        let renewal = self.renewal(rack, host, address);
        let is_from_block = renewal.is_none();
        let Some(life) = renewal.or_else(|| self.lease_from_block(rack, host, address)) else {
            return;
        };
        let from = &self.world.racks[rack];
        let last = from.memory.records[address].as_deref();
        let record = Record::acked_alone(last, &client(host), life, from.now);
        let is_durable = !(is_from_block && self.setting.lacks(Mutation::R8Fsync));
        self.keep(rack, address, record, is_durable);
        self.note(if is_from_block { Witness::GotFromBlock } else { Witness::RenewedAlone });
        let host = &mut self.world.hosts[host];
        hold(&mut host.holds[address], host.now, host.now, life);
    }

    fn renewal(&self, rack: usize, host: usize, address: usize) -> Option<Millis> {
        let (rack, terms) = (&self.world.racks[rack], self.setting.terms());
        let record = rack.memory.records[address].as_deref()?;
        if self.setting.lacks(Mutation::R7Limit) {
            let may = record.client == client(host) && record.alone_until.is_some();
            return may.then_some(terms.life);
        }
        renewal_alone(record, &client(host), rack.now, terms, LIFE_ALONE_MIN)
    }

    fn lease_from_block(&self, rack: usize, host: usize, address: usize) -> Option<Millis> {
        let (rack, terms) = (&self.world.racks[rack], self.setting.terms());
        let deadline = rack.memory.block.filter(|_| address == self.setting.block_address())?;
        let (last, host) = (rack.memory.records[address].as_deref(), client(host));
        lease_from_block(deadline, last, &host, rack.now, terms, LIFE_ALONE_MIN)
    }

    /// Gives up the right to renew an address alone. Telling is another step.
    pub fn let_go(&mut self, rack: usize, address: usize) {
        let Some(record) = self.world.racks[rack].memory.records[address].clone() else { return };
        let number = self.next_number(rack);
        let is_durable = !self.setting.lacks(Mutation::R4Durable);
        self.keep(rack, address, record.given_up(number), is_durable);
        self.world.racks[rack].owed[address] = Some(number);
    }

    /// Tells that a right was given up.
    pub fn tell(&mut self, rack: usize, address: usize) {
        let from = &mut self.world.racks[rack];
        let Some(number) = from.owed[address].take() else { return };
        let Some(record) = from.memory.records[address].as_deref() else { return };
        let host = host_of(&record.client);
        let remaining = record.remaining(from.now).longest();
        self.send_as(number, rack, address, Subject::Relinquish { host, remaining });
    }

    /// The host gave the address back.
    pub fn take_back(&mut self, rack: usize, host: usize, address: usize) {
        let number = self.next_number(rack);
        self.send_as(number, rack, address, Subject::Release { host });
        let from = &self.world.racks[rack];
        let record = from.memory.records[address].clone();
        let Some(record) = record.filter(|record| record.client == client(host)) else { return };
        let now = from.now;
        let number = self.next_number(rack);
        let is_durable = !self.setting.lacks(Mutation::R4Durable);
        self.keep(rack, address, record.released(number, now), is_durable);
        self.world.racks[rack].owed[address] = Some(number);
    }

    /// Tells of the lease it gave.
    pub fn tell_lease(&mut self, rack: usize, address: usize) {
        let from = &self.world.racks[rack];
        let Some(record) = from.memory.records[address].as_deref() else { return };
        let (host, remaining) = (host_of(&record.client), record.remaining(from.now));
        let as_of = self.world.region.now;
        self.send(rack, address, Subject::Adopt { host, remaining, as_of });
    }

    /// Asks for the block, or for another term of it.
    pub fn ask_for_block(&mut self, rack: usize, subject: Subject) {
        let address = self.setting.block_address();
        self.send(rack, address, subject);
    }

    /// Hears that the region was restored: gives up all its rights, then tells all it gave.
    pub fn learn_of_restore(&mut self, rack: usize) {
        let number = self.next_number(rack);
        let from = &mut self.world.racks[rack];
        from.epoch = self.world.region.epoch;
        from.owed = [None; ADDRESSES_MAX];
        from.memory.block = None;
        for record in from.memory.records.iter_mut().flatten() {
            *record = Arc::new(record.given_up(number));
        }
        from.disk = from.memory.clone();
        let now = from.now;
        let given = from.memory.records.iter().map(|record| {
            let record = record.as_deref()?;
            Some((host_of(&record.client), record.remaining(now)))
        });
        let given = given.collect();
        let as_of = self.world.region.now;
        self.forget_answers(rack);
        self.send(rack, 0, Subject::TellAll { given, as_of });
    }

    /// Answers that are under way to a rack reach nobody.
    pub fn forget_answers(&mut self, rack: usize) {
        self.world.network.retain(|message| match message {
            Message::Answer(answer) => rack_of(answer.server) != rack,
            Message::Question(_) => true,
        });
    }

    fn keep(&mut self, rack: usize, address: usize, record: Record, is_durable: bool) {
        let rack = &mut self.world.racks[rack];
        let record = Some(Arc::new(record));
        if is_durable {
            rack.disk.records[address].clone_from(&record);
        }
        rack.memory.records[address] = record;
    }

    const fn next_number(&mut self, rack: usize) -> u64 {
        let rack = &mut self.world.racks[rack];
        rack.number += 1;
        rack.number
    }

    fn send(&mut self, rack: usize, address: usize, subject: Subject) {
        let number = self.next_number(rack);
        self.send_as(number, rack, address, subject);
    }

    fn send_as(&mut self, number: u64, rack: usize, address: usize, subject: Subject) {
        let server = self.world.server_of(rack);
        let sent = self.world.racks[rack].now;
        let question = Question { server, number, address, sent, is_awaited: true, subject };
        self.world.send(Message::Question(question));
    }
}

/// A lease counts from when the host sent its request.
fn hold(until: &mut Option<u8>, now: u8, sent: u8, life: Millis) {
    let end = end_of_lease(sent, life);
    if end > now {
        *until = (*until).max(Some(end));
    }
}
