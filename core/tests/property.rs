//! Random sequences of requests, with batches, guards and repetitions: every rule holds after each step.
#![allow(clippy::unwrap_used, reason = "tests may fail loudly")]

mod beginning;
mod random_commands;
mod region;

use beginning::beginning;
use random_commands::choices::Choices;
use random_commands::racks::served;
use random_commands::{command, guard};
use regent_core::command::session::SessionCommand;
use regent_core::command::{ClientKey, Command, Origin, Request};
use regent_core::id::SessionId;
use regent_core::outcome::{LeaseAnswer, Outcome};
use region::{Region, request};
use std::collections::BTreeMap;

/// Sequences over all tests of this file.
const SEQUENCES: u64 = 10_000;
/// The tests they are divided among, which run side by side.
const SHARES: u64 = 4;
/// Random requests of one sequence, after the groundwork.
const STEPS: u64 = 12;

#[test]
fn rules_hold_after_every_step_first_share() {
    share(0);
}

#[test]
fn rules_hold_after_every_step_second_share() {
    share(1);
}

#[test]
fn rules_hold_after_every_step_third_share() {
    share(2);
}

#[test]
fn rules_hold_after_every_step_fourth_share() {
    share(3);
}

/// A world in which hardly anything is ever allowed proves nothing.
#[test]
fn random_commands_are_often_enough_allowed() {
    let mut tried: BTreeMap<String, (u32, u32)> = BTreeMap::new();
    let mut heeded = 0;
    for seed in 0..500 {
        let mut sequence = Sequence::begin(seed);
        for _ in 0..STEPS {
            let command = command(&mut sequence.choices);
            let noun = noun(&command);
            let outcome = sequence.region.run(command);
            if let Ok(Outcome::Leases(answers)) = &outcome {
                let given = |answer: &&LeaseAnswer| !matches!(answer, LeaseAnswer::Refused(_));
                heeded += answers.iter().filter(given).count();
            }
            let allowed = outcome.is_ok();
            let (yes, no) = tried.entry(noun).or_default();
            *(if allowed { yes } else { no }) += 1;
        }
    }
    assert!(heeded > 20, "{heeded} steps of racks");
    assert!(tried.len() >= 24, "{tried:?}");
    for (noun, (yes, no)) in &tried {
        assert!(*yes > 0 && *no + *yes > 20, "{noun}: {yes} allowed, {no} refused");
    }
}

/// The noun of a command; what racks ask is told apart from their sessions.
fn noun(command: &Command) -> String {
    let told = format!("{command:?}");
    let ends = if told.starts_with("Rack") { &[' '][..] } else { &['(', ' '] };
    told.split(ends).next().unwrap().to_owned()
}

fn share(number: u64) {
    (0..SEQUENCES / SHARES).for_each(|n| Sequence::begin(n * SHARES + number).run());
}

/// One sequence, determined by its seed.
struct Sequence {
    seed: u64,
    choices: Choices,
    region: Region,
    session: SessionId,
    sent: Vec<Request>,
}

impl Sequence {
    fn begin(seed: u64) -> Self {
        let (mut choices, mut region) = (Choices(seed), Region::empty());
        beginning(&mut choices).into_iter().for_each(|command| drop(region.run(command).unwrap()));
        if choices.once_in(2) {
            served().into_iter().for_each(|command| drop(region.run(command).unwrap()));
        }
        let open = Command::Session(SessionCommand::Open { holder: "r1".into() });
        let Ok(Outcome::SessionOpened(session)) = region.run(open) else { panic!("no session") };
        Self { seed, choices, region, session, sent: Vec::new() }
    }

    fn run(mut self) {
        for step in 0..STEPS {
            self.region.now.0 += self.choices.below(300);
            if self.choices.once_in(8) && !self.sent.is_empty() {
                self.repeat();
            } else {
                self.send();
            }
            self.region.assert_sound(&(self.seed, step, self.sent.last()));
        }
    }

    fn send(&mut self) {
        let choices = &mut self.choices;
        let mut request = request(command(choices));
        if choices.once_in(10) {
            request.guards.push(guard(choices));
        }
        let sequence = self.sent.len() as u64 + 1;
        if choices.once_in(2) {
            request.origin = Some(Origin { session: self.session, sequence, floor: 1 });
        } else {
            let key = format!("key {sequence}");
            request.key = Some(ClientKey { key, request_hash: [0; 32] });
        }
        self.sent.push(request.clone());
        let applied = self.region.apply(request);
        let internal = matches!(&applied.reply.result, Err(no) if no.code() == "internal");
        assert!(
            !internal,
            "seed {}: {:?} of {:?}",
            self.seed,
            applied.reply.result,
            self.sent.last()
        );
    }

    /// Sends an earlier request again: it is recognised, and nothing comes of it.
    fn repeat(&mut self) {
        let again = self.choices.of(&self.sent);
        let applied = self.region.apply(again.clone());
        assert!(applied.reply.replayed, "seed {}: {again:?}", self.seed);
    }
}
