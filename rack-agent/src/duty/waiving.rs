//! Rights that are of no use are given up, so that addresses come back soon (rule R4), and records nobody needs are
//! forgotten.

use crate::dhcp::view::site::Vlan;
use crate::duty::disk::After;
use crate::duty::errand::Errand;
use crate::duty::machine::Duty;
use crate::lease::record::Record;
use crate::remembered::Write;
use regent_core::lease::binding::Tenure;
use std::net::Ipv4Addr;

/// Rights that are given up at a time.
const WAIVERS_MAX: usize = 256;

impl Duty {
    /// Gives up rights to leases that have ended, durably, and tells.
    pub(in crate::duty) fn waive_rights(&mut self) {
        if !self.line.is_serving() {
            return;
        }
        let is_waived = |(address, record): &(Ipv4Addr, &Record)| {
            let is_over = record.acked_until <= self.now;
            let may_act = record.alone_until.is_some_and(|until| self.now < until);
            let is_told = !self.debts.untold.contains_key(address);
            is_told && ((is_over && may_act) || self.debts.unwaived.contains(address))
        };
        let records = self.book.holdings.iter().filter(is_waived).take(WAIVERS_MAX);
        let records: Vec<_> = records.map(|(address, record)| (address, record.clone())).collect();
        for (address, record) in records {
            let Some(number) = self.numbers.take() else { return };
            self.put_record(address, record.given_up(number));
            self.debts.waive(address);
            let client = record.client;
            self.disk.then(After::Send(Errand::Relinquish { number, address, client }));
        }
    }

    /// Forgets what is over for everybody: the lease, the time an address rests in the rack's own block, and the right. Of a
    /// lease that is over there is nothing to tell either.
    pub(in crate::duty) fn forget_records(&mut self) {
        let is_over = |address: &Ipv4Addr| {
            let guard = self.site.terms_of(*address).guard;
            let record = self.book.holdings.at(*address);
            record.is_none_or(|record| {
                record.tenure == Tenure::Leased && record.acked_until.after(guard) <= self.now
            })
        };
        self.debts.untold.retain(|address, _| !is_over(address));
        let ended = self.book.holdings.iter().filter(|(_, record)| record.acked_until <= self.now);
        let over = ended.filter(|(address, record)| {
            let terms = self.site.terms_of(*address);
            let rests_until = record.acked_until.after(terms.guard);
            let has_right = record.alone_until.is_some_and(|until| self.now < until);
            // The region's own count ends by then, whether it has heard or not.
            let owes = self.debts.owes_waiver(*address)
                && self.now < rests_until.after(terms.lengthened(terms.autonomy));
            rests_until <= self.now && !has_right && !owes && !self.is_kept(*address, record)
        });
        let over: Vec<Ipv4Addr> = over.map(|(address, _)| address).collect();
        for address in over {
            self.book.holdings.remove(address);
            self.debts.forget(address);
            self.disk.put(Write::NoRecord(address));
        }
    }

    /// Whether its client has the address for good as far as the region told, or the region is away or may not know of it: once
    /// a backup is restored, nobody but its racks may remember.
    fn is_kept(&self, address: Ipv4Addr, record: &Record) -> bool {
        let is_told = |vlan: &Vlan| {
            let lease = vlan.leases.at(address);
            lease.is_some_and(|lease| {
                lease.tenure == Tenure::ForGood && lease.client.as_ref() == Some(&record.client)
            })
        };
        record.tenure == Tenure::ForGood
            && (!self.line.is_serving()
                || self.debts.untold.contains_key(&address)
                || self.site.view().vlans().any(is_told))
    }
}
