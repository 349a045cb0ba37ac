//! A session begins, ends, or says something that is no answer.

use crate::dhcp::client_at::ClientAt;
use crate::dhcp::holding::Contact;
use crate::duty::effect::Effect;
use crate::duty::errand::Errand;
use crate::duty::line::{ANSWER_MILLIS_MAX, SILENCE_MILLIS_MAX};
use crate::duty::machine::Duty;
use crate::lease::rack_time::RackTime;
use crate::session::{FromRegion, Opened};
use regent_core::rack_view::change::ViewChange;
use regent_core::rack_view::lease::Standing;

impl Duty {
    /// The region says something.
    pub(in crate::duty) fn hear(&mut self, said: FromRegion) {
        match said {
            FromRegion::Opened(opened) => self.opened(opened),
            FromRegion::Told(change) => self.told(*change),
            FromRegion::Fellows(fellows) => self.site.set_fellows(&fellows),
            FromRegion::Answered(answered) => self.answered(answered),
            FromRegion::Closed => self.closed(),
        }
    }

    /// A session is open: an entry of the log, so the region has its majority behind it.
    fn opened(&mut self, opened: Opened) {
        self.closed();
        if self.life != Some(opened.life) {
            self.begin_life(opened.life, opened.epoch);
        } else if self.epoch != Some(opened.epoch) {
            self.begin_epoch(opened.epoch);
        }
        self.line.open(opened, self.now);
        self.book.contact = Contact::Quorum;
    }

    /// What was asked in the session will not be answered, and what waits is not asked.
    pub(in crate::duty) fn closed(&mut self) {
        let asked = self.line.close();
        self.cut_off();
        asked.into_iter().for_each(|asked| self.come_to_nothing(asked.errand));
    }

    /// The region does not answer: from here the rack acts alone. What it would have asked is void.
    fn cut_off(&mut self) {
        if self.book.contact == Contact::Quorum {
            self.book.contact = Contact::CutOff;
        }
        // What the rack has seen on the wire it can tell later as well.
        let is_void =
            |errand: &Errand| !matches!(errand, Errand::Decline { .. } | Errand::FoundInUse { .. });
        let void = self.outbox.take_if(is_void);
        void.into_iter().for_each(|errand| self.come_to_nothing(errand));
    }

    /// Looks whether the region has been silent for too long.
    pub(in crate::duty) fn listen(&mut self) {
        let silence = self.line.silence(self.now);
        if silence >= SILENCE_MILLIS_MAX {
            self.hang_up();
        } else if silence >= ANSWER_MILLIS_MAX && self.book.contact == Contact::Quorum {
            self.cut_off();
            let question = self.line.question.as_mut();
            let asked = question.map(|question| std::mem::take(&mut question.asked));
            let void = asked.into_iter().flatten();
            void.for_each(|asked| self.come_to_nothing(asked.errand));
        }
    }

    /// The site has changed. What is of another epoch than the session is not believed (rule R20), and what does not fit
    /// needs a session that begins with a whole view.
    fn told(&mut self, change: ViewChange) {
        if self.epoch != Some(change.epoch) {
            return;
        }
        self.see_answered(&change);
        let is_of_site = change.whole
            || !(change.vlans.is_empty() && change.hosts.is_empty() && change.removed.is_empty());
        match self.site.bring(change) {
            Ok(()) => self.view_care.changed(is_of_site, self.now),
            Err(_) => self.hang_up(),
        }
    }

    /// Clients whose leases the region tells of were answered by somebody. A whole view says nothing of when.
    fn see_answered(&mut self, change: &ViewChange) {
        let leases = change.leases.iter().filter(|_| !change.whole);
        for (vlan, _, lease) in leases {
            let lease = lease.as_ref().filter(|lease| lease.standing == Standing::Held);
            let client = lease.and_then(|lease| lease.client.clone());
            let client = client.map(|client| ClientAt { vlan: *vlan, client });
            client.iter().for_each(|client| self.book.left.forget(client));
        }
    }

    /// The machine stood still, was set back or its clocks parted: whatever was counted or asked before is void (rule R12).
    pub(in crate::duty) fn doubt_clock(&mut self, now: RackTime) {
        self.book.contact = Contact::Distrusted;
        self.hang_up();
        self.restart_clock(now);
        self.distrust();
    }

    /// Another session is needed.
    fn hang_up(&mut self) {
        if self.line.session.is_some() {
            self.effects.push(Effect::HangUp);
        }
        self.closed();
    }
}
