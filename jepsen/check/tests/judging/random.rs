//! Random clients of a store that keeps its promises: what they see passes, and what is falsified is mostly caught.

use crate::dice::Dice;
use crate::store::{Store, name};
use regent_check::coverage::Demand;
use regent_check::history::line::{
    FaultOutcome, Function, Header, Instant, Level, Nature, Note, Operation, Phase, Process,
    Revision, Verdict,
};
use regent_check::history::reader::{History, read};
use regent_check::history::writer::HistoryWriter;
use regent_check::verdict::{Outcome, judge};
use serde_json::{Map, Value, json};
use std::collections::BTreeMap;

const CLIENTS: u64 = 5;
const TURNS: u64 = 60;
/// How long a lease runs, in milliseconds and as the clock of the harness counts.
const TTL_MS: u64 = 1;
const TTL_NS: u64 = TTL_MS * 1_000_000;
/// One step of a client takes about this long, so that leases run out now and then.
const STEP_NS: u64 = 50_000;

/// One attempt before it is known what it will be answered.
struct Plan {
    /// When it takes effect; `None` if it never does.
    effect: Option<Instant>,
    client: String,
    operation: Operation,
}

/// What one client after the other will attempt.
fn plans(dice: &mut Dice) -> Vec<Plan> {
    let mut plans = Vec::new();
    for client in 0..CLIENTS {
        let (mut process, mut now) = (Process(client), 0);
        for turn in 0..TURNS {
            let planned = plan(dice, process, &format!("{client}-{turn}"));
            for attempt in 0.. {
                let asked = now + dice.below(STEP_NS);
                let effect = asked + 1 + dice.below(STEP_NS);
                now = effect + 1 + dice.below(STEP_NS);
                let verdict = match dice.below(30) {
                    0 => Verdict::Fail,
                    1..4 => Verdict::Unknown,
                    _ => Verdict::Ok,
                };
                // What is late comes after whatever the client does next; with leases that would be its own fault.
                let may_be_late = planned.request_id.is_some() && verdict == Verdict::Unknown;
                let late = if may_be_late { dice.below(20 * STEP_NS) } else { 0 };
                let happens = match verdict {
                    Verdict::Ok => true,
                    Verdict::Fail => false,
                    Verdict::Unknown => dice.below(2) == 0,
                };
                let answered = (verdict != Verdict::Unknown).then_some(Instant(now));
                let asked = Instant(asked);
                let operation = Operation { asked, answered, verdict, ..planned.clone() };
                let effect = happens.then_some(Instant(effect + late));
                plans.push(Plan { effect, client: format!("c{client}"), operation });
                if verdict == Verdict::Unknown && (attempt == 2 || !may_be_late) {
                    process.0 += CLIENTS;
                }
                if verdict != Verdict::Unknown || attempt == 2 || !may_be_late {
                    break;
                }
            }
        }
    }
    plans.sort_by_key(|plan| (plan.effect, plan.operation.asked));
    plans
}

/// What a client wants next.
fn plan(dice: &mut Dice, process: Process, request: &str) -> Operation {
    let key = format!("z/{}", dice.below(3));
    let (function, key, input) = match dice.below(20) {
        0..3 => (Function::Write, key, Some(json!(request))),
        3 => (Function::Delete, key, None),
        4 | 5 => (Function::Cas, key, Some(json!({ "old": null, "new": request }))),
        6 => (Function::Add, "s".to_owned(), Some(json!(request))),
        7 => (Function::Apply, "c".to_owned(), Some(json!({ "by": dice.below(5) }))),
        8..11 => (Function::Read, key, None),
        11 => (Function::ReadSet, "s".to_owned(), None),
        12 => (Function::ReadCtr, "c".to_owned(), None),
        13 => (Function::Usage, "p".to_owned(), None),
        14 => (Function::Watch, "z/".to_owned(), None),
        15 => (Function::Dns, key, None),
        16 => (Function::Digest, "-".to_owned(), None),
        _ => (Function::Alloc, "p".to_owned(), None),
    };
    let has_levels = matches!(function, Function::Read | Function::ReadSet);
    let level = match dice.below(3) {
        _ if !has_levels => None,
        0 => Some(Level::Lin),
        1 => Some(Level::Session { min_revision: Revision(0) }),
        _ => Some(Level::Stale { age_ms: 0 }),
    };
    let is_request = function.nature() == Nature::Write && function != Function::Alloc;
    Operation {
        process,
        function,
        key: Some(key),
        input,
        output: None,
        asked: Instant(0),
        answered: None,
        verdict: Verdict::Unknown,
        revision: None,
        level,
        node: Some(format!("r{}", dice.below(3))),
        request_id: is_request.then(|| request.to_owned()),
        phase: Phase::UnderFaults,
    }
}

