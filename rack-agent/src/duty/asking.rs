//! From errands to a question: which steps are asked next, and what each says.

use crate::dhcp::action::Pending;
use crate::duty::effect::Effect;
use crate::duty::errand::{BlockErrand, Errand};
use crate::duty::facts::facts_of;
use crate::duty::line::{Asked, Phase, Session};
use crate::duty::machine::Duty;
use crate::lease::rack_time::RackTime;
use crate::lease::record::ANSWER_WAIT_MAX;
use crate::session::Ask;
use regent_core::command::rack::{LEASE_STEPS_MAX, LeaseStep};
use regent_core::lease::commit::Claim;
use std::net::Ipv4Addr;
use std::ops::Bound;

impl Duty {
    /// Asks the region, if it may be asked and there is anything to ask.
    pub(in crate::duty) fn ask(&mut self) {
        let Some(session) = self.line.session.filter(|_| self.line.is_ready(self.now)) else {
            return;
        };
        if !self.disk.may_ask() || !self.numbers.may_send(LEASE_STEPS_MAX) {
            return;
        }
        let (steps, asked) = match self.phase(&session) {
            Phase::Telling(from) => self.steps(&session, self.leases_to_tell(from)),
            Phase::Concluding => self.steps(&session, vec![Errand::Adopted]),
            Phase::Serving(_) => self.steps_of_outbox(&session),
        };
        if !steps.is_empty() {
            let id = self.line.ask(asked, self.now);
            self.effects.push(Effect::Ask(Ask { id, steps }));
        }
    }

    /// What is to be done in the session now.
    fn phase(&mut self, session: &Session) -> Phase {
        let phase = match session.phase {
            Phase::Serving(Some(retell)) if retell <= self.now => Phase::Telling(None),
            Phase::Telling(_) | Phase::Concluding | Phase::Serving(_) => session.phase,
        };
        let phase = match phase {
            Phase::Telling(from) if self.leases_to_tell(from).is_empty() => self.after_telling(),
            Phase::Telling(_) | Phase::Concluding | Phase::Serving(_) => phase,
        };
        self.line.turn_to(phase);
        phase
    }

    fn leases_to_tell(&self, from: Option<Ipv4Addr>) -> Vec<Errand> {
        let from = from.map_or(Bound::Unbounded, Bound::Excluded);
        let untold = self.debts.untold.range((from, Bound::Unbounded)).take(LEASE_STEPS_MAX);
        let lease = |(address, facts): (&Ipv4Addr, _)| {
            let record = self.book.holdings.at(*address)?;
            let (client, facts) = (record.client.clone(), Clone::clone(facts));
            Some(Errand::Adopt { address: *address, client, facts })
        };
        untold.filter_map(lease).collect()
    }

    fn steps(&mut self, session: &Session, errands: Vec<Errand>) -> (Vec<LeaseStep>, Vec<Asked>) {
        let (mut steps, mut asked) = (Vec::new(), Vec::new());
        for errand in errands {
            if let Some((step, number)) = self.step(session, &errand) {
                steps.push(step);
                asked.push(Asked { errand, number });
            }
        }
        (steps, asked)
    }

    /// As many of the waiting errands as a question may have, and no more than one that searches for a block.
    fn steps_of_outbox(&mut self, session: &Session) -> (Vec<LeaseStep>, Vec<Asked>) {
        let (mut steps, mut asked) = (Vec::new(), Vec::new());
        let mut has_block = false;
        while steps.len() < LEASE_STEPS_MAX {
            let is_block = self.outbox.is_next_a_block();
            if is_block && has_block {
                break;
            }
            let Some(errand) = self.outbox.pop() else { break };
            if is_late(&errand, self.now) {
                self.come_to_nothing(errand);
                continue;
            }
            match self.step(session, &errand) {
                Some((step, number)) => {
                    has_block |= is_block;
                    steps.push(step);
                    asked.push(Asked { errand, number });
                }
                None => self.come_to_nothing(errand),
            }
        }
        (steps, asked)
    }

