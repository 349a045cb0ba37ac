//! Answers of the region. One counts only if this process asked in the session that is open, and the rack has not counted
//! as cut off since (docs/lease-protocol.md): what else comes is dropped.

use crate::dhcp::action::Verdict;
use crate::dhcp::holding::{Contact, OwnBlock};
use crate::duty::effect::Alarm;
use crate::duty::errand::{BlockErrand, Errand};
use crate::duty::line::{Asked, Phase, Question, RETELL_MILLIS};
use crate::duty::machine::Duty;
use crate::lease::rack_time::RackTime;
use crate::lease::right::block_deadline;
use crate::session::{Answered, NoAnswer};
use regent_core::lease::refusal::Refusal;
use regent_core::net::address_range::AddressRange;
use regent_core::outcome::LeaseAnswer;
use regent_core::time::ClusterTime;
use std::net::{IpAddr, Ipv4Addr};

/// When a question was asked, and by when it was applied.
#[derive(Clone, Copy)]
struct Moment {
    sent: RackTime,
    applied: ClusterTime,
}

impl Duty {
    /// A question was answered.
    pub(in crate::duty) fn answered(&mut self, answered: Answered) {
        let Some(question) = self.line.answered(answered.id) else { return };
        match answered.result {
            Ok((applied, answers)) => self.heed(question, applied, &answers),
            Err(NoAnswer::NotDone) => {
                self.line.fail(question.sent, self.now);
                let again = question.asked.into_iter().map(|asked| renumbered(asked.errand));
                let is_queued =
                    |errand: &Errand| !matches!(errand, Errand::Adopt { .. } | Errand::Adopted);
                self.outbox.put_back(again.filter(is_queued));
            }
            Err(NoAnswer::Unknown) => {
                self.line.fail(question.sent, self.now);
                let void = question.asked.into_iter().map(|asked| asked.errand);
                void.for_each(|errand| self.come_to_nothing(errand));
            }
        }
    }

    fn heed(&mut self, question: Question, applied: ClusterTime, answers: &[LeaseAnswer]) {
        self.line.hear(applied);
        if self.book.contact == Contact::CutOff {
            self.book.contact = Contact::Quorum;
            self.line.turn_to(Phase::Telling(None));
        }
        let moment = Moment { sent: question.sent, applied };
        let mut answers = answers.iter();
        for asked in question.asked {
            match answers.next() {
                Some(answer) => self.heed_one(asked, moment, *answer),
                None => self.come_to_nothing(asked.errand),
            }
        }
    }

    fn heed_one(&mut self, asked: Asked, moment: Moment, answer: LeaseAnswer) {
        match asked.errand {
            Errand::Commit(wish) => {
                let verdict = verdict(answer, asked.number, moment.sent);
                self.conclude(&wish, verdict);
            }
            Errand::Adopt { address, .. } => {
                self.line.turn_to(Phase::Telling(Some(address)));
                self.told_of(address, answer);
            }
            Errand::Adopted => {
                let retell = match answer {
                    LeaseAnswer::Refused(_) => Some(self.now.after(RETELL_MILLIS)),
                    LeaseAnswer::Done
                    | LeaseAnswer::Committed { .. }
                    | LeaseAnswer::Delegated { .. }
                    | LeaseAnswer::Contradiction => None,
                };
                self.line.turn_to(Phase::Serving(retell));
            }
            Errand::Relinquish { address, .. } => self.told_of_waiver(address, answer),
            Errand::Block(errand) => self.heed_block(errand, moment, answer),
            Errand::Release { .. } | Errand::Decline { .. } | Errand::FoundInUse { .. } => {}
        }
    }

    /// What to do once there is nothing left to tell. Only a rack that has told all says so: else a quarantine would end
    /// that waits for the rest.
    pub(in crate::duty) fn after_telling(&self) -> Phase {
        if self.debts.untold.is_empty() {
            Phase::Concluding
        } else {
            Phase::Serving(Some(self.now.after(RETELL_MILLIS)))
        }
    }

    /// The region has answered about a lease the rack gave.
    fn told_of(&mut self, address: Ipv4Addr, answer: LeaseAnswer) {
        match answer {
            LeaseAnswer::Done | LeaseAnswer::Committed { .. } | LeaseAnswer::Delegated { .. } => {
                self.debts.untold.remove(&address);
            }
            LeaseAnswer::Contradiction => {
                self.debts.untold.remove(&address);
                self.stop_renewing(address);
            }
            LeaseAnswer::Refused(Refusal::Outdated { .. } | Refusal::Late { .. }) => {}
            LeaseAnswer::Refused(_) => {
                let client = self.book.holdings.at(address).map(|record| record.client.clone());
                client
                    .into_iter()
                    .for_each(|client| self.raise(Alarm::NotTold { address, client }));
            }
        }
    }

