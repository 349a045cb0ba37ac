//! The search against one that tries every order, and on histories of a register that clients really shared.

use super::judge;
use crate::dice::Dice;
use crate::finding::Findings;
use crate::history::line::{Function, Header, Instant, Operation, Phase, Process, Verdict};
use crate::history::reader::{History, LineNumber, Numbered};
use crate::property::linearizable::register::{
    ABSENT, Definite, Optional, Register, Step, ValueId, registers,
};
use crate::property::linearizable::search::{Searched, search};
use crate::request::Requests;
use serde_json::{Map, Value, json};

impl Dice {
    fn value(&mut self) -> ValueId {
        ValueId(u32::try_from(self.below(3)).unwrap())
    }

    fn change(&mut self) -> Step {
        match self.below(3) {
            0 => Step::Swap(self.value(), self.value()),
            _ => Step::Write(self.value()),
        }
    }

    fn step(&mut self) -> Step {
        match self.below(5) {
            0 | 1 => Step::Read(self.value()),
            2 => Step::Mismatch(self.value()),
            _ => self.change(),
        }
    }
}

/// Operations that need not make sense.
fn nonsense(dice: &mut Dice) -> Register {
    let definite = (0..=dice.below(6)).map(|line| {
        let (step, asked) = (dice.step(), dice.below(12));
        Definite {
            step,
            asked: Instant(asked),
            answered: Instant(asked + dice.below(8)),
            revision: None,
            line: LineNumber(line),
            silent: false,
        }
    });
    let definite = definite.collect();
    let optional = (0..dice.below(3))
        .map(|_| Optional { step: dice.change(), asked: Instant(dice.below(20)) })
        .collect();
    Register { definite, optional }
}

/// Tries every order, as the definition has it.
fn has_an_order(register: &Register, placed: u32, taken: u32, value: ValueId) -> bool {
    let left = |place: &usize| placed & (1 << place) == 0;
    let waiting: Vec<usize> = (0..register.definite.len()).filter(left).collect();
    let due = waiting.iter().map(|place| register.definite[*place].answered).min();
    let Some(due) = due else { return true };
    let after = |step: Step| match step {
        Step::Read(read) => (read == value).then_some(value),
        Step::Mismatch(old) => (old != value).then_some(value),
        Step::Write(new) => Some(new),
        Step::Swap(old, new) => (old == value).then_some(new),
    };
    let definite = waiting.iter().any(|place| {
        let operation = &register.definite[*place];
        let next = after(operation.step).filter(|_| operation.asked <= due);
        next.is_some_and(|next| has_an_order(register, placed | (1 << place), taken, next))
    });
    definite
        || register.optional.iter().enumerate().any(|(place, optional)| {
            let is_open = optional.asked <= due && taken & (1 << place) == 0;
            let next = after(optional.step).filter(|_| is_open);
            next.is_some_and(|next| has_an_order(register, placed, taken | (1 << place), next))
        })
}

#[test]
fn finds_an_order_exactly_where_there_is_one() {
    let mut dice = Dice(1);
    let mut found = 0;
    for round in 0..20_000 {
        let register = nonsense(&mut dice);
        let expected = has_an_order(&register, 0, 0, ABSENT);
        let told = register.clone();
        let searched = search(&register.pruned(), 100_000);
        assert_eq!(searched == Searched::Linearizable, expected, "round {round}: {told:?}");
        found += u32::from(expected);
    }
    assert!((4_000..16_000).contains(&found), "{found} of 20,000 had one: the test is lopsided");
}

/// One operation before it is known what it will be answered.
struct Plan {
    effect: Instant,
    operation: Operation,
}

/// What one client after the other will do, one operation at a time; after an unknown outcome another process goes on.
fn plans(dice: &mut Dice, operations: u64, clients: u64) -> Vec<Plan> {
    let mut plans = Vec::new();
    for client in 0..clients {
        let (mut process, mut now) = (Process(client), 0);
        for _ in 0..operations / clients {
            let asked = now + dice.below(20);
            let effect = asked + 1 + dice.below(100);
            now = effect + 1 + dice.below(100);
            let is_unknown = dice.below(20) == 0;
            let late = if is_unknown { dice.below(2_000) } else { 0 };
            let function = match dice.below(8) {
                0..4 => Function::Read,
                4 => Function::Cas,
                5 => Function::Delete,
                _ => Function::Write,
            };
            let operation = Operation {
                process,
                function,
                key: None,
                input: None,
                output: None,
                asked: Instant(asked),
                answered: (!is_unknown).then_some(Instant(now)),
                verdict: if is_unknown { Verdict::Unknown } else { Verdict::Ok },
                revision: None,
                level: None,
                node: None,
                request_id: None,
                phase: Phase::UnderFaults,
            };
            plans.push(Plan { effect: Instant(effect + late), operation });
            process.0 += u64::from(is_unknown) * clients;
        }
    }
    plans.sort_by_key(|plan| plan.effect);
    plans
}