    /// The step and its number; 0 if it has none. None if the site does not have it any more, or no number is left.
    fn step(&mut self, session: &Session, errand: &Errand) -> Option<(LeaseStep, u64)> {
        let now = self.now;
        let step = match errand {
            Errand::Commit(wish) => return self.commit(&wish.pending),
            Errand::Release { number, address, client } => {
                let number = number.or_else(|| self.numbers.take_to_send())?;
                let address = (*address).into();
                (LeaseStep::Release { number, address, client: client.clone() }, number)
            }
            Errand::Relinquish { number, address, client } => {
                let record = self.book.holdings.at(*address)?;
                let (number, remaining) = (*number, record.remaining(now).longest());
                let (address, client) = ((*address).into(), client.clone());
                (LeaseStep::Relinquish { number, address, client, remaining }, number)
            }
            Errand::Decline { address, client } => {
                let (number, address) = (self.numbers.take_to_send()?, (*address).into());
                (LeaseStep::Decline { number, address, client: client.clone() }, number)
            }
            Errand::FoundInUse { vlan, address } => {
                let (epoch, address) = (self.site.service_epoch(*vlan)?, (*address).into());
                (LeaseStep::FoundInUse { epoch, address }, 0)
            }
            Errand::Adopt { address, client, facts } => {
                let record = self.book.holdings.at(*address)?;
                let (remaining, tenure) = (record.remaining(now), record.tenure);
                let (number, as_of) = (self.numbers.take_to_send()?, session.heard);
                let (address, client, facts) = ((*address).into(), client.clone(), facts.clone());
                let step =
                    LeaseStep::Adopt { number, as_of, address, client, remaining, tenure, facts };
                (step, number)
            }
            Errand::Adopted => (LeaseStep::Adopted, 0),
            Errand::Block(errand) => return self.block_step(*errand),
        };
        Some(step)
    }

    fn commit(&mut self, pending: &Pending) -> Option<(LeaseStep, u64)> {
        let epoch = self.site.service_epoch(pending.vlan)?;
        let (life, attested) = (pending.life, pending.attested);
        let tenure = pending.wanted.tenure();
        let number = self.numbers.take_to_send()?;
        let (address, client) = (pending.address.into(), pending.request.client.clone());
        let facts = facts_of(&pending.request);
        let claim = match pending.request.claims_a_lease() {
            true => Claim::Held,
            false => Claim::Offered,
        };
        let step = LeaseStep::Commit {
            number,
            epoch,
            address,
            client,
            life,
            tenure,
            attested,
            claim,
            facts,
        };
        Some((step, number))
    }

    fn block_step(&mut self, errand: BlockErrand) -> Option<(LeaseStep, u64)> {
        let step = match errand {
            BlockErrand::Delegate { vlan, subnet } => {
                let epoch = self.site.service_epoch(vlan)?;
                let count = u32::try_from(self.upkeep.wanted(subnet)).unwrap_or(u32::MAX);
                let number = self.numbers.take_to_send()?;
                (LeaseStep::Delegate { number, epoch, subnet, count }, number)
            }
            BlockErrand::Extend(first) => (LeaseStep::Extend { first: first.into() }, 0),
            BlockErrand::Return(first) => {
                let number = self.numbers.take_to_send()?;
                (LeaseStep::Return { number, first: first.into() }, number)
            }
        };
        Some(step)
    }
}

/// Whether nobody waits for it any more (rule R1).
fn is_late(errand: &Errand, now: RackTime) -> bool {
    match errand {
        Errand::Commit(wish) => wish.pending.arrival.received.after(ANSWER_WAIT_MAX) < now,
        Errand::Release { .. }
        | Errand::Relinquish { .. }
        | Errand::Decline { .. }
        | Errand::FoundInUse { .. }
        | Errand::Adopt { .. }
        | Errand::Adopted
        | Errand::Block(_) => false,
    }
}
