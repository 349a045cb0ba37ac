//! What a state answers to a read.

use crate::workload::ask::{Answer, Learnt};
use crate::workload::site::Site;
use regent_check::history::line::{Function, Revision, Verdict};
use regent_core::model::owner_data::{OwnerData, OwnerDataKey};
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
            | Function::Watch
            | Function::Dns => return Answer::NONE,
        };
        let revision = Some(Revision(state.meta().revision.0));
        Answer { output: Some(output), revision, learnt, ..Answer::of(Verdict::Ok) }
    }

    fn register(&self, state: &State, key: &str) -> (Value, Learnt) {
        let key = OwnerDataKey { node: self.registers, key: key.to_owned() };
        let row = state.get::<OwnerData>(&key);
        let written = row.map(|row| row.revision);
        (json!(row.map(|row| &row.value.value)), Learnt::Written(written))
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