/// A register, and clients that use it at the same time. Of what nobody was told, half never happens.
fn shared(dice: &mut Dice, operations: u64, clients: u64) -> History {
    let mut plans = plans(dice, operations, clients);
    let (mut value, mut last) = (Value::Null, 0);
    for Plan { operation, .. } in &mut plans {
        last += 1;
        let happens = operation.is_ok() || dice.below(2) == 0;
        let next = match operation.function {
            Function::Write => {
                operation.input = Some(json!(last));
                json!(last)
            }
            Function::Cas => {
                let matches = dice.below(2) == 0;
                let old = if matches { value.clone() } else { json!(dice.below(last)) };
                operation.output = Some(json!(old == value));
                operation.input = Some(json!({ "old": old, "new": last }));
                if old == value { json!(last) } else { value.clone() }
            }
            Function::Delete => Value::Null,
            _ => {
                operation.output = Some(value.clone());
                value.clone()
            }
        };
        if happens {
            value = next;
        }
        if operation.verdict == Verdict::Unknown {
            operation.output = None;
        }
    }
    history(plans.into_iter().map(|plan| plan.operation))
}

fn history(operations: impl Iterator<Item = Operation>) -> History {
    let numbered = (2..).map(LineNumber).zip(operations);
    let operations = numbered.map(|(line, said)| Numbered { line, said }).collect();
    History { header: Header::new(0, Map::new()), operations, notes: Vec::new(), complete: true }
}

/// Lets a read show what another one showed.
fn falsified(dice: &mut Dice, mut history: History) -> History {
    let is_read =
        |told: &&mut Numbered<Operation>| told.said.output.is_some() && told.said.input.is_none();
    let mut reads: Vec<_> = history.operations.iter_mut().filter(is_read).collect();
    let others: Vec<_> = reads.iter().map(|told| told.said.output.clone()).collect();
    let read = dice.place(reads.len());
    let different: Vec<_> = others.iter().filter(|other| **other != others[read]).collect();
    reads[read].said.output = different[dice.place(different.len())].clone();
    history
}

fn judged(history: &History) -> Findings {
    judge(history, &Requests::of(history))
}

#[test]
fn what_clients_of_a_real_register_saw_passes() {
    for seed in 0..200 {
        let history = shared(&mut Dice(seed), 200, 6);
        assert_eq!(judged(&history), Findings::default(), "seed {seed}");
    }
}

#[test]
fn one_false_answer_is_mostly_noticed() {
    let mut noticed = 0;
    for seed in 0..200 {
        let mut dice = Dice(seed);
        let history = shared(&mut dice, 200, 6);
        let findings = judged(&falsified(&mut dice, history));
        assert_eq!(findings.doubts(), 0, "seed {seed}");
        noticed += u32::from(!findings.counts().is_empty());
    }
    assert!(noticed >= 160, "{noticed} of 200");
}

/// Ten thousand places take some hundredths of a second, two hundred thousand less than one.
#[test]
fn two_thousand_operations_of_ten_clients_are_decided_quickly() {
    let decide = |history: &History, configurations_max| {
        let requests = Requests::of(history);
        let registers = registers(history, &requests, &mut Findings::default());
        search(&registers[""], configurations_max)
    };
    for seed in 0..6 {
        let mut dice = Dice(seed);
        let good = shared(&mut dice, 2_000, 10);
        assert_eq!(decide(&good, 10_000), Searched::Linearizable, "seed {seed}");
        let bad = falsified(&mut dice, good);
        assert_ne!(decide(&bad, 200_000), Searched::GaveUp, "seed {seed}");
    }
}

#[test]
fn search_gives_up_rather_than_guess() {
    let mut dice = Dice(4);
    let write = |line| Definite {
        step: Step::Write(dice.value()),
        asked: Instant(0),
        answered: Instant(100),
        revision: None,
        line: LineNumber(line),
        silent: false,
    };
    let definite = (0..20).map(write).collect();
    let register = Register { definite, optional: Vec::new() };
    assert_eq!(search(&register, 3), Searched::GaveUp);
}
