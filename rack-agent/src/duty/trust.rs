//! When what the rack holds does not count any more, or not as it did: another clock, another life, another epoch. All of
//! it is durable before the region is asked anything again (docs/lease-protocol.md).

use crate::clock::mark::Mark;
use crate::dhcp::book::Book;
use crate::dhcp::holding::Contact;
use crate::dhcp::recent::memory::Memory;
use crate::dhcp::recent::newcomer::Newcomers;
use crate::duty::blocks::Upkeep;
use crate::duty::disk::After;
use crate::duty::machine::{ALARM_MILLIS, ALARMS_MAX, Duty, MARK_MILLIS};
use crate::duty::view_care::ViewCare;
use crate::lease::rack_time::RackTime;
use crate::lease::record::Record;
use crate::remembered::Write;
use regent_core::lease::server::Incarnation;
use std::net::Ipv4Addr;

impl Duty {
    /// The clock that its records count on is gone (rules R9 and R12), or they are not this process's alone: no rights and no block, until the region answers.
    pub(in crate::duty) fn distrust(&mut self) {
        self.book.contact = Contact::Distrusted;
        for (address, record) in self.all_records() {
            let record = record.on_another_clock(self.now, &self.site.terms_of(address));
            self.put_record(address, record);
        }
        self.give_up_all();
    }

    /// Time counts from here on, and may be earlier than before. What was remembered of the last minutes means nothing.
    /// Addresses that somebody unknown uses rest from here on.
    pub(in crate::duty) fn restart_clock(&mut self, now: RackTime) {
        let occupied: Vec<Ipv4Addr> = self.book.occupied.keys(self.now).copied().collect();
        (self.now, self.mark_at) = (now, now);
        (self.chores_at, self.stand_ins_at) = (now, now);
        let holdings = std::mem::take(&mut self.book.holdings);
        let newcomers = Newcomers::within(self.book.newcomers.limit());
        self.book = Book { holdings, newcomers, ..Book::new(self.book.contact) };
        for address in occupied {
            self.book.occupied.put(address, (), now);
        }
        self.upkeep = Upkeep::default();
        self.trials.forget();
        self.raised = Memory::new(ALARMS_MAX, ALARM_MILLIS);
        self.view_care = ViewCare::default();
        self.view_care.changed(true, now);
    }

    /// The clocks are in order and show this.
    pub(in crate::duty) fn mark_clocks(&mut self, mark: Mark) {
        self.mark = mark;
        if self.mark_at <= self.now {
            self.mark_at = self.now.after(MARK_MILLIS);
            self.disk.put(Write::Clocks(mark));
        }
    }

    /// Writes down which clock counts, and what it shows.
    pub(in crate::duty) fn write_clock(&mut self) {
        self.mark_at = self.now.after(MARK_MILLIS);
        self.disk.put(Write::Boot(self.boot.clone()));
        self.disk.put(Write::Clocks(self.mark));
    }

    /// The rack begins another life: what it remembers of the one before is void (rule R9).
    pub(in crate::duty) fn begin_life(&mut self, life: Incarnation, epoch: u64) {
        self.forget_all();
        self.life = Some(life);
        self.epoch = Some(epoch);
        self.disk.put(Write::Life(life));
        self.disk.put(Write::Epoch(epoch));
        self.write_clock();
        let until = self.numbers.reserve_anew();
        self.disk.put(Write::NumbersUntil(until));
        self.disk.then(After::Numbers(until));
        self.disk.hold_back();
    }

    /// The region was restored: all rights and blocks are given up, and everything is told again (rule R20).
    pub(in crate::duty) fn begin_epoch(&mut self, epoch: u64) {
        self.epoch = Some(epoch);
        self.disk.put(Write::Epoch(epoch));
        let Some(number) = self.numbers.take() else { return self.distrust() };
        for (address, record) in self.all_records() {
            self.put_record(address, record.given_up(number));
        }
        self.give_up_all();
    }

    /// No blocks any more; of every lease and right the region has to hear.
    pub(in crate::duty) fn give_up_all(&mut self) {
        self.book.holdings.blocks.clear();
        self.write_blocks();
        for (address, _) in self.all_records() {
            self.debts.untold.entry(address).or_default();
            self.debts.owe_waiver(address);
        }
        self.disk.hold_back();
    }

    pub(in crate::duty) fn all_records(&self) -> Vec<(Ipv4Addr, Record)> {
        let records = self.book.holdings.iter();
        records.map(|(address, record)| (address, record.clone())).collect()
    }
}

#[cfg(test)]
mod tests {
    use crate::clock::mark::Mark;
    use crate::clock::sample::{BootId, WallTime};
    use crate::duty::event::Event;
    use crate::duty::machine::Duty;
    use crate::lease::rack_time::RackTime;
    use crate::newcomer_limit::NewcomerLimit;
    use crate::remembered::Remembered;
    use regent_core::lease::give_up::DECLINED_MILLIS;
    use std::net::Ipv4Addr;

    #[test]
    fn address_that_somebody_unknown_uses_rests_for_a_day_from_a_doubt_on() {
        let (address, then) = (Ipv4Addr::new(10, 0, 0, 9), RackTime(900_000_000));
        let mark = Mark { boot: then, wall: WallTime(1) };
        let mut duty = Duty::start(Remembered::default(), BootId("b".into()), mark);
        duty.book.occupied.put(address, (), then);
        // The machine was set back to an earlier moment.
        let now = RackTime(5_000);
        duty.handle(now, Event::ClockInDoubt);
        let until = now.after(DECLINED_MILLIS);
        assert!(duty.book.occupied.get(&address, RackTime(until.0 - 1)).is_some());
        assert!(duty.book.occupied.get(&address, until).is_none());
    }

    #[test]
    fn limit_of_new_clients_outlasts_a_doubt_of_the_clock() {
        let then = RackTime(900_000_000);
        let mark = Mark { boot: then, wall: WallTime(1) };
        let mut duty = Duty::start(Remembered::default(), BootId("b".into()), mark);
        let limit = NewcomerLimit { at_once: 7, per_second: 3 };
        duty.limit_newcomers(limit);
        duty.handle(RackTime(5_000), Event::ClockInDoubt);
        assert_eq!(duty.book.newcomers.limit(), limit);
    }
}