/// Lets everything take effect in its order.
fn run(dice: &mut Dice, plans: &mut [Plan], store: &mut Store) {
    let mut seen: BTreeMap<Process, u64> = BTreeMap::new();
    for Plan { effect, client, operation } in plans {
        let told = seen.entry(operation.process).or_default();
        if let Some(Level::Session { min_revision }) = &mut operation.level {
            min_revision.0 = *told;
        }
        if let Function::Alloc = operation.function {
            choose_lease(dice, store, client, operation);
        }
        let mut done = operation.clone();
        if let Some(now) = effect {
            perform(dice, store, client, now.0, *told, &mut done);
        }
        if operation.verdict == Verdict::Ok {
            let is_promised = !matches!(done.level, Some(Level::Stale { .. }));
            let is_known = is_promised && done.function.nature() != Nature::Local;
            if let Some(revision) = done.revision.filter(|_| is_known) {
                *told = revision.0.max(*told);
            }
            *operation = done;
        } else {
            operation.input = done.input;
        }
    }
}

/// Who has an address keeps it or gives it back, the others ask for one.
fn choose_lease(dice: &mut Dice, store: &Store, client: &str, operation: &mut Operation) {
    operation.input = Some(json!({ "client": client }));
    if let Some(address) = store.leased(client, operation.asked.0) {
        operation.input = Some(json!({ "client": client, "addr": name(address) }));
        operation.function = if dice.below(3) == 0 { Function::Release } else { Function::Renew };
    }
}

fn perform(
    dice: &mut Dice,
    store: &mut Store,
    client: &str,
    now: u64,
    told: u64,
    operation: &mut Operation,
) {
    let key = operation.key.clone().unwrap();
    let node = operation.node.clone().unwrap();
    let lag = dice.below(10);
    let revision = match operation.level {
        Some(Level::Stale { .. }) => store.advance(&node, 0, lag),
        Some(Level::Session { .. }) => store.advance(&node, told, lag),
        None if operation.function.nature() == Nature::Local => store.advance(&node, 0, lag),
        None | Some(Level::Lin) => store.advance(&node, store.revision(), 0),
    };
    operation.revision = Some(Revision(revision));
    operation.output = match operation.function {
        Function::Read => Some(store.register(&key, revision)),
        Function::ReadSet => Some(store.set(revision)),
        Function::ReadCtr => Some(store.counter()),
        Function::Usage => Some(store.usage(now)),
        Function::Dns => Some(store.name(&key, revision)),
        Function::Digest => Some(json!(revision * 7)),
        Function::Watch => {
            let from = dice.below(revision + 1);
            operation.input = Some(json!({ "from": from }));
            Some(json!({ "events": store.events(from, revision), "to": revision }))
        }
        Function::Write => request(store, operation, json!({ "key": key, "new": operation.input })),
        Function::Delete => request(store, operation, json!({ "key": key, "new": null })),
        Function::Cas => {
            let mut input = operation.input.clone().unwrap();
            input["key"] = json!(key);
            request(store, operation, input)
        }
        Function::Add | Function::Apply => {
            request(store, operation, operation.input.clone().unwrap())
        }
        Function::Alloc | Function::Renew => lease(store, client, now, operation),
        Function::Release => {
            let address = store.leased(client, now);
            address.into_iter().for_each(|address| store.release(client, address));
            operation.revision = None;
            None
        }
    };
}

fn request(store: &mut Store, operation: &mut Operation, input: Value) -> Option<Value> {
    let function = match operation.function {
        Function::Cas => "cas",
        Function::Add => "add",
        Function::Apply => "apply",
        _ => "write",
    };
    let answer = store.request(operation.request_id.as_ref().unwrap(), function, &input);
    operation.revision = Some(Revision(answer.revision));
    answer.output
}

/// A client that is refused an address has none.
fn lease(store: &mut Store, client: &str, now: u64, operation: &mut Operation) -> Option<Value> {
    operation.revision = None;
    let address = store.lease(client, now, TTL_NS);
    if address.is_none() && operation.verdict == Verdict::Ok {
        operation.verdict = Verdict::Fail;
    }
    Some(json!({ "addr": name(address?), "ttl_ms": TTL_MS }))
}

