//! A rack's machine: the state machine under test, a disk that forgets what was not synced, and a clock that counts from
//! its boot.

use crate::packet::ip;
use regent_core::id::NodeId;
use regent_rack_agent::clock::mark::Mark;
use regent_rack_agent::clock::sample::{BootId, WallTime};
use regent_rack_agent::duty::effect::Effect;
use regent_rack_agent::duty::event::{Event, Wire, WireAddress, WireId, WriteId};
use regent_rack_agent::duty::machine::Duty;
use regent_rack_agent::lease::rack_time::RackTime;
use regent_rack_agent::remembered::{Remembered, Write};
use std::collections::VecDeque;

/// Where clients of 10.0.0.0/24 are, and those of 10.0.1.0/24.
pub(crate) const WIRES: [WireId; 2] = [WireId(0), WireId(1)];

const WALL_AHEAD_MS: u64 = 1_700_000_000_000;

/// A rack's machine.
pub(crate) struct Station {
    pub(crate) node: NodeId,
    pub(crate) duty: Duty,
    pub(crate) disk: Remembered,
    unsynced: VecDeque<(WriteId, Vec<Write>)>,
    cached: Vec<Write>,
    boots: u64,
    /// By how much its wall clock is ahead of the clock of deadlines.
    wall_ahead_ms: u64,
}

impl Station {
    pub(crate) fn new(node: NodeId, now: RackTime) -> Self {
        let disk = Remembered::default();
        let duty = Duty::start(disk.clone(), boot_id(0), mark(now, WALL_AHEAD_MS));
        let mut station = Self {
            node,
            duty,
            disk,
            unsynced: VecDeque::new(),
            cached: Vec::new(),
            boots: 0,
            wall_ahead_ms: WALL_AHEAD_MS,
        };
        station.starts(now);
        station
    }

    /// The rack's own address on a wire.
    pub(crate) fn address_at(&self, wire: usize) -> std::net::Ipv4Addr {
        ip(&format!("10.0.{wire}.{}", 1 + self.node.0))
    }

    /// The process begins: it hears of its wires.
    fn starts(&mut self, now: RackTime) {
        let wire = |(number, id): (usize, &WireId)| Wire {
            id: *id,
            name: format!("eth{number}"),
            addresses: vec![WireAddress { address: self.address_at(number), prefix: 24 }],
        };
        let wires = WIRES.iter().enumerate().map(wire).collect();
        self.handle(now, Event::Wires(wires));
    }

    /// What is to be done about an event, writes excepted: they wait for [`Self::sync`].
    pub(crate) fn handle(&mut self, now: RackTime, event: Event) -> Vec<Effect> {
        let (writes, others): (Vec<Effect>, Vec<Effect>) = self
            .duty
            .handle(now, event)
            .into_iter()
            .partition(|effect| matches!(effect, Effect::Write { .. }));
        for write in writes {
            if let Effect::Write { id, writes } = write {
                self.unsynced.push_back((id, writes));
            }
        }
        others
    }

    /// The number of the last write that waits.
    pub(crate) fn last_unsynced(&self) -> Option<WriteId> {
        self.unsynced.back().map(|(id, _)| *id)
    }

    /// Everything up to this write is on disk, but for leases: those are in its cache.
    pub(crate) fn sync_without_leases(&mut self, until: WriteId) {
        while self.unsynced.front().is_some_and(|(id, _)| *id <= until) {
            let (_, writes) = self.unsynced.pop_front().unwrap();
            for write in writes {
                match write {
                    Write::Record(..) => self.cached.push(write),
                    other => self.disk.put(other),
                }
            }
        }
    }

    /// Everything up to this write is on disk.
    pub(crate) fn sync(&mut self, until: WriteId) {
        self.cached.drain(..).for_each(|write| self.disk.put(write));
        while self.unsynced.front().is_some_and(|(id, _)| *id <= until) {
            let (_, writes) = self.unsynced.pop_front().unwrap();
            writes.into_iter().for_each(|write| self.disk.put(write));
        }
    }

    /// The process ends; so many of the waiting writes still reach the disk. It starts again.
    pub(crate) fn crash(&mut self, writes_kept: usize, now: RackTime) {
        self.end(writes_kept);
        self.begin(now);
    }

    /// The same, and nothing the clocks show tells that they have stood still or begun anew.
    pub(crate) fn crash_unnoticed(&mut self, writes_kept: usize, now: RackTime) {
        self.end(writes_kept);
        self.disk.clocks = Some(mark(now, self.wall_ahead_ms));
        self.begin(now);
    }

    /// The same, and while no process is there the wall clock is set forward.
    pub(crate) fn crash_while_the_wall_clock_is_set(&mut self, by_ms: u64, now: RackTime) {
        self.wall_ahead_ms += by_ms;
        self.crash(0, now);
    }

    fn end(&mut self, writes_kept: usize) {
        for _ in 0..writes_kept {
            if let Some((id, _)) = self.unsynced.front() {
                self.sync(*id);
            }
        }
        self.unsynced.clear();
        self.cached.clear();
    }

    fn begin(&mut self, now: RackTime) {
        let mark = mark(now, self.wall_ahead_ms);
        self.duty = Duty::start(self.disk.clone(), boot_id(self.boots), mark);
        self.starts(now);
    }

    /// The process ends, and another one begins to leave the region: it has no wires.
    pub(crate) fn leave(&mut self, now: RackTime) {
        self.end(0);
        let mark = mark(now, self.wall_ahead_ms);
        self.duty = Duty::start(self.disk.clone(), boot_id(self.boots), mark);
        self.duty.leave();
        self.handle(now, Event::Tick);
    }

    /// The machine starts again.
    pub(crate) fn reboot(&mut self, writes_kept: usize, now: RackTime) {
        self.boots += 1;
        self.crash(writes_kept, now);
    }

    /// Nothing is left of what was remembered.
    pub(crate) fn lose_disk(&mut self, now: RackTime) {
        self.unsynced.clear();
        self.disk = Remembered::default();
        self.crash(0, now);
    }
}

/// What the clocks of a machine show whose wall clock is so far ahead.
fn mark(now: RackTime, wall_ahead_ms: u64) -> Mark {
    Mark { boot: now, wall: WallTime(now.0 + wall_ahead_ms) }
}

fn boot_id(boots: u64) -> BootId {
    BootId(format!("boot {boots}"))
}
