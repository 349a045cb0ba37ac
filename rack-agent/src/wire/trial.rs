//! Trials of addresses under way (rule R14): when to ask again, when to give up, who has answered. Pure.

use crate::dhcp::action::Probe;
use crate::duty::event::{ProbeId, WireId};
use crate::lease::rack_time::RackTime;
use regent_core::time::Millis;
use std::net::Ipv4Addr;

/// How often somebody is asked.
pub const QUESTIONS: u32 = 2;
/// Time between two questions, and after the last one.
pub const QUESTION_INTERVAL: Millis = Millis(100);
/// Most trials at a time.
pub const TRIALS_MAX: usize = 1024;

/// An address to try.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Trial {
    pub(crate) id: ProbeId,
    pub(crate) wire: WireId,
    pub(crate) address: Ipv4Addr,
    pub(crate) how: Probe,
}

/// Why an address is not tried: [`TRIALS_MAX`] wait for their turn already.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("too many addresses are tried already")]
pub struct NotTried;

/// Trials that wait for an answer.
#[derive(Debug, Default)]
pub(crate) struct Trials {
    waiting: Vec<Waiting>,
}

#[derive(Debug)]
struct Waiting {
    trial: Trial,
    asked: u32,
    next: RackTime,
}

impl Trials {
    /// Begins a trial: its first question is due.
    pub(crate) fn begin(&mut self, trial: Trial, now: RackTime) {
        self.waiting.push(Waiting { trial, asked: 0, next: now });
    }

    pub(crate) const fn len(&self) -> usize {
        self.waiting.len()
    }

    /// The questions that are due, which count as asked, and the trials that nobody has answered in time, which are
    /// over.
    pub(crate) fn due(&mut self, now: RackTime) -> (Vec<Trial>, Vec<ProbeId>) {
        let (mut ask, mut unanswered) = (Vec::new(), Vec::new());
        self.waiting.retain_mut(|waiting| {
            if now < waiting.next {
                return true;
            }
            if waiting.asked == QUESTIONS {
                unanswered.push(waiting.trial.id);
                return false;
            }
            waiting.asked += 1;
            waiting.next = now.after(QUESTION_INTERVAL);
            ask.push(waiting.trial);
            true
        });
        (ask, unanswered)
    }

    /// Somebody on a wire says that an address is his, and ends the trials of it there. That may be this machine, if
    /// it has the address at another interface.
    pub(crate) fn arp(&mut self, wire: WireId, owner: Ipv4Addr) -> Vec<ProbeId> {
        self.end(|trial| trial.how == Probe::Arp && trial.wire == wire && trial.address == owner)
    }

    /// Somebody answered an echo from this address, wherever he is.
    pub(crate) fn echo(&mut self, source: Ipv4Addr) -> Vec<ProbeId> {
        self.end(|trial| trial.how == Probe::Echo && trial.address == source)
    }

    /// It cannot be asked.
    pub(crate) fn give_up(&mut self, id: ProbeId) -> Vec<ProbeId> {
        self.end(|trial| trial.id == id)
    }

    fn end(&mut self, is_answered: impl Fn(&Trial) -> bool) -> Vec<ProbeId> {
        let over = self.waiting.extract_if(.., |waiting| is_answered(&waiting.trial));
        over.map(|waiting| waiting.trial.id).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::{Trial, Trials};
    use crate::dhcp::action::Probe;
    use crate::duty::event::{ProbeId, WireId};
    use crate::lease::rack_time::RackTime;
    use std::net::Ipv4Addr;

    const ADDRESS: Ipv4Addr = Ipv4Addr::new(192, 0, 2, 7);

    fn trial(id: u64, wire: u32, how: Probe) -> Trial {
        Trial { id: ProbeId(id), wire: WireId(wire), address: ADDRESS, how }
    }

    fn begun(trials: &[Trial]) -> Trials {
        let mut begun = Trials::default();
        trials.iter().for_each(|trial| begun.begin(*trial, RackTime(1000)));
        begun
    }

    #[test]
    fn who_does_not_answer_is_asked_twice_within_200_ms_and_then_nobody() {
        let only = trial(1, 1, Probe::Arp);
        let mut trials = begun(&[only]);
        let mut history = Vec::new();
        for ms in (1000..1300).step_by(10) {
            let (ask, unanswered) = trials.due(RackTime(ms));
            history.extend(ask.iter().map(|_| (ms, "ask")));
            history.extend(unanswered.iter().map(|_| (ms, "nobody")));
        }
        assert_eq!(history, [(1000, "ask"), (1100, "ask"), (1200, "nobody")]);
        assert_eq!(trials.len(), 0);
    }

    #[test]
    fn an_answer_by_arp_counts_on_its_own_wire_only() {
        let mut trials = begun(&[trial(1, 1, Probe::Arp), trial(2, 2, Probe::Arp)]);
        assert_eq!(trials.arp(WireId(2), ADDRESS), [ProbeId(2)]);
        assert_eq!(trials.arp(WireId(2), ADDRESS), []);
        assert_eq!(trials.len(), 1);
    }

    #[test]
    fn every_trial_of_one_address_hears_the_answer() {
        let mut trials = begun(&[trial(1, 1, Probe::Echo), trial(2, 2, Probe::Echo)]);
        assert_eq!(trials.echo(Ipv4Addr::new(192, 0, 2, 8)), []);
        assert_eq!(trials.echo(ADDRESS), [ProbeId(1), ProbeId(2)]);
    }

    #[test]
    fn trial_that_cannot_be_asked_is_over_and_no_other_is() {
        let mut trials = begun(&[trial(1, 1, Probe::Arp), trial(2, 1, Probe::Arp)]);
        assert_eq!(trials.give_up(ProbeId(1)), [ProbeId(1)]);
        assert_eq!(trials.give_up(ProbeId(1)), []);
        assert_eq!(trials.arp(WireId(1), ADDRESS), [ProbeId(2)]);
    }

    #[test]
    fn trials_by_arp_and_by_echo_do_not_answer_each_other() {
        let mut trials = begun(&[trial(1, 1, Probe::Echo), trial(2, 1, Probe::Arp)]);
        assert_eq!(trials.arp(WireId(1), ADDRESS), [ProbeId(2)]);
        assert_eq!(trials.echo(ADDRESS), [ProbeId(1)]);
    }
}
