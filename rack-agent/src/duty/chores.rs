//! What is done every second, whatever comes.

use crate::dhcp::action::Probe;
use crate::dhcp::exchange::ahead::addresses_to_try;
use crate::dhcp::holding::Contact;
use crate::duty::effect::{Alarm, Effect};
use crate::duty::machine::Duty;
use crate::duty::trials::Trying;
use crate::remembered::Write;
use crate::session::Beat;
use regent_core::time::Millis;

/// How often.
const CHORES_MILLIS: Millis = Millis(1_000);

impl Duty {
    /// Does the chores if it is their time.
    pub(in crate::duty) fn do_chores(&mut self) {
        if self.now < self.chores_at {
            return;
        }
        self.chores_at = self.now.after(CHORES_MILLIS);
        self.waive_rights();
        self.forget_records();
        self.look_after_blocks();
        self.try_ahead();
        self.keep_view();
        self.beat();
        for alarm in std::mem::take(&mut self.book.alarms) {
            self.raise(Alarm::Dhcp(alarm));
        }
        let served: Vec<_> = self
            .site
            .view()
            .vlans()
            .flat_map(|vlan| &vlan.subnets)
            .map(|subnet| subnet.id)
            .collect();
        self.upkeep.keep_only(|subnet| served.contains(&subnet));
    }

    /// Tries addresses on the wire before anybody asks for them (rule R14).
    fn try_ahead(&mut self) {
        if self.book.contact == Contact::Distrusted {
            return;
        }
        let mut wanted = Vec::new();
        for vlan in self.site.view().vlans() {
            let own = self.site.wire_of(vlan.id).map(|wire| (wire, Probe::Arp));
            let any = || self.site.any_wire().map(|wire| (wire, Probe::Echo));
            let Some((wire, probe)) = own.or_else(any) else { continue };
            let addresses = addresses_to_try(vlan, &self.book, self.now);
            wanted.extend(addresses.into_iter().map(|address| (vlan.id, address, wire, probe)));
        }
        for (vlan, address, wire, probe) in wanted {
            if !self.trials.is_tried(address, self.now) {
                let trying = Trying::Ahead { vlan, address };
                let id = self.trials.begin(address, trying, self.now);
                self.effects.push(Effect::Probe { id, wire, address, probe });
            }
        }
    }

    /// Writes the view down if it is time.
    fn keep_view(&mut self) {
        if self.view_care.is_due(self.now) {
            self.view_care.kept(self.now);
            self.site.sealed().into_iter().for_each(|sealed| self.disk.put(Write::View(sealed)));
        }
    }

    /// Tells the region how the rack is.
    fn beat(&mut self) {
        if self.line.session.is_none() {
            return;
        }
        let beat = Beat {
            applied_revision: self.site.place().map_or(0, |place| place.revision),
            backlog: u32::try_from(self.outbox.len()).unwrap_or(u32::MAX),
            vlans: self.services(),
        };
        self.effects.push(Effect::Beat(beat));
    }
}