/// What every node shows in the end.
fn last_reads(dice: &mut Dice, store: &mut Store, after: u64) -> Vec<Operation> {
    let mut reads = Vec::new();
    let mut begin = after + 1;
    for node in ["r0", "r1", "r2"] {
        store.advance(node, store.revision(), 0);
        for (function, key) in [
            (Function::Read, "z/0"),
            (Function::Read, "z/1"),
            (Function::Read, "z/2"),
            (Function::ReadSet, "s"),
            (Function::ReadCtr, "c"),
            (Function::Digest, "-"),
        ] {
            let mut read = Operation {
                function,
                key: Some(key.to_owned()),
                input: None,
                asked: Instant(begin),
                answered: Some(Instant(begin + 1)),
                verdict: Verdict::Ok,
                level: (function == Function::Read).then_some(Level::Stale { age_ms: 0 }),
                node: Some(node.to_owned()),
                request_id: None,
                phase: Phase::Final,
                ..plan(dice, Process(1_000_000), "last")
            };
            perform(dice, store, "nobody", begin, 0, &mut read);
            reads.push(read);
            begin += 2;
        }
    }
    reads
}

/// A whole run, written and read again.
fn history(seed: u64) -> History {
    let mut dice = Dice(seed);
    let mut store = Store::default();
    let mut plans = plans(&mut dice);
    run(&mut dice, &mut plans, &mut store);
    let over = |operation: &Operation| operation.answered.unwrap_or(operation.asked);
    let effects = plans.iter().filter_map(|plan| plan.effect);
    let after = plans.iter().map(|plan| over(&plan.operation)).chain(effects).max().unwrap();
    let mut operations: Vec<_> = plans.into_iter().map(|plan| plan.operation).collect();
    operations.extend(last_reads(&mut dice, &mut store, after.0));
    operations.sort_by_key(over);
    let mut writer = HistoryWriter::begin(Vec::new(), &Header::new(seed, Map::new())).unwrap();
    operations.iter().for_each(|operation| writer.operation(operation).unwrap());
    // Half of the runs know no log.
    for (request, revision) in store.log().filter(|_| seed.is_multiple_of(2)) {
        let (request_id, revision) = (request.clone(), Revision(revision));
        writer.note(&Note::Log { request_id, revision }).unwrap();
    }
    let (kind, node) = ("kill".to_owned(), "r1".to_owned());
    let (began, healed, outcome) = (Instant(9), Some(after), FaultOutcome::Installed);
    writer.note(&Note::Fault { kind, node, began, healed, outcome }).unwrap();
    read(writer.finish().unwrap().as_slice()).unwrap()
}

fn demand() -> Demand {
    let operations = [Function::Write, Function::Cas, Function::Alloc, Function::Watch];
    Demand {
        operations: operations.map(|function| (function, 1)).into(),
        faults: BTreeMap::from([("kill".to_owned(), 1)]),
        ..Demand::default()
    }
}

#[test]
fn what_clients_of_a_store_that_keeps_its_promises_saw_passes() {
    for seed in 0..100 {
        let verdict = judge(&history(seed), &demand());
        assert_eq!(verdict.outcome, Outcome::Pass, "seed {seed}: {verdict:#?}");
    }
}

/// Lets an answer of this kind be that of another one of the same key.
fn exchanged(dice: &mut Dice, history: &mut History, function: Function) -> bool {
    let of_kind =
        |operation: &Operation| operation.function == function && operation.output.is_some();
    let told = history.operations.iter().map(|told| &told.said).filter(|said| of_kind(said));
    let told: Vec<_> = told.map(|said| (said.key.clone(), said.output.clone())).collect();
    let mut operations: Vec<_> = history
        .operations
        .iter_mut()
        .map(|told| &mut told.said)
        .filter(|said| of_kind(said))
        .collect();
    let place = dice.place(operations.len());
    let (key, output) = &told[place];
    let others = told.iter().filter(|(other_key, other)| other_key == key && other != output);
    let others: Vec<_> = others.collect();
    if others.is_empty() {
        return false;
    }
    operations[place].output = others[dice.place(others.len())].1.clone();
    true
}

/// What a name or a digest was at another revision is noticed only where somebody else looked at the right moment.
#[test]
fn one_false_answer_of_any_kind_is_mostly_caught() {
    for (function, caught_min) in [
        (Function::Read, 95),
        (Function::ReadSet, 95),
        (Function::ReadCtr, 90),
        (Function::Watch, 90),
        (Function::Cas, 90),
        (Function::Alloc, 90),
        (Function::Dns, 50),
        (Function::Digest, 30),
    ] {
        let (mut falsified, mut caught) = (0, 0);
        for seed in 0..100 {
            let mut history = history(seed);
            if exchanged(&mut Dice(seed), &mut history, function) {
                falsified += 1;
                caught += u32::from(judge(&history, &demand()).outcome == Outcome::Fail);
            }
        }
        let percent = caught * 100 / falsified;
        assert!(percent >= caught_min, "{function:?}: {caught} of {falsified}");
    }
}
