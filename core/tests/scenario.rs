//! Scenarios as text: commands and the trace they leave. New behaviour is a new file in `tests/scenarios`.
//!
//! A line that starts with `>` is a command: a noun, `create`, `update` or `delete`, the id, and the fields as JSON
//! (those left out have MAAS's defaults); or the name of a command and its JSON. `$2` is what step 2 of the batch
//! created; the steps of a batch are the `>` lines after `batch`, up to `end`. `at` sets cluster time in ms, `if` a guard
//! for the next command. What follows a command is its trace: what it came to, then what it changed.
//!
//! `REGENT_BLESS=1 cargo test -p regent-core --test scenario` writes the traces anew; read the difference.
#![allow(clippy::unwrap_used, reason = "tests may fail loudly")]
#![expect(clippy::disallowed_methods, reason = "scenarios lie in files")]

mod region;

use regent_core::change::{Change, Operation};
use regent_core::command::{Command, Guard};
use regent_core::id::{FabricId, VlanId, step_number};
use regent_core::model::interface::{Interface, InterfaceType};
use regent_core::model::subnet::Subnet;
use regent_core::model::vlan::Vlan;
use regent_core::outcome::Outcome;
use regent_core::time::ClusterTime;
use region::{Region, request};
use serde_json::{Value, json};
use std::fmt::Write as _;
use std::path::Path;

#[test]
fn every_scenario_leaves_its_trace() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/scenarios");
    let mut files: Vec<_> =
        std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.sort();
    assert!(!files.is_empty());
    files.iter().for_each(|file| check(file));
}

fn check(file: &Path) {
    let text = std::fs::read_to_string(file).unwrap();
    let trace = run(&text);
    if std::env::var_os("REGENT_BLESS").is_some() {
        return std::fs::write(file, &trace).unwrap();
    }
    for (line, (wanted, found)) in text.lines().zip(trace.lines()).enumerate() {
        assert_eq!(found, wanted, "{}:{}", file.display(), line + 1);
    }
    assert_eq!(trace.lines().count(), text.lines().count(), "{}", file.display());
}

/// Runs the commands of a scenario and writes them down again, each with its trace.
fn run(text: &str) -> String {
    let mut region = Region::empty();
    let mut trace = String::new();
    let mut steps: Option<Vec<Command>> = None;
    let mut guards: Vec<Guard> = Vec::new();
    for line in text.lines() {
        let Some(words) = line.strip_prefix("> ") else {
            if line.is_empty() || line.starts_with('#') {
                writeln!(trace, "{line}").unwrap();
            }
            continue;
        };
        writeln!(trace, "{line}").unwrap();
        let (first, rest) = words.split_once(' ').unwrap_or((words, ""));
        match first {
            "at" => region.now = ClusterTime(rest.parse().unwrap()),
            "if" => guards.push(serde_json::from_str(rest).unwrap()),
            "batch" => steps = Some(Vec::new()),
            "end" => {
                let batch = Command::Batch(steps.take().unwrap());
                apply(&mut region, batch, std::mem::take(&mut guards), &mut trace);
            }
            _ => match &mut steps {
                Some(steps) => steps.push(command(first, rest)),
                None => {
                    let command = command(first, rest);
                    apply(&mut region, command, std::mem::take(&mut guards), &mut trace);
                }
            },
        }
    }
    trace
}

fn apply(region: &mut Region, command: Command, guards: Vec<Guard>, trace: &mut String) {
    let applied = region.apply(regent_core::command::Request { guards, ..request(command) });
    match &applied.reply.result {
        Ok(outcome) => writeln!(trace, "{}", told(outcome)).unwrap(),
        Err(rejection) => writeln!(trace, "no, {}: {rejection}", rejection.code()).unwrap(),
    }
    for Change { operation, object } in &applied.changes {
        let sign = match operation {
            Operation::Create => '+',
            Operation::Update => '~',
            Operation::Delete => '-',
        };
        writeln!(trace, "  {sign} {object}").unwrap();
    }
    region.assert_sound(trace);
}

fn told(outcome: &Outcome) -> String {
    match outcome {
        Outcome::Done => "done".into(),
        Outcome::Created(object) => format!("created {object}"),
        Outcome::Updated(object) => format!("updated {object}"),
        Outcome::Deleted(object) => format!("deleted {object}"),
        Outcome::SessionOpened(id) => format!("opened session {id}"),
        Outcome::Batch(outcomes) | Outcome::Otherwise(outcomes) => {
            outcomes.iter().map(told).collect::<Vec<_>>().join(", ")
        }
        Outcome::Allocated(taken) => {
            let addresses: Vec<_> = taken.iter().map(|taken| taken.address.to_string()).collect();
            format!("allocated {}", addresses.join(" "))
        }
        Outcome::RackSession(opened) => {
            format!("opened session {} of life {}", opened.session, opened.life.0)
        }
        Outcome::Leases(answers) => format!("{answers:?}"),
        Outcome::ForeignLeases(answers) => format!("{answers:?}"),
        Outcome::Enrolled { rack, .. } => format!("enrolled as {rack}"),
    }
}

