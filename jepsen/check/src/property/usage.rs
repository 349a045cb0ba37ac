//! Every picture of a subnet's usage adds up in itself.
//!
//! Whether the addresses in it are the right ones is not judged here.

use crate::finding::{Findings, Violation};
use crate::history::line::Function;
use crate::history::reader::{History, LineNumber};
use serde::Deserialize;
use serde_json::Value;
use std::collections::BTreeSet;

#[derive(Deserialize)]
struct Usage {
    total: u64,
    used: u64,
    free: u64,
    /// Not every picture lists them.
    addrs: Option<Vec<String>>,
}

/// Judges every read of usage, of any level.
#[must_use]
pub fn judge(history: &History) -> Findings {
    let mut findings = Findings::default();
    for told in &history.operations {
        if told.said.function != Function::Usage || !told.said.is_ok() {
            continue;
        }
        let output = told.said.output.clone().unwrap_or(Value::Null);
        match serde_json::from_value(output) {
            Ok(usage) => judge_one(told.line, &usage, &mut findings),
            Err(_) => findings.misshapen(told.line, "total, used and free"),
        }
    }
    findings
}

fn judge_one(line: LineNumber, usage: &Usage, findings: &mut Findings) {
    let Usage { total, used, free, addrs } = usage;
    if used.checked_add(*free) != Some(*total) {
        let why = format!("{used} used and {free} free are not {total}");
        findings.violated(Violation::UsageSum, [line], why);
    }
    let Some(addrs) = addrs else { return };
    if addrs.len() as u64 != *used {
        let why = format!("{used} are used and {} listed", addrs.len());
        findings.violated(Violation::UsageCount, [line], why);
    }
    let mut listed = BTreeSet::new();
    for address in addrs.iter().filter(|address| !listed.insert(*address)) {
        let why = format!("{address} is listed twice");
        findings.violated(Violation::UsageDuplicate, [line], why);
    }
}
