//! What a state answers to a read.

use crate::workload::ask::{Answer, Learnt};
use crate::workload::choose::is_pair;
use crate::workload::site::{NAMES, Site, UNWRITTEN};
use regent_check::history::line::{Function, Revision, Verdict};
use regent_core::dns::answer::Wanted;
use regent_core::id::DnsDataId;
use regent_core::model::dns_data::DnsData;
use regent_core::model::dns_name::DomainName;
use regent_core::model::owner_data::{OwnerData, OwnerDataKey};
use regent_core::model::record_data::RecordData;
use regent_core::model::record_type::RecordType;
use regent_core::query::owned::annotations_of;
use regent_core::query::subnet_usage::usage;
use regent_core::state::State;
use serde_json::{Value, json};

impl Site {
    /// The answer of `state` to a read of this kind; about this register if it is about one.
    #[must_use]
    pub fn seen(&self, state: &State, function: Function, key: Option<&str>) -> Answer {
        let (output, learnt) = match function {
            Function::Read => self.register(state, key.unwrap_or_default()),
            Function::ReadSet => (self.elements(state), Learnt::Nothing),
            Function::Usage => (self.usage(state), Learnt::Nothing),
            Function::Dns => match name_service(state, key.unwrap_or_default()) {
                Some(answer) => (answer, Learnt::Nothing),
                None => return Answer::NONE,
            },
            Function::Digest => (json!(state.digest().to_string()), Learnt::Nothing),
            Function::Write
            | Function::Delete
            | Function::Cas
            | Function::Alloc
            | Function::Renew
            | Function::Release
            | Function::Add
            | Function::Apply
            | Function::ReadCtr
            | Function::Watch => return Answer::NONE,
        };
        let revision = Some(Revision(state.meta().revision.0));
        Answer { output: Some(output), revision, learnt, ..Answer::of(Verdict::Ok) }
    }

    fn register(&self, state: &State, key: &str) -> (Value, Learnt) {
        if let Some(place) = NAMES.iter().position(|name| *name == key) {
            return (record(state, self.records[place]), Learnt::Nothing);
        }
        let at = |node| state.get::<OwnerData>(&OwnerDataKey { node, key: key.to_owned() });
        let (row, mirrored) = (at(self.registers), at(self.mirror));
        let value = row.map(|row| &row.value.value);
        let mirrored = mirrored.map(|row| &row.value.value);
        let written = row.map(|row| row.revision);
        if is_pair(key) && value != mirrored {
            // Nobody ever wrote that.
            return (json!({ "half": [value, mirrored] }), Learnt::Nothing);
        }
        (json!(value), Learnt::Written(written))
    }

    fn elements(&self, state: &State) -> Value {
        json!(annotations_of(state, self.set).map(|element| &element.key).collect::<Vec<_>>())
    }

    fn usage(&self, state: &State) -> Value {
        let Some(usage) = usage(state, self.subnet) else { return Value::Null };
        let used = state.tables().static_ip_addresses.iter().map(|(_, row)| &row.value);
        let own = used.filter(|address| address.subnet == Some(self.subnet));
        let addresses: Vec<_> = own.filter_map(|address| address.ip).collect();
        // A subnet of 14 hosts: the numbers fit.
        let small = |number: u128| u64::try_from(number).unwrap_or(u64::MAX);
        json!({
            "total": small(usage.total_addresses),
            "used": small(usage.num_unavailable),
            "free": small(usage.num_available),
            "addrs": addresses,
        })
    }
}

/// The record of a name, read as a register.
fn record(state: &State, id: DnsDataId) -> Value {
    let row = state.get::<DnsData>(&id);
    row.map(|row| said(&row.value.rdata)).filter(|text| text != UNWRITTEN).into()
}

/// What a name service says of this name from a state.
fn name_service(state: &State, name: &str) -> Option<Value> {
    let (name, view): (DomainName, _) = (name.parse().ok()?, state.dns());
    let zone = &view.zone_of(&name)?.apex;
    let answer = view.lookup(&name, Wanted::Type(RecordType::Txt))?;
    let answers: Vec<_> = answer.answers.iter().map(|record| said(&record.data)).collect();
    Some(json!({ "zone": zone.to_string(), "serial": view.serial(zone).0, "answer": answers }))
}

fn said(data: &RecordData) -> String {
    match data {
        RecordData::Txt(txt) => {
            txt.strings().map(|string| String::from_utf8_lossy(string)).collect()
        }
        other => other.to_string(),
    }
}
