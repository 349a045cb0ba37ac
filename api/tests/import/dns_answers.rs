//! The `dns` answers of an expected file (see the data folder's README), asked of any function that answers questions:
//! a view in process, or a running node by way of `dig`.

use crate::dig::{Dug, dig};
use crate::expected::Expected;
use crate::imported::Imported;
use crate::{hand, shared};
use futures::future::join_all;
use regent_core::dns::answer::{Answer, Wanted};
use regent_core::dns::record::Record;
use regent_core::model::dns_name::DomainName;
use regent_core::model::record_data::RecordData;
use regent_core::model::record_type::RecordType;
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};
use std::net::SocketAddr;

/// What dig begins its account of each answer with.
const ACCOUNT: &str = ";; Got answer:\n";
/// So many questions are on their way to a node at once.
const LANES: usize = 16;

/// A sentence for each answer that is not as expected. Entries of rule `internal` are runtime state and left out.
pub(crate) fn disagreements(
    expected: &Value,
    ask: impl Fn(&DomainName, Wanted) -> Option<Answer>,
) -> Vec<String> {
    questions(expected).filter_map(|entry| disagreement(entry, &ask)).collect()
}

fn questions(expected: &Value) -> impl Iterator<Item = &Value> {
    let entries = expected["dns"].as_array().unwrap().iter();
    entries.filter(|entry| entry["rule"] != "internal")
}

/// Asks a node all questions of an expected file, and tells as above.
pub(crate) async fn disagreements_of_node(expected: &Value, server: SocketAddr) -> Vec<String> {
    let questions: Vec<(&str, &str)> = questions(expected)
        .map(|entry| (entry["name"].as_str().unwrap(), entry["type"].as_str().unwrap()))
        .collect();
    // Each takes every so manieth, so that questions of one sort, which may all be slow, are asked at the same time.
    let lanes = (0..LANES).map(|lane| questions.iter().copied().skip(lane).step_by(LANES));
    let numbered = (1..).zip(lanes);
    let answers = join_all(numbered.map(|(lane, own)| answers(server, lane, own.collect()))).await;
    let told: BTreeMap<(DomainName, RecordType), Answer> = answers.into_iter().flatten().collect();
    disagreements(expected, |name, wanted| match wanted {
        Wanted::Type(rtype) => told.get(&(name.clone(), rtype)).cloned(),
        Wanted::Unknown | Wanted::Any | Wanted::DelegationSigner => None,
    })
}

/// Asks some questions one after the other, from an address that no other lane has: `dig` lets the kernel give its port to
/// another `dig` as well, which would then be sent the answer.
async fn answers(
    server: SocketAddr,
    lane: usize,
    questions: Vec<(&str, &str)>,
) -> Vec<((DomainName, RecordType), Answer)> {
    let words: Vec<String> =
        questions.iter().map(|(name, rtype)| format!("{name} {rtype}")).collect();
    let all = dig(server, &format!("-b 127.0.0.{lane} {}", words.join(" "))).await.text;
    let accounts: Vec<&str> = all.split(ACCOUNT).skip(1).collect();
    assert_eq!(accounts.len(), questions.len(), "{all}");
    let parsed = questions.into_iter().map(|(name, rtype)| {
        let name: DomainName = name.parse().unwrap();
        (name, rtype.parse().unwrap())
    });
    let told = accounts.into_iter().map(|text| answer(&Dug { text: text.to_owned() }));
    parsed.zip(told).collect()
}

/// What dig saw.
fn answer(dug: &Dug) -> Answer {
    let records = |section| dug.section(section).iter().map(|line| record(line)).collect();
    let (answers, authority) = (records("ANSWER"), records("AUTHORITY"));
    Answer { authoritative: dug.has_flag("aa"), answers, authority, ..Answer::empty() }
}

/// A record as dig writes it, without class.
fn record(line: &str) -> Record {
    let mut columns = line.splitn(5, ' ');
    let mut next = || columns.next().unwrap();
    let (owner, ttl, _class, rtype, rdata) = (next(), next(), next(), next(), next());
    let data = RecordData::parse(rtype.parse().unwrap(), rdata, &DomainName::root());
    let data = data.unwrap_or_else(|error| panic!("{line}: {error}"));
    Record { owner: owner.parse().unwrap(), ttl: ttl.parse().unwrap(), data }
}

