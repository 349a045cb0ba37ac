//! The `dns` answers of an expected file (see the data folder's README), asked of any function that answers questions.
//!
//! In process here; a running node is asked the same with `dig`.
#![allow(clippy::unwrap_used, reason = "tests may fail loudly")]

use regent_core::dns::answer::{Answer, Wanted};
use regent_core::model::dns_name::DomainName;
use regent_core::model::record_data::RecordData;
use regent_core::model::record_type::RecordType;
use serde_json::Value;
use std::collections::BTreeSet;

/// A sentence for each answer that is not as expected. Entries of rule `internal` are runtime state and left out.
pub(crate) fn disagreements(
    expected: &Value,
    ask: impl Fn(&DomainName, Wanted) -> Option<Answer>,
) -> Vec<String> {
    let entries = expected["dns"].as_array().unwrap().iter();
    let asked = entries.filter(|entry| entry["rule"] != "internal");
    asked.filter_map(|entry| disagreement(entry, &ask)).collect()
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
            let record = regent_core::dns::record::Record { owner: name.clone(), ttl, data };
            Some(Answer { answers: web.then_some(record).into_iter().collect(), ..Answer::empty() })
        }
    };
    assert_eq!(disagreements(&expected, answer(30)), Vec::<String>::new());
    assert_eq!(disagreements(&expected, answer(31)).len(), 1);
    assert_eq!(disagreements(&expected, |_: &DomainName, _| None).len(), 1);
}

#[test]
fn shared_dumps_give_the_dns_answers_that_are_expected() {
    for (path, facts) in crate::shared::dumps("shared_dumps_give_the_dns_answers_that_are_expected")
    {
        let imported = crate::site::Imported::of(&path, &facts);
        let view = imported.state.dns();
        let found = disagreements(facts.file(), |name, wanted| view.lookup(name, wanted));
        assert!(found.is_empty(), "{}: {found:#?}", path.display());
    }
}
