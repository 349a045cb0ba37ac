//! Where the workload works: the nodes' faces, and the objects that were made for it.

use crate::chaos::workload::session::Session;
use crate::cluster::api::Api;
use crate::cluster::place::Place;
use crate::load::meter::Meter;
use anyhow::Context as _;
use regent_check::history::line::{Function, Operation, Phase, Revision, Verdict};
use serde_json::json;
use std::sync::Arc;
use std::time::Duration;

/// Registers that are in use at a time.
pub const REGISTERS: usize = 10;
/// After this time the next ones are, so that none sees more operations than a judge can follow.
const ROTATION: Duration = Duration::from_secs(45);
/// The small subnet, in which addresses are taken and given back.
const SMALL_SUBNET: &str = "10.200.0.0/28";
/// The session that makes what is needed.
const MAKER: u64 = 0;

/// A TXT record, whose text is the value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Register {
    /// What it is called in the history.
    pub key: String,
    /// The number of the record.
    pub record: u64,
    /// Its name in the DNS.
    pub name: String,
}

/// The place.
#[derive(Clone, Debug)]
pub struct Ground {
    /// The nodes.
    pub nodes: Vec<Place>,
    /// All registers, in the order in which they are used.
    pub registers: Vec<Register>,
    /// The zone they are in.
    pub zone: String,
    /// The number of the small subnet.
    pub subnet: u64,
}

impl Ground {
    /// Makes what is needed for a run of so many seconds; tells it as operations.
    ///
    /// # Errors
    /// If nodes do not take it.
    pub async fn make(
        api: &Api,
        nodes: Vec<Place>,
        seconds: u64,
        meter: &Arc<Meter>,
    ) -> anyhow::Result<(Self, Vec<Operation>)> {
        let domain = api.get("/v1/domains/0").await?;
        let zone = domain["name"].as_str().context("the first domain has no name")?.to_owned();
        let vlans = api.get("/v1/vlans").await?;
        let vlan = vlans.pointer("/items/0/id").context("there is no VLAN")?;
        let subnet = json!({ "cidr": SMALL_SUBNET, "vlan": vlan });
        let subnet = number(&api.post("/v1/subnets", &subnet).await?)?;
        let mut session = Session::new(MAKER, Arc::clone(meter), Phase::UnderFaults);
        let mut ground = Self { nodes, registers: Vec::new(), zone, subnet };
        let turns = usize::try_from(seconds / ROTATION.as_secs() + 2)?;
        for turn in 0..turns * REGISTERS {
            ground.make_register(api, turn, &mut session).await?;
        }
        Ok((ground, session.end()))
    }

    async fn make_register(
        &mut self,
        api: &Api,
        turn: usize,
        session: &mut Session,
    ) -> anyhow::Result<()> {
        let key = format!("reg-{turn}");
        let resource = json!({ "name": key, "domain": 0 });
        let resource = number(&api.post("/v1/dns-resources", &resource).await?)?;
        let (value, asked) = (format!("{key}-new"), session.now());
        let record = json!({ "dnsresource": resource, "rrtype": "TXT", "rrdata": quoted(&value) });
        let made = api.post("/v1/dns-records", &record).await?;
        session.note(Operation {
            key: Some(key.clone()),
            input: Some(value.into()),
            verdict: Verdict::Ok,
            revision: made["revision"].as_u64().map(Revision),
            node: None,
            ..session.asked(Function::Write, "", asked)
        });
        let name = format!("{key}.{}", self.zone);
        self.registers.push(Register { key, record: number(&made)?, name });
        Ok(())
    }

    /// The registers that are in use after this time of the run.
    #[must_use]
    pub fn in_use(&self, elapsed: Duration) -> &[Register] {
        let turns = self.registers.len() / REGISTERS;
        let turn = usize::try_from(elapsed.as_secs() / ROTATION.as_secs()).unwrap_or(usize::MAX);
        let first = turn.min(turns.saturating_sub(1)) * REGISTERS;
        &self.registers[first..first + REGISTERS]
    }
}

/// A text as a TXT record has it.
#[must_use]
pub fn quoted(value: &str) -> String {
    format!("\"{value}\"")
}

/// The text of a TXT record.
#[must_use]
pub fn unquoted(data: &str) -> &str {
    data.trim_matches('"')
}

fn number(made: &serde_json::Value) -> anyhow::Result<u64> {
    made["id"].as_u64().with_context(|| format!("nothing with a number: {made}"))
}

#[cfg(test)]
mod tests {
    use super::{Ground, REGISTERS, ROTATION, Register, quoted, unquoted};

    #[test]
    fn registers_are_used_by_turns_and_the_last_ones_to_the_end() {
        let register = |turn: usize| Register { key: turn.to_string(), record: 0, name: "".into() };
        let registers: Vec<_> = (0..2 * REGISTERS).map(register).collect();
        let ground = Ground { nodes: Vec::new(), registers, zone: "maas".into(), subnet: 1 };
        assert_eq!(ground.in_use(ROTATION / 2)[0].key, "0");
        assert_eq!(ground.in_use(ROTATION)[0].key, REGISTERS.to_string());
        assert_eq!(ground.in_use(ROTATION * 9)[0].key, REGISTERS.to_string());
    }

    #[test]
    fn value_is_found_in_the_data_of_its_record() {
        assert_eq!(unquoted(&quoted("reg-1-new")), "reg-1-new");
    }
}
