//! Name service: the serial of a zone never goes back on a node, and one serial stands for one content.
//!
//! Serials are compared as in RFC 1982. Whether a name is answered rightly is judged against what was written
//! elsewhere.

use crate::finding::{Findings, Violation};
use crate::history::line::{Function, Instant, Operation};
use crate::history::reader::{History, LineNumber, Numbered};
use serde_json::Value;
use std::collections::BTreeMap;

/// One answer.
#[derive(Clone, Copy, Debug)]
struct Answer<'a> {
    name: &'a str,
    zone: &'a str,
    serial: u32,
    digest: Option<&'a Value>,
    answer: &'a Value,
    node: Option<&'a str>,
    asked: Instant,
    answered: Instant,
    line: LineNumber,
}

/// Judges all answers.
#[must_use]
pub fn judge(history: &History) -> Findings {
    let mut findings = Findings::default();
    let mut answers = Vec::new();
    for told in &history.operations {
        if told.said.function != Function::Dns || !told.said.is_ok() {
            continue;
        }
        match answer(told) {
            Some(answer) => answers.push(answer),
            None => findings.misshapen(told.line, "zone, serial and answer"),
        }
    }
    judge_contents(&answers, &mut findings);
    judge_serials(answers, &mut findings);
    findings
}

fn answer(told: &Numbered<Operation>) -> Option<Answer<'_>> {
    let Operation { key, output, node, asked, answered, .. } = &told.said;
    let output = output.as_ref()?;
    Some(Answer {
        name: key.as_deref().unwrap_or_default(),
        zone: output.get("zone")?.as_str()?,
        serial: u32::try_from(output.get("serial")?.as_u64()?).ok()?,
        digest: output.get("digest").filter(|digest| !digest.is_null()),
        answer: output.get("answer")?,
        node: node.as_deref(),
        asked: *asked,
        answered: (*answered)?,
        line: told.line,
    })
}

/// The first answer at a serial sets what all others there have to be.
fn judge_contents(answers: &[Answer<'_>], findings: &mut Findings) {
    let mut digests: BTreeMap<(&str, u32), (&Value, LineNumber)> = BTreeMap::new();
    let mut contents: BTreeMap<(&str, u32, &str), (&Value, LineNumber)> = BTreeMap::new();
    for answer in answers {
        let Answer { zone, serial, name, line, .. } = *answer;
        if let Some(digest) = answer.digest {
            let (known, first) = *digests.entry((zone, serial)).or_insert((digest, line));
            if known != digest {
                let why = format!("serial {serial} of {zone} has two digests");
                findings.violated(Violation::DnsContent, [first, line], why);
            }
        }
        let content = (answer.answer, line);
        let (known, first) = *contents.entry((zone, serial, name)).or_insert(content);
        if known != answer.answer {
            let why = format!("serial {serial} of {zone} has two answers for {name:?}");
            findings.violated(Violation::DnsContent, [first, line], why);
        }
    }
}

/// Goes through the answers of each node and zone as they were asked, with the highest serial that was told by then.
fn judge_serials(answers: Vec<Answer<'_>>, findings: &mut Findings) {
    let mut sources: BTreeMap<(&str, &str), Vec<Answer<'_>>> = BTreeMap::new();
    for answer in answers {
        if let Some(node) = answer.node {
            sources.entry((node, answer.zone)).or_default().push(answer);
        }
    }
    for ((node, zone), mut asked) in sources {
        asked.sort_by_key(|answer| answer.asked);
        let mut answered = asked.clone();
        answered.sort_by_key(|answer| answer.answered);
        let mut answered = answered.into_iter().peekable();
        let mut highest: Option<Answer<'_>> = None;
        for answer in asked {
            while let Some(over) = answered.next_if(|over| over.answered < answer.asked) {
                if highest.is_none_or(|highest| is_before(highest.serial, over.serial)) {
                    highest = Some(over);
                }
            }
            let went_back = |highest: &Answer<'_>| is_before(answer.serial, highest.serial);
            if let Some(highest) = highest.filter(went_back) {
                let (from, to) = (highest.serial, answer.serial);
                let why = format!("{zone} went from serial {from} to {to} on {node}");
                findings.violated(Violation::DnsSerial, [highest.line, answer.line], why);
            }
        }
    }
}

/// RFC 1982: half of all serials come after one, the other half before it. The one opposite counts as before.
fn is_before(one: u32, other: u32) -> bool {
    one.wrapping_sub(other) >= 1 << 31
}

#[cfg(test)]
mod tests {
    use super::is_before;

    #[test]
    fn serials_go_round() {
        assert!(is_before(1, 2));
        assert!(!is_before(2, 2));
        assert!(is_before(u32::MAX, 0));
        assert!(!is_before(0, u32::MAX));
    }
}