    /// The region has answered about a right the rack gave up. One that came too late to be heeded is told again, unless the
    /// rack has another right by now.
    fn told_of_waiver(&mut self, address: Ipv4Addr, answer: LeaseAnswer) {
        let record = self.book.holdings.at(address);
        let has_none =
            record.is_some_and(|record| record.alone_until.is_none_or(|until| until <= self.now));
        match answer {
            LeaseAnswer::Refused(Refusal::Outdated { .. }) if has_none => {
                self.debts.owe_waiver(address);
            }
            LeaseAnswer::Done
            | LeaseAnswer::Committed { .. }
            | LeaseAnswer::Delegated { .. }
            | LeaseAnswer::Contradiction
            | LeaseAnswer::Refused(_) => self.debts.waived(address),
        }
    }

    /// Two clients have the address: neither gets more of it from here.
    fn stop_renewing(&mut self, address: Ipv4Addr) {
        self.book.occupied.put(address, (), self.now);
        let (Some(record), Some(number)) = (self.book.holdings.at(address), self.numbers.take())
        else {
            return;
        };
        let (record, client) = (record.given_up(number), record.client.clone());
        self.put_record(address, record);
        self.debts.owe_waiver(address);
        self.raise(Alarm::HeldTwice { address, client });
    }

    fn heed_block(&mut self, errand: BlockErrand, moment: Moment, answer: LeaseAnswer) {
        self.upkeep.end(errand);
        match (errand, answer) {
            (_, LeaseAnswer::Delegated { first, last, until }) => {
                let (IpAddr::V4(start), Ok(range)) = (first, AddressRange::new(first, last)) else {
                    return;
                };
                let term = moment.applied.until(until);
                let deadline = block_deadline(moment.sent, term, &self.site.terms_of(start));
                self.hold_block(OwnBlock { range, deadline });
                if let BlockErrand::Delegate { subnet, .. } = errand {
                    self.upkeep.got(subnet, self.now);
                }
            }
            (BlockErrand::Extend(first), LeaseAnswer::Refused(_)) => self.let_go_of_block(first),
            (
                BlockErrand::Extend(_) | BlockErrand::Delegate { .. } | BlockErrand::Return(_),
                LeaseAnswer::Done
                | LeaseAnswer::Committed { .. }
                | LeaseAnswer::Contradiction
                | LeaseAnswer::Refused(_),
            ) => {}
        }
    }

    /// An errand was not run, or nobody knows whether it was.
    pub(in crate::duty) fn come_to_nothing(&mut self, errand: Errand) {
        match errand {
            Errand::Commit(wish) => self.conclude(&wish, Verdict::Unreachable),
            Errand::Relinquish { address, .. } if self.book.holdings.at(address).is_some() => {
                self.debts.owe_waiver(address);
            }
            Errand::Relinquish { address, .. } => self.debts.forget(address),
            Errand::Block(errand) => self.upkeep.drop(errand),
            // Leases that were not told are still owed, and the rest is of use only at its time.
            Errand::Release { .. }
            | Errand::Decline { .. }
            | Errand::FoundInUse { .. }
            | Errand::Adopt { .. }
            | Errand::Adopted => {}
        }
    }
}

/// The errand as it is run again: what is told of the address meanwhile has higher numbers, so this takes another one. A
/// waiver keeps the one that is on disk.
fn renumbered(errand: Errand) -> Errand {
    match errand {
        Errand::Release { number: _, address, client } => {
            Errand::Release { number: None, address, client }
        }
        Errand::Commit(_)
        | Errand::Relinquish { .. }
        | Errand::Decline { .. }
        | Errand::FoundInUse { .. }
        | Errand::Adopt { .. }
        | Errand::Adopted
        | Errand::Block(_) => errand,
    }
}

fn verdict(answer: LeaseAnswer, number: u64, sent: RackTime) -> Verdict {
    match answer {
        LeaseAnswer::Committed { autonomy, .. } => Verdict::Granted { number, sent, autonomy },
        LeaseAnswer::Refused(refusal) => Verdict::Refused(refusal),
        LeaseAnswer::Done | LeaseAnswer::Delegated { .. } | LeaseAnswer::Contradiction => {
            Verdict::Unreachable
        }
    }
}