fn command(name: &str, rest: &str) -> Command {
    let value = if rest.is_empty() { json!(name) } else { json!({ name: fields(name, rest) }) };
    serde_json::from_value(value.clone()).unwrap_or_else(|error| panic!("{value}: {error}"))
}

fn fields(name: &str, rest: &str) -> Value {
    let words: Vec<&str> = rest.splitn(3, ' ').collect();
    match words.as_slice() {
        ["create", ..] => {
            let given = json(rest.strip_prefix("create ").unwrap());
            json!({ "Create": merged(template(name, &given), given) })
        }
        ["update", id, patch] => json!({ "Update": { "id": json(id), "patch": json(patch) } }),
        ["delete", id] => json!({ "Delete": { "id": json(id) } }),
        _ if matches!(name, "AllocateAddress" | "RecordEvent") => {
            merged(template(name, &Value::Null), json(rest))
        }
        _ => json(rest),
    }
}

/// Reads JSON with `$2` for what step 2 created.
fn json(text: &str) -> Value {
    let mut pieces = text.split('$');
    let mut plain = pieces.next().unwrap().to_owned();
    for piece in pieces {
        let digits = piece.chars().take_while(char::is_ascii_digit).count();
        let step: u16 = piece[..digits].parse().unwrap();
        write!(plain, "{}{}", step_number(step), &piece[digits..]).unwrap();
    }
    serde_json::from_str(&plain).unwrap_or_else(|error| panic!("{text}: {error}"))
}

fn merged(mut template: Value, given: Value) -> Value {
    match (template.as_object_mut(), given) {
        (Some(template), Value::Object(given)) => template.extend(given),
        (_, given) => return given,
    }
    template
}

/// A noun with everything left at its default.
fn template(name: &str, given: &Value) -> Value {
    let described = json!({ "name": "", "description": "" });
    match name {
        "AvailabilityZone" | "ResourcePool" | "Space" => described,
        "Fabric" => merged(described, json!({ "class_type": null })),
        "Tag" => json!({ "name": "", "definition": "", "comment": "", "kernel_opts": "" }),
        "Domain" => json!({ "authoritative": true, "ttl": null, "forward_servers": [] }),
        "DnsResource" => json!({ "domain": 0, "address_ttl": null, "addresses": [] }),
        "DnsData" => json!({ "ttl": null }),
        "Vlan" => serde_json::to_value(Vlan::new(FabricId(0), 0)).unwrap(),
        "Subnet" => {
            let cidr = "0.0.0.0/0".parse().unwrap();
            serde_json::to_value(Subnet::new(VlanId(5001), cidr)).unwrap()
        }
        "IpRange" => json!({ "user": null, "comment": "" }),
        "StaticRoute" => json!({ "metric": 0 }),
        "ReservedIp" => json!({ "comment": "" }),
        "StaticIpAddress" => json!({
            "ip": null, "subnet": null, "interfaces": [], "user": null, "lease_time": 0,
            "temp_expires_on": null, "comment": "",
        }),
        "Interface" => {
            let unknown = given.get("interface_type") == Some(&json!("Unknown"));
            let kind = if unknown { InterfaceType::Unknown } else { InterfaceType::Physical };
            serde_json::to_value(Interface::new(kind, "")).unwrap()
        }
        "Node" => json!({ "fields": {}, "interfaces": [], "node_type": "Machine" }),
        "Bmc" => json!({
            "power_parameters": {}, "ip_address": null, "created_by_commissioning": false,
        }),
        "DhcpSnippet" => json!({
            "description": "", "enabled": true, "node": null, "subnet": null, "iprange": null,
            "value": "", "history": [],
        }),
        "User" => json!({
            "last_name": "", "email": "", "is_superuser": false, "is_active": true, "is_local": true,
        }),
        "AllocateAddress" => json!({
            "count": 1, "preferred": null, "alloc_type": "UserReserved", "user": null, "comment": "",
            "interface": null, "expires_after": null,
        }),
        "RecordEvent" => json!({
            "level": 20, "node": null, "node_system_id": "", "node_hostname": "", "user": null,
            "username": "", "ip_address": null, "user_agent": "", "endpoint": 0, "action": "",
            "description": "", "happened": 0,
        }),
        _ => Value::Null,
    }
}
