//! All that a running rack agent knows, in one value. What it does about it stands in the files beside.

use crate::clock::mark::Mark;
use crate::clock::sample::BootId;
use crate::dhcp::book::Book;
use crate::dhcp::holding::{Contact, Holdings};
use crate::dhcp::recent::memory::Memory;
use crate::dhcp::recent::newcomer::Newcomers;
use crate::dhcp::view::known::Place;
use crate::duty::blocks::Upkeep;
use crate::duty::debts::Debts;
use crate::duty::disk::{After, Disk};
use crate::duty::effect::{Alarm, Effect};
use crate::duty::line::Line;
use crate::duty::numbers::Numbers;
use crate::duty::outbox::Outbox;
use crate::duty::site::Site;
use crate::duty::trials::Trials;
use crate::duty::view_care::ViewCare;
use crate::lease::rack_time::RackTime;
use crate::lease::record::Record;
use crate::newcomer_limit::NewcomerLimit;
use crate::remembered::{Remembered, Write};
use crate::session::VlanService;
use regent_core::command::rack::ClientFacts;
use regent_core::lease::server::Incarnation;
use regent_core::model::dns_name::DomainName;
use regent_core::planted::{self, Planted};
use regent_core::time::Millis;
use std::collections::BTreeSet;
use std::net::Ipv4Addr;

/// The same alarm is not raised again for so long.
pub const ALARM_MILLIS: Millis = Millis::from_secs(600);
/// Alarms that are remembered for that.
pub const ALARMS_MAX: usize = 1_024;

/// What the clocks show is written down this often.
pub const MARK_MILLIS: Millis = Millis::from_secs(600);

/// A running rack agent without its sockets, disk, clock and stream.
#[derive(Clone, Debug)]
pub struct Duty {
    pub(in crate::duty) now: RackTime,
    pub(in crate::duty) boot: BootId,
    /// What the clocks showed last, and when that is written down again.
    pub(in crate::duty) mark: Mark,
    pub(in crate::duty) mark_at: RackTime,
    pub(in crate::duty) life: Option<Incarnation>,
    pub(in crate::duty) epoch: Option<u64>,
    pub(in crate::duty) book: Book,
    pub(in crate::duty) site: Site,
    pub(in crate::duty) numbers: Numbers,
    pub(in crate::duty) disk: Disk,
    pub(in crate::duty) line: Line,
    pub(in crate::duty) outbox: Outbox,
    pub(in crate::duty) debts: Debts,
    pub(in crate::duty) upkeep: Upkeep,
    pub(in crate::duty) trials: Trials,
    pub(in crate::duty) view_care: ViewCare,
    pub(in crate::duty) raised: Memory<Alarm, ()>,
    pub(in crate::duty) chores_at: RackTime,
    /// When clients of other racks are looked after again.
    pub(in crate::duty) stand_ins_at: RackTime,
    pub(in crate::duty) effects: Vec<Effect>,
}

impl Duty {
    /// Goes on from what is remembered, in this boot of the machine, whose clocks show `mark`. What has to be done at once comes out with the first
    /// event.
    ///
    /// The region is not there yet: the rack does what it may alone, unless its records were written in another boot or
    /// belong to no life (rule R9), or its clocks have parted while no process was there (rule R12).
    #[must_use]
    pub fn start(remembered: Remembered, boot: BootId, mark: Mark) -> Self {
        let is_same_boot = remembered.boot.as_ref() == Some(&boot);
        let is_same_clock =
            remembered.clocks.is_some_and(|before| is_same_boot && before.parted(&mark).is_none());
        let now = mark.boot;
        let mut duty = Self {
            now,
            boot,
            mark,
            mark_at: remembered.clocks.map_or(now, |before| before.boot.after(MARK_MILLIS)),
            life: remembered.life,
            epoch: remembered.epoch,
            book: Book::new(Contact::CutOff),
            site: Site::default(),
            numbers: Numbers::from(remembered.numbers_until),
            disk: Disk::default(),
            line: Line::default(),
            outbox: Outbox::default(),
            debts: Debts::default(),
            upkeep: Upkeep::default(),
            trials: Trials::default(),
            view_care: ViewCare::default(),
            raised: Memory::new(ALARMS_MAX, ALARM_MILLIS),
            chores_at: now,
            stand_ins_at: now,
            effects: Vec::new(),
        };
        remembered.view.iter().for_each(|sealed| duty.site.reopen(sealed));
        duty.book.holdings.blocks = remembered.blocks;
        for (address, record) in remembered.records {
            duty.debts.owe_lease(address, ClientFacts::default());
            if record.alone_until.is_none() {
                duty.debts.owe_waiver(address);
            }
            duty.book.holdings.put(address, record);
        }
        if remembered.life.is_none() {
            duty.forget_all();
            duty.book.contact = Contact::Distrusted;
        }
        if !is_same_clock && !planted::is(Planted::AutonomyAfterReboot) {
            duty.write_clock();
            duty.distrust();
        }
        duty.reserve_numbers();
        duty
    }

    /// Hears so many clients nobody knows from now on.
    pub fn limit_newcomers(&mut self, limit: NewcomerLimit) {
        self.book.newcomers = Newcomers::within(limit);
    }

    /// How it stands with the region.
    #[must_use]
    pub const fn contact(&self) -> Contact {
        self.book.contact
    }

    /// How far it has followed the region; none before the first view.
    #[must_use]
    pub fn place(&self) -> Option<Place> {
        self.site.place()
    }

    /// Its life, as it says it when it opens a session; none if it has no records.
    #[must_use]
    pub const fn life(&self) -> Option<Incarnation> {
        self.life
    }

    /// Names of servers whose addresses clients are to be told. Looks at every subnet.
    #[must_use]
    pub fn names(&self) -> BTreeSet<DomainName> {
        self.site.names()
    }

    /// How it serves each VLAN.
    #[must_use]
    pub fn services(&self) -> Vec<VlanService> {
        let has_wire = self.site.any_wire().is_some();
        let service = |(vlan, server_id)| {
            let trouble = (!has_wire).then(|| "no interface has an address".to_owned());
            VlanService { vlan, server_id, trouble }
        };
        self.site.services().map(service).collect()
    }

    /// How often an address could not be tried on the wire, since the process began.
    #[must_use]
    pub const fn untried(&self) -> u64 {
        self.trials.untried()
    }

    /// What it holds: leases it acknowledged, and blocks.
    #[must_use]
    pub const fn holdings(&self) -> &Holdings {
        &self.book.holdings
    }

    /// Changes a record, in memory and on disk.
    pub(in crate::duty) fn put_record(&mut self, address: Ipv4Addr, record: Record) {
        self.disk.put(Write::Record(address, record.clone()));
        self.book.holdings.put(address, record);
    }

    /// Writes down which blocks it has now.
    pub(in crate::duty) fn write_blocks(&mut self) {
        self.disk.put(Write::Blocks(self.book.holdings.blocks.clone()));
    }

    /// Everything it holds is void.
    pub(in crate::duty) fn forget_all(&mut self) {
        self.book.holdings = Holdings::default();
        self.debts = Debts::default();
    }

    pub(in crate::duty) fn reserve_numbers(&mut self) {
        if let Some(until) = self.numbers.reserve() {
            self.disk.put(Write::NumbersUntil(until));
            self.disk.then(After::Numbers(until));
        }
    }

    pub(in crate::duty) fn raise(&mut self, alarm: Alarm) {
        if self.raised.get(&alarm, self.now).is_none() {
            self.raised.put(alarm.clone(), (), self.now);
            self.effects.push(Effect::Alarm(alarm));
        }
    }
}
