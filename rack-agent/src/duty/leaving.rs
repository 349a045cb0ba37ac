//! The rack leaves its region for good: it holds nothing alone any more, and tells all it gave, so that nothing has to run out
//! there as if it were cut off. Whoever runs it so gives it no wires: it answers nobody.

use crate::duty::line::Phase;
use crate::duty::machine::Duty;
use crate::lease::record::Record;
use std::collections::BTreeMap;
use std::net::Ipv4Addr;

impl Duty {
    /// Gives up all rights and blocks. Comes before the first event; with that, all of it is written, and the region is told
    /// nothing before it is durable.
    pub fn leave(&mut self) {
        for (address, record) in self.all_records() {
            // Under which number the region hears of it is decided when it does.
            self.put_record(address, record.given_up(record.given_up_in));
        }
        self.give_up_all();
    }

    /// Whether the region has taken everything: leases, rights and blocks.
    #[must_use]
    pub fn has_told_all(&self) -> bool {
        let is_at_rest =
            self.line.session.is_some_and(|session| session.phase == Phase::Serving(None));
        is_at_rest
            && self.line.question.is_none()
            && self.outbox.is_empty()
            && self.debts.is_empty()
            && self.site.own_blocks().next().is_none()
    }

    /// Leases still running that no other rack serves, as far as was told: also those of VLANs the region has this rack serve
    /// no more, and those the region alone knows of. What is left of these it has not told, so they count as just given.
    #[must_use]
    pub fn carried(&self) -> BTreeMap<Ipv4Addr, Record> {
        let known = self.site.held_alone().into_iter().map(|(address, client)| {
            let life = self.site.terms_of(address).life;
            (address, Record::acked_alone(None, &client, life, self.now))
        });
        let mut carried: BTreeMap<Ipv4Addr, Record> = known.collect();
        for (address, record) in self.book.holdings.iter() {
            // What it wrote down itself it knows better.
            carried.remove(&address);
            if self.now < record.acked_until && !self.site.is_served_by_others(address) {
                carried.insert(address, record.clone());
            }
        }
        carried
    }
}