fn disagreement(
    entry: &Value,
    ask: &impl Fn(&DomainName, Wanted) -> Option<Answer>,
) -> Option<String> {
    let name: DomainName = entry["name"].as_str().unwrap().parse().unwrap();
    let rtype: RecordType = entry["type"].as_str().unwrap().parse().unwrap();
    let answer = ask(&name, Wanted::Type(rtype));
    // A delegation is told in the authority section.
    let told = |answer: Answer| {
        if answer.authoritative { answer.answers } else { answer.authority }
    };
    let answers = answer.map(told).unwrap_or_default();
    if let Some(via) = entry["via_cname"].as_str() {
        let via: DomainName = via.parse().unwrap();
        let leads =
            answers.first().map(|record| &record.data) == Some(&RecordData::Cname(via.clone()));
        if !leads {
            return Some(format!("{name} {rtype}: not led through {via}: {answers:?}"));
        }
    }
    let of_type = answers.iter().filter(|record| record.data.record_type() == rtype);
    let found: Vec<(u32, RecordData)> =
        of_type.map(|record| (record.ttl, record.data.clone())).collect();
    let told = format!("{name} {rtype} ({}): found {found:?}, expected {entry}", entry["rule"]);
    let Some(wanted) = entry["rdata"].as_array() else {
        return (!found.is_empty()).then_some(told);
    };
    // Names in the file are absolute, PTR targets too, though they have no final dot.
    let root = DomainName::root();
    let wanted: BTreeSet<RecordData> = wanted
        .iter()
        .map(|text| RecordData::parse(rtype, text.as_str().unwrap(), &root).unwrap())
        .collect();
    let data: BTreeSet<RecordData> = found.iter().map(|(_, data)| data.clone()).collect();
    let complete = entry["complete"] == true;
    let same = if complete { data == wanted } else { data.is_superset(&wanted) };
    let ttl = entry["ttl"].as_u64();
    let lives = ttl.is_none_or(|ttl| found.iter().all(|(found, _)| u64::from(*found) == ttl));
    (!same || !lives).then_some(told)
}

#[test]
fn agreement_and_disagreement_are_told_apart() {
    let expected = serde_json::json!({ "dns": [
        { "type": "A", "name": "web.maas", "rdata": ["10.0.0.5"], "ttl": 30, "complete": true, "rule": "boot" },
        { "type": "A", "name": "x.maas", "rdata": null, "ttl": null, "rule": "none" },
        { "type": "A", "name": "y.maas-internal", "rdata": ["10.0.0.1"], "ttl": 15, "rule": "internal" },
    ] });
    let answer = |ttl| {
        move |name: &DomainName, _| {
            let web = name.to_string() == "web.maas";
            let data = RecordData::A([10, 0, 0, 5].into());
            let record = Record { owner: name.clone(), ttl, data };
            Some(Answer { answers: web.then_some(record).into_iter().collect(), ..Answer::empty() })
        }
    };
    assert_eq!(disagreements(&expected, answer(30)), Vec::<String>::new());
    assert_eq!(disagreements(&expected, answer(31)).len(), 1);
    assert_eq!(disagreements(&expected, |_: &DomainName, _| None).len(), 1);
}

#[test]
fn the_hand_written_dump_gives_the_dns_answers_that_are_expected() {
    let imported = Imported::of(&hand::path(), &hand::facts());
    check_rehearsed(&imported, &hand::facts());
}

#[test]
fn shared_dumps_give_the_dns_answers_that_are_expected() {
    for (path, facts) in shared::dumps("shared_dumps_give_the_dns_answers_that_are_expected") {
        check_rehearsed(&Imported::of(&path, &facts), &facts);
    }
}

fn check_rehearsed(imported: &Imported, facts: &Expected) {
    let view = imported.state.dns();
    let found = disagreements(facts.file(), |name, wanted| view.lookup(name, wanted));
    assert!(found.is_empty(), "{found:#?}");
}
