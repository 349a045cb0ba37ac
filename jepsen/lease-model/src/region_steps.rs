//! The region hears a message: it applies the shipped rules to what is recorded, and answers.

use crate::message::{Answer, Grant, Message, Question, Subject};
use crate::mutation::Mutation;
use crate::step::Step;
use crate::witness::Witness;
use crate::world::client;
use regent_core::lease::adopt::{self, Adopt, Adopted, Remaining};
use regent_core::lease::binding::{Binding, Tenure};
use regent_core::lease::block::{self, Block};
use regent_core::lease::commit::{self, Claim, Commit};
use regent_core::lease::free::Standing;
use regent_core::lease::give_up::{self, Release, Relinquish};
use regent_core::lease::server::Server;
use regent_core::time::{ClusterTime, Millis};
use std::sync::Arc;

/// What is recorded of one address, as the rules are going to see it.
struct Recorded {
    binding: Option<Binding>,
    block: Option<Block>,
}

impl Step<'_> {
    /// The region applies a question and answers if it grants something.
    pub fn hear_question(&mut self, question: &Question) {
        let is_granted = match &question.subject {
            Subject::Commit { host, attested, .. } => self.commit(question, *host, *attested),
            Subject::Delegate => self.delegate(question),
            Subject::Extend => self.extend(question),
            Subject::Relinquish { host, remaining } => {
                self.relinquish(question, *host, *remaining);
                false
            }
            Subject::Release { host } => {
                self.release(question, *host);
                false
            }
            Subject::Adopt { host, remaining, as_of } => {
                let number = question.number;
                self.adopt(
                    question.address,
                    &adoption(question, number, *host, *remaining, *as_of),
                );
                false
            }
            Subject::TellAll { given, as_of } => {
                self.hear_all(question, given, *as_of);
                false
            }
        };
        if is_granted && question.is_awaited {
            self.world.send(Message::Answer(answer(question)));
        }
    }

    fn commit(&mut self, question: &Question, host: usize, attested: bool) -> bool {
        let (now, terms) = (self.world.region.now, self.setting.region_terms());
        let recorded = self.recorded(question.address, Some(question.server));
        let commit = Commit {
            server: question.server,
            number: self.order(&recorded, question),
            client: client(host),
            life: terms.life,
            tenure: Tenure::Leased,
            attested,
            claim: Claim::Offered,
        };
        let Ok(binding) = commit::commit(&self.standing(&recorded), &commit, now, &terms) else {
            return false;
        };
        self.note_commit(recorded.binding.as_ref(), &binding);
        self.record(question.address, binding);
        true
    }

    fn note_commit(&self, last: Option<&Binding>, binding: &Binding) {
        let Some(last) = last else { return };
        if last.owner != binding.owner && last.owner.is_some() {
            self.note(Witness::PassedOn);
            if self.world.region.epoch > 0 {
                self.note(Witness::QuarantineEnded);
            }
        } else if last.acknowledged_by != binding.acknowledged_by {
            self.note(Witness::MovedToOtherRack);
        }
    }

    fn delegate(&mut self, question: &Question) -> bool {
        let (now, terms) = (self.world.region.now, self.setting.region_terms());
        let recorded = self.recorded(question.address, None);
        if self.standing(&recorded).check_delegable(now, &terms).is_err() {
            return false;
        }
        let block = block::delegate(question.server, question.number, now, &terms);
        self.world.region.block = Some(block);
        true
    }

    fn extend(&mut self, question: &Question) -> bool {
        let (region, terms) = (&mut self.world.region, self.setting.region_terms());
        let Some(block) = region.block else { return false };
        let is_heedless = self.setting.mutation == Some(Mutation::R8Extend);
        let now = if is_heedless { before(block.until).min(region.now) } else { region.now };
        let Ok(extended) = block::extend(&block, question.server, now, &terms) else {
            return false;
        };
        region.block = Some(Block { until: region.now.after(terms.block_term), ..extended });
        self.note(Witness::Extended);
        true
    }

    fn relinquish(&mut self, question: &Question, host: usize, remaining: Millis) {
        let is_silent = self.setting.lacks(Mutation::R4LastExpiry);
        let remaining = if is_silent { Millis(0) } else { remaining };
        let (now, terms) = (self.world.region.now, self.setting.region_terms());
        let recorded = self.recorded(question.address, None);
        let number = self.order(&recorded, question);
        let Some(binding) = &recorded.binding else { return };
        let relinquish =
            Relinquish { server: question.server, number, client: client(host), remaining };
        if let Ok(binding) = give_up::relinquish(binding, &relinquish, now, &terms) {
            self.note(Witness::Relinquished);
            self.record(question.address, binding);
        }
    }

    /// The release has the number before that of the right given up with it.
    fn release(&mut self, question: &Question, host: usize) {
        let now = self.world.region.now;
        let mut recorded = self.recorded(question.address, None);
        let number = self.order(&recorded, question);
        if self.setting.lacks(Mutation::ReleaseElsewhere)
            && let Some(binding) = &mut recorded.binding
        {
            binding.acknowledged_by = None;
        }
        let Some(binding) = &recorded.binding else { return };
        let release = Release { server: question.server, number, client: client(host) };
        if let Ok(binding) = give_up::release(binding, &release, now) {
            self.note(Witness::Released);
            self.record(question.address, binding);
            if self.setting.lacks(Mutation::R5) {
                self.world.region.bindings[question.address] = None;
            }
        }
    }

    fn adopt(&mut self, address: usize, adopt: &Adopt) -> bool {
        let (now, terms) = (self.world.region.now, self.setting.region_terms());
        let recorded = self.recorded(address, None);
        let number = self.order_of(&recorded, adopt.server, adopt.number);
        let adopt = Adopt { number, ..adopt.clone() };
        match adopt::adopt(&self.standing(&recorded), &adopt, now, &terms) {
            Ok(Adopted::Recorded(binding)) => {
                self.note(Witness::Adopted);
                self.record(address, binding);
                true
            }
            Ok(Adopted::Contradiction(binding)) => {
                self.world.contradicted = true;
                self.record(address, binding);
                true
            }
            Err(_) => false,
        }
    }

    fn hear_all(
        &mut self,
        question: &Question,
        given: &[Option<(usize, Remaining)>],
        as_of: ClusterTime,
    ) {
        let mut is_heard = true;
        for (address, given) in given.iter().enumerate() {
            if let Some((host, remaining)) = given {
                let adoption = adoption(question, question.number, *host, *remaining, as_of);
                is_heard &= self.adopt(address, &adoption);
            }
        }
        if is_heard && let Some(quarantine) = &mut self.world.region.quarantine {
            Arc::make_mut(quarantine).told(question.server);
        }
    }

    fn recorded(&self, address: usize, asking: Option<Server>) -> Recorded {
        let region = &self.world.region;
        let mut binding = region.bindings[address].as_deref().cloned();
        if self.setting.lacks(Mutation::R3Autonomy)
            && let Some(binding) = &mut binding
        {
            binding.autonomy.iter_mut().for_each(|autonomy| autonomy.until = None);
        }
        let block = region.block.filter(|_| address == self.setting.block_address());
        let is_heedless = self.setting.lacks(Mutation::R8Wait);
        let block = block.filter(|block| !is_heedless || Some(block.server) == asking);
        Recorded { binding, block }
    }

    fn standing<'a>(&'a self, recorded: &'a Recorded) -> Standing<'a> {
        Standing {
            binding: recorded.binding.as_ref(),
            block: recorded.block.as_ref(),
            kept_for: None,
            closed_until: None,
            quarantine: self.world.region.quarantine.as_deref(),
        }
    }

    fn order(&self, recorded: &Recorded, question: &Question) -> u64 {
        self.order_of(recorded, question.server, question.number)
    }

    /// The number the rules get to see.
    fn order_of(&self, recorded: &Recorded, server: Server, number: u64) -> u64 {
        if !self.setting.lacks(Mutation::MessageOrder) {
            return number;
        }
        let own = recorded.binding.iter().flat_map(|binding| &binding.autonomy);
        let heard = own.filter(|autonomy| autonomy.server == server).map(|own| own.heard);
        let asked = recorded.block.iter().map(|block| block.number);
        heard.chain(asked).max().map_or(number, |last| number.max(last + 1))
    }

    fn record(&mut self, address: usize, binding: Binding) {
        self.world.region.bindings[address] = Some(Arc::new(binding));
    }
}

fn adoption(
    question: &Question,
    number: u64,
    host: usize,
    remaining: Remaining,
    as_of: ClusterTime,
) -> Adopt {
    let (client, tenure) = (client(host), Tenure::Leased);
    Adopt { server: question.server, number, as_of, client, remaining, tenure }
}

fn answer(question: &Question) -> Answer {
    let grant = match question.subject {
        Subject::Commit { host, exchange, .. } => Grant::Address { host, exchange },
        Subject::Delegate
        | Subject::Extend
        | Subject::Relinquish { .. }
        | Subject::Release { .. }
        | Subject::Adopt { .. }
        | Subject::TellAll { .. } => Grant::Block,
    };
    let Question { server, number, address, sent, .. } = *question;
    Answer { server, number, address, sent, grant }
}

const fn before(time: ClusterTime) -> ClusterTime {
    ClusterTime(time.0.saturating_sub(1))
}
