//! What goes wrong: racks that crash, lose their disk, reboot or stand still, and a region that is restored.

use crate::message::Message;
use crate::mutation::Mutation;
use crate::step::Step;
use crate::world::{ADDRESSES_MAX, Region, Store, rack_of};
use regent_core::lease::quarantine::Quarantine;
use regent_rack_agent::lease::rack_time::RackTime;
use std::sync::Arc;

impl Step<'_> {
    /// The rack's process ends and is started again.
    pub fn crash(&mut self, rack: usize) {
        let crashed = &mut self.world.racks[rack];
        crashed.memory = crashed.disk.clone();
        crashed.owed = [None; ADDRESSES_MAX];
        self.forget_questions(rack);
    }

    /// The rack does not know any more what it asked: answers reach nobody.
    fn forget_questions(&mut self, rack: usize) {
        self.forget_answers(rack);
        self.world.network.iter_mut().for_each(|message| match message {
            Message::Question(question) if rack_of(question.server) == rack => {
                question.is_awaited = false;
            }
            Message::Question(_) | Message::Answer(_) => {}
        });
        self.world.network.sort();
        self.world.network.dedup();
    }

    /// The rack crashes, and what it remembered is gone (R9).
    pub fn lose_disk(&mut self, rack: usize) {
        self.crash(rack);
        let lost = &mut self.world.racks[rack];
        lost.memory = Store::default();
        lost.disk = Store::default();
        if !self.setting.lacks(Mutation::R9Incarnation) {
            lost.incarnation += 1;
            let server = self.world.server_of(rack);
            self.world.region.enrolled.insert(server);
        }
    }

    /// The rack's machine starts again: its clock begins at nothing (R9).
    pub fn reboot(&mut self, rack: usize) {
        self.crash(rack);
        self.world.racks[rack].now = RackTime(0);
        if !self.setting.lacks(Mutation::R9Boot) {
            self.distrust_clock(rack);
        }
    }

    /// The rack's machine goes on after it stood still (R12).
    pub fn resume(&mut self, rack: usize) {
        self.world.racks[rack].is_paused = false;
        if !self.setting.lacks(Mutation::R12) {
            self.distrust_clock(rack);
            self.forget_questions(rack);
        }
    }

    fn distrust_clock(&mut self, rack: usize) {
        let terms = *self.setting.terms();
        let rack = &mut self.world.racks[rack];
        for store in [&mut rack.memory, &mut rack.disk] {
            store.block = None;
            for record in store.records.iter_mut().flatten() {
                *record = Arc::new(record.on_another_clock(rack.now, &terms));
            }
        }
    }

    /// Somebody saves the region.
    pub fn save(&mut self) {
        self.world.saved = Some(Arc::new(self.world.region.clone()));
    }

    /// The region is brought back as it was saved (R20).
    pub fn restore(&mut self) {
        let Some(saved) = self.world.saved.take() else { return };
        let now = saved.now;
        let quarantine = Quarantine::begin(saved.enrolled.clone(), now, self.setting.terms());
        let is_quarantined = !self.setting.lacks(Mutation::R20);
        let keeps_blocks = self.setting.lacks(Mutation::R20Blocks);
        self.world.region = Region {
            epoch: self.world.region.epoch + 1,
            block: saved.block.filter(|_| keeps_blocks),
            quarantine: is_quarantined.then(|| Arc::new(quarantine)),
            ..Region::clone(&saved)
        };
        // Questions of the old epoch are refused.
        self.world.network.retain(|message| matches!(message, Message::Answer(_)));
    }
}
