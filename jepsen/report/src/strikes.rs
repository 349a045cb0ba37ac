//! Faults as one speaks of them: what was done, and whether to the leader, to others, or to how many. A fault that met
//! several nodes has a line for each of them in a history; here it is one.

use regent_check::availability::FaultSpans;
use regent_check::history::line::{FaultOutcome, Instant, Note};
use regent_check::history::reader::History;
use std::collections::{BTreeMap, BTreeSet};

/// When installed faults were there, by kind and whom they met, as in `kill, leader`.
#[must_use]
pub fn spans(history: &History) -> FaultSpans {
    let leaders = Leaders::of(history);
    let mut strikes: BTreeMap<(&str, Instant, Instant), BTreeSet<&str>> = BTreeMap::new();
    for told in &history.notes {
        if let Note::Fault { kind, node, began, healed, outcome: FaultOutcome::Installed } =
            &told.said
        {
            let healed = healed.unwrap_or(Instant(u64::MAX));
            strikes.entry((kind, *began, healed)).or_default().insert(node);
        }
    }
    let mut spans = FaultSpans::new();
    for ((kind, began, healed), nodes) in strikes {
        let whom = match (leaders.at(began), nodes.len()) {
            (Some(leader), 1) if nodes.contains(leader) => "leader".to_owned(),
            (Some(_), 1) => "one that does not lead".to_owned(),
            (None, 1) => "one".to_owned(),
            (_, number) => format!("{number} at once"),
        };
        spans.entry(format!("{kind}, {whom}")).or_default().push((began, healed));
    }
    spans
}

/// Who led, as far as it was seen.
#[derive(Debug)]
struct Leaders<'a>(BTreeMap<Instant, (u64, &'a str)>);

impl<'a> Leaders<'a> {
    fn of(history: &'a History) -> Self {
        let seen = history.notes.iter().filter_map(|told| match &told.said {
            Note::Leader { node, term, seen } => Some((*seen, (*term, host(node)))),
            Note::Fault { .. } | Note::Log { .. } | Note::Snapshot { .. } | Note::End => None,
        });
        Self(seen.collect())
    }

    /// Of those seen so far, the one of the highest term.
    fn at(&self, moment: Instant) -> Option<&'a str> {
        self.0.range(..=moment).map(|(_, seen)| *seen).max().map(|(_, node)| node)
    }
}

/// How many nodes a history names.
#[must_use]
pub fn nodes(history: &History) -> u64 {
    let answered = history.operations.iter().filter_map(|told| told.said.node.as_deref());
    answered.map(host).collect::<BTreeSet<_>>().len() as u64
}

/// The node that a life is of: a node that began anew has a number behind its name, as in `r1.2`.
#[must_use]
pub fn host(life: &str) -> &str {
    match life.rsplit_once('.') {
        Some((host, number)) if number.bytes().all(|digit| digit.is_ascii_digit()) => host,
        Some(_) | None => life,
    }
}

#[cfg(test)]
mod tests {
    use super::{host, spans};
    use regent_check::history::reader::read;

    #[test]
    fn fault_is_called_after_whom_it_met() {
        let text = concat!(
            r#"{"format":"regent-history/1","seed":1}"#,
            "\n",
            r#"{"f":"leader","node":"r1","term":1,"t0":5}"#,
            "\n",
            r#"{"f":"leader","node":"r2.2","term":2,"t0":50}"#,
            "\n",
            r#"{"f":"fault","kind":"kill","node":"r1","t0":1,"t1":2}"#,
            "\n",
            r#"{"f":"fault","kind":"kill","node":"r1","t0":10,"t1":20}"#,
            "\n",
            r#"{"f":"fault","kind":"kill","node":"r1","t0":60,"t1":70}"#,
            "\n",
            r#"{"f":"fault","kind":"kill","node":"r2","t0":80,"t1":null}"#,
            "\n",
            r#"{"f":"fault","kind":"power","node":"r1","t0":90,"t1":95}"#,
            "\n",
            r#"{"f":"fault","kind":"power","node":"r2","t0":90,"t1":95}"#,
            "\n",
            r#"{"f":"fault","kind":"cut","node":"r2","t0":90,"t1":95,"outcome":"skipped"}"#,
            "\n",
        );
        let spans = spans(&read(text.as_bytes()).unwrap());
        let told: Vec<_> = spans.iter().map(|(name, spans)| (name.as_str(), spans.len())).collect();
        let expected = [
            ("kill, leader", 2),
            ("kill, one", 1),
            ("kill, one that does not lead", 1),
            ("power, 2 at once", 1),
        ];
        assert_eq!(told, expected);
    }

    #[test]
    fn lives_of_a_node_are_the_node() {
        assert_eq!([host("r1.2"), host("r1"), host("lab.x")], ["r1", "r1", "lab.x"]);
    }
}
