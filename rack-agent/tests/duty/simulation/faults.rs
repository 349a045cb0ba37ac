//! What fails: the network, the region, processes, machines, disks; and backups that are restored; and who serves
//! and reaches whom, which changes.

use crate::region::{EAST, LOWER, NORTH, UPPER, WEST};
use crate::simulation::mistake::Mistake;
use crate::simulation::world::{Item, World};
use regent_rack_agent::duty::event::Event;
use regent_rack_agent::session::FromRegion;

/// How a machine goes on.
#[derive(Clone, Copy)]
pub(super) enum Resumption {
    /// Its process begins again; so many writes that were not synced are on disk all the same.
    Process(usize),
    /// The machine begins again.
    Boot(usize),
    /// The machine begins again and has forgotten everything.
    BlankDisk,
    /// It stood still.
    Standstill,
}

/// Kinds of faults, as they are counted.
pub(super) const FAULTS: usize = 10;

impl World {
    /// Something fails.
    pub(super) fn fail(&mut self) {
        let rack = usize::try_from(self.dice.below(self.machines.len() as u64)).unwrap();
        let kept = usize::try_from(self.dice.below(3)).unwrap();
        // Where somebody makes a mistake, there is more occasion for it.
        let occasion = match self.mistake {
            Mistake::None => None,
            Mistake::DiskForgets => Some(7),
            Mistake::RebootUnnoticed => Some(10),
            Mistake::PauseUnnoticed => Some(12),
            Mistake::RestoreUnsaid => Some(16),
        };
        let occasion = occasion.filter(|_| self.dice.once_in(3));
        let fault = match occasion.unwrap_or_else(|| self.dice.below(22)) {
            0..=4 => self.cut(rack),
            5 | 6 => self.lose_majority(),
            7..=9 => self.end(rack, Resumption::Process(kept)),
            10 => self.end(rack, Resumption::Boot(kept)),
            11 => self.end(rack, Resumption::BlankDisk),
            12 | 13 => self.stand_still(rack),
            14 | 15 => {
                self.region.save();
                6
            }
            16 | 17 => self.restore(),
            18 => self.change_service(),
            _ => self.split(),
        };
        self.tally.faults[fault] += 1;
        let pause = self.dice.between(10_000, 1_500_000);
        self.after(pause, Item::Fault);
    }

    /// Nothing passes between a rack and the region.
    fn cut(&mut self, rack: usize) -> usize {
        let machine = &mut self.machines[rack];
        machine.is_cut = true;
        let (process, session) = (machine.process, machine.session.take());
        let most = self.dice.one_of(&[10_000, 600_000, 1_800_000, 7_200_000]);
        let pause = self.dice.between(1_000, most);
        self.after(pause, Item::Reconnect(rack));
        if session.is_some() {
            let said = FromRegion::Closed;
            self.after(5_000, Item::Said { rack, process, session: None, said });
        }
        0
    }

    /// Each client reaches one of the racks only.
    fn split(&mut self) -> usize {
        self.is_split = true;
        let most = self.dice.one_of(&[600_000, 7_200_000]);
        let pause = self.dice.between(60_000, most);
        self.after(pause, Item::Rejoin);
        9
    }

    fn lose_majority(&mut self) -> usize {
        self.is_region_away = true;
        let most = self.dice.one_of(&[3_000, 30_000, 3_600_000]);
        let pause = self.dice.between(500, most);
        self.after(pause, Item::RegionBack);
        1
    }

    /// A process or machine ends.
    fn end(&mut self, rack: usize, resumption: Resumption) -> usize {
        if !self.machines[rack].is_running {
            return self.cut(rack);
        }
        self.machines[rack].end_process();
        let most = self.dice.one_of(&[1_000, 60_000, 1_200_000]);
        let pause = self.dice.between(100, most);
        self.after(pause, Item::Resume(rack, resumption));
        match resumption {
            Resumption::Process(_) | Resumption::Standstill => 2,
            Resumption::Boot(_) => 3,
            Resumption::BlankDisk => 5,
        }
    }

    fn stand_still(&mut self, rack: usize) -> usize {
        if self.machines[rack].is_running {
            let pause = self.dice.between(1_000, 5_400_000);
            let until = self.now + pause;
            self.machines[rack].stop_clock(self.now, until);
            self.machines[rack].is_running = false;
            self.after(pause, Item::Resume(rack, Resumption::Standstill));
        }
        4
    }

    /// Other racks serve a VLAN from now on, or the same in another order.
    fn change_service(&mut self) -> usize {
        let vlan = self.dice.one_of(&[UPPER, LOWER]);
        let racks: [&[_]; 6] = [
            &[EAST, WEST, NORTH],
            &[NORTH, EAST, WEST],
            &[WEST, EAST],
            &[EAST, NORTH],
            &[EAST],
            &[WEST],
        ];
        let racks = self.dice.one_of(&racks);
        self.region.serve(vlan, racks);
        8
    }

    /// A backup is restored; whatever was on its way to or from the state before reaches nobody.
    fn restore(&mut self) -> usize {
        let is_restored = match self.mistake {
            Mistake::RestoreUnsaid => self.region.restore_without_a_word(),
            Mistake::None
            | Mistake::DiskForgets
            | Mistake::PauseUnnoticed
            | Mistake::RebootUnnoticed => self.region.restore(),
        };
        if is_restored {
            for rack in 0..self.machines.len() {
                self.close(rack);
            }
        }
        7
    }

    /// A machine goes on.
    pub(super) fn resume(&mut self, rack: usize, resumption: Resumption) {
        let now = self.now;
        let machine = &mut self.machines[rack];
        machine.is_running = true;
        let is_noticed = self.mistake != Mistake::RebootUnnoticed;
        match resumption {
            Resumption::Process(kept) => {
                let clock = machine.clock_at(now);
                machine.station.crash(kept, clock);
            }
            Resumption::Boot(kept) => {
                machine.reset_clock(now);
                let clock = machine.clock_at(now);
                if is_noticed {
                    machine.station.reboot(kept, clock);
                } else {
                    machine.station.crash_unnoticed(kept, clock);
                }
            }
            Resumption::BlankDisk => {
                machine.reset_clock(now);
                let clock = machine.clock_at(now);
                machine.station.lose_disk(clock);
            }
            Resumption::Standstill => {
                if self.mistake != Mistake::PauseUnnoticed {
                    self.hears(rack, Event::ClockInDoubt);
                }
            }
        }
        self.after(100, Item::Dial(rack));
    }
}
