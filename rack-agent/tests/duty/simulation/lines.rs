//! What passes between racks and the region, and how much of it does not.

use crate::region::{LOWER, UPPER};
use crate::simulation::world::{Item, World};
use regent_rack_agent::duty::event::Event;
use regent_rack_agent::lease::rack_time::RackTime;
use regent_rack_agent::session::{Answered, Ask, Fellow, FromRegion, NoAnswer, Opened};

impl World {
    /// The rack's session is over, as far as the rack is concerned.
    pub(super) fn close(&mut self, rack: usize) {
        if self.machines[rack].session.take().is_some() {
            let process = self.machines[rack].process;
            let (session, said) = (None, FromRegion::Closed);
            self.after(1, Item::Said { rack, process, session, said });
        }
        let pause = self.dice.between(50, 1_000);
        self.after(pause, Item::Dial(rack));
    }

    pub(super) fn dial(&mut self, rack: usize) {
        let machine = &self.machines[rack];
        if machine.session.is_some() {
            return;
        }
        if machine.is_cut || self.is_region_away || !self.is_running(rack) {
            return self.after(1_000, Item::Dial(rack));
        }
        let node = machine.station.node;
        let life = machine.station.duty.life();
        let opened = self.region.open(node, life);
        // Records of a life that is over are of no use: the rack says that it has none.
        let opened = opened.or_else(|_| self.region.open(node, None)).unwrap();
        self.machines[rack].session = Some(opened.session);
        let (epoch, now) = (self.region.epoch(), self.region.state.meta().now);
        let opened = Opened { epoch, rack: node, life: opened.life, now };
        self.say(rack, FromRegion::Opened(opened));
        let told = self.region.told(node);
        self.say(rack, FromRegion::Told(Box::new(told)));
        let fellows = self.fellows_of(rack);
        self.say(rack, FromRegion::Fellows(fellows));
    }

    /// The other racks, as if none were ever missing: what rests on that is no matter of safety.
    fn fellows_of(&self, rack: usize) -> Vec<Fellow> {
        let others = (0..self.machines.len()).filter(|other| *other != rack);
        let fellow = |other: usize| {
            let station = &self.machines[other].station;
            let (rack, missed_heartbeats) = (station.node, 0);
            [UPPER, LOWER].into_iter().enumerate().map(move |(wire, vlan)| {
                let server_id = station.address_at(wire);
                Fellow { vlan, rack, server_id, place: 0, missed_heartbeats }
            })
        };
        others.flat_map(fellow).collect()
    }

    /// Something for the rack, in its session; in order with what was said before.
    pub(super) fn say(&mut self, rack: usize, said: FromRegion) {
        let machine = &self.machines[rack];
        let (process, session) = (machine.process, machine.session);
        self.after(5, Item::Said { rack, process, session, said });
    }

    pub(super) fn say_or_wait(
        &mut self,
        rack: usize,
        process: u64,
        session: Option<u64>,
        said: FromRegion,
    ) {
        if !self.is_running(rack) {
            return self.after(1_000, Item::Said { rack, process, session, said });
        }
        let said = match said {
            FromRegion::Answered(answered) => {
                let at = self.rack_now(rack);
                FromRegion::Answered(Answered { at, ..answered })
            }
            other => other,
        };
        self.hears(rack, Event::Region(said));
    }

    /// A question reaches the region, whatever became of the rack meanwhile.
    pub(super) fn asked(&mut self, rack: usize, session: u64, ask: Ask) {
        let node = self.machines[rack].station.node;
        let result = if self.is_region_away {
            match self.dice.below(3) {
                0 => Some(Err(NoAnswer::NotDone)),
                1 => {
                    // It comes through after all, later.
                    drop(self.region.ask(node, session, ask.steps));
                    Some(Err(NoAnswer::Unknown))
                }
                _ => None,
            }
        } else {
            match self.region.ask(node, session, ask.steps) {
                Ok(answers) => Some(Ok(answers)),
                Err(_) => return,
            }
        };
        let machine = &self.machines[rack];
        if let (Some(result), false) = (result, machine.is_cut) {
            let (process, at) = (machine.process, RackTime(0));
            let said = FromRegion::Answered(Answered { id: ask.id, at, result });
            let pause = self.dice.one_of(&[1, 5, 5, 20, 1_000, 3_000]);
            self.after(pause, Item::Said { rack, process, session: Some(session), said });
        }
    }

    pub(super) fn tell_view(&mut self, rack: usize) {
        let machine = &self.machines[rack];
        if machine.session.is_some() && !machine.is_cut && !self.is_region_away {
            let told = self.region.told(machine.station.node);
            self.say(rack, FromRegion::Told(Box::new(told)));
        }
        let pause = self.dice.between(3_000, 120_000);
        self.after(pause, Item::View(rack));
    }
}
