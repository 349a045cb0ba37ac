//! Random changes: the view that follows is the view made anew, and a serial rises exactly when its zone changed.

use crate::beginning::beginning;
use crate::random_commands::choices::Choices;
use crate::random_commands::command;
use crate::random_commands::leases::lease;
use crate::random_commands::racks::served;
use crate::region::{Region, request};
use crate::site::content;
use regent_core::command::Command;
use regent_core::dns::fact::Origin;
use regent_core::dns::zone::Zone;
use regent_core::model::dns_name::DomainName;
use regent_core::model::serial::Serial;
use regent_core::object::Kind;
use regent_core::state::State;
use serde_json::{Value, json};
use std::collections::BTreeMap;

/// Sequences of each test.
const SEQUENCES: u64 = 110;
/// Commands of each sequence after its groundwork.
const STEPS: u64 = 50;

/// Zones with their serial and content.
type Zones = BTreeMap<DomainName, (Serial, Vec<String>)>;

fn zones(state: &State) -> Zones {
    let view = state.dns();
    let whole = |zone: &Zone| {
        let mut whole = content(view.transfer(zone));
        // Of the SOA, all but the serial.
        whole.push(format!("{:?}", zone.soa(Serial(0))).to_lowercase());
        whole
    };
    view.zones().map(|zone| (zone.apex.clone(), (view.serial(&zone.apex), whole(zone)))).collect()
}

#[test]
fn view_follows_and_serials_rise_with_content() {
    let (mut bumps, mut records, mut leases) = (0, 0, 0);
    for seed in 0..SEQUENCES {
        let (mut choices, mut region) = (Choices(seed), Region::empty());
        let groundwork = beginning(&mut choices).into_iter().chain(served());
        groundwork.for_each(|command| drop(region.run(command).unwrap()));
        let mut before = zones(&region.state);
        for step in 0..STEPS {
            let command = dns_or_other(&mut choices);
            region.now.0 += choices.below(300);
            let applied = region.apply(request(command.clone()));
            let told = (seed, step, &command);
            region.assert_sound(&told);
            let after = zones(&region.state);
            let structural = applied.changes.iter().any(|change| {
                matches!(
                    change.object.kind,
                    Kind::Subnet | Kind::IpRange | Kind::Domain | Kind::GlobalDefaults
                )
            });
            bumps += compare(&before, &after, structural, &told);
            records += after.values().map(|(_, content)| content.len()).sum::<usize>();
            leases += names_of_leases(&region.state);
            before = after;
        }
    }
    assert!(bumps > 500 && records > 10_000, "{bumps} changes of zones, {records} records seen");
    assert!(leases > 100, "{leases} names of leases seen");
}

fn names_of_leases(state: &State) -> usize {
    let leases = state.tables().leases.iter();
    leases.filter(|(address, _)| !state.dns().facts_of(Origin::Lease(**address)).is_empty()).count()
}

/// Fails unless serials rose as they must; how many did.
fn compare(before: &Zones, after: &Zones, structural: bool, told: &dyn std::fmt::Debug) -> u32 {
    let mut bumps = 0;
    for (apex, (serial, content)) in after {
        let Some((old_serial, old_content)) = before.get(apex) else { continue };
        let rose = *serial == old_serial.next();
        assert!(rose || serial == old_serial, "{apex}: {old_serial} to {serial} {told:?}");
        assert!(rose || content == old_content, "{apex} changed unnoticed {told:?}");
        // What changes the zones themselves may raise a serial for nothing that a transfer shows.
        assert!(!rose || structural || content != old_content, "{apex} rose for nothing {told:?}");
        bumps += u32::from(rose);
    }
    bumps
}

fn dns_or_other(c: &mut Choices) -> Command {
    if c.once_in(3) {
        return command(c);
    }
    if c.once_in(4) {
        return lease(c);
    }
    serde_json::from_value(dns(c)).unwrap()
}

fn dns(c: &mut Choices) -> Value {
    let noun =
        c.of(&["Domain", "DnsResource", "DnsResource", "DnsData", "Node", "Interface", "Other"]);
    let id = c.small(6);
    if noun == "Other" {
        return other(c, id);
    }
    let (create, patch) = match noun {
        "Domain" => domain(c),
        "DnsResource" => resource(c),
        "DnsData" => data(c),
        "Node" => node(c),
        _ => interface(c, id),
    };
    match c.below(6) {
        0 => json!({ noun: { "Delete": { "id": id } } }),
        1 | 2 => json!({ noun: { "Update": { "id": id, "patch": patch } } }),
        _ => json!({ noun: { "Create": create } }),
    }
}

fn other(c: &mut Choices, id: u32) -> Value {
    match c.below(4) {
        0 => {
            let mode = c.of(&["Disabled", "Enabled", "Rfc2317"]);
            json!({ "Subnet": { "Update": { "id": id, "patch": { "rdns_mode": mode } } } })
        }
        1 => {
            let value = json!({ "Integer": c.of(&[30, 60]) });
            json!({ "Setting": { "Set": { "name": "default_dns_ttl", "value": value } } })
        }
        2 => json!({ "Site": { "SetDefaults": { "domain": id, "zone": null } } }),
        _ => {
            let cidrs =
                ["10.0.0.0/28", "10.0.0.0/23", "10.0.1.0/28", "10.0.0.0/24", "2001:db8::/126"];
            json!({ "Subnet": { "Update": { "id": id, "patch": { "cidr": c.of(&cidrs) } } } })
        }
    }
}

fn ttl(c: &mut Choices) -> Option<u32> {
    c.of(&[None, Some(30), Some(60), Some(90)])
}

fn domain(c: &mut Choices) -> (Value, Value) {
    let names = ["maas", "a.maas", "b.a.maas", "c", "0.10.in-addr.arpa", "A.maas"];
    let authoritative = !c.once_in(3);
    let mut all = json!({ "name": c.of(&names), "authoritative": authoritative, "ttl": ttl(c) });
    let patch = all.clone();
    all["forward_servers"] = json!([]);
    (all, patch)
}

fn resource(c: &mut Choices) -> (Value, Value) {
    let names = ["@", "a", "b", "b.a", "x.a", "*", "10-0-0-3", "eth0.a"];
    let addresses: Vec<u32> = (0..c.below(3)).map(|_| c.small(9)).collect();
    let all = json!({
        "name": c.of(&names), "domain": c.small(5), "address_ttl": ttl(c), "addresses": addresses,
    });
    (all.clone(), all)
}

fn data(c: &mut Choices) -> (Value, Value) {
    let records = [
        ("NS", "ns.a.maas."),
        ("NS", "b.a.maas."),
        ("NS", "a.maas."),
        ("CNAME", "b.maas."),
        ("CNAME", "a.maas."),
        ("TXT", "one"),
        ("MX", "1 mail."),
    ];
    let (rtype, rdata) = c.of(&records);
    let patch = json!({ "ttl": ttl(c), "rdata": { "rtype": rtype, "rdata": rdata } });
    let mut all = patch.clone();
    all["resource"] = json!(c.small(8));
    (all, patch)
}

fn node(c: &mut Choices) -> (Value, Value) {
    let hostname = c.of(&["a", "b", "x", "A"]);
    let domain = c.of(&[None, Some(0), Some(1), Some(2), Some(3)]);
    let boot = c.of(&[None, Some(1), Some(2), Some(3)]);
    let fields = json!({ "hostname": hostname, "domain": domain, "address_ttl": ttl(c) });
    let mut patch = fields.clone();
    patch["boot_interface"] = json!(boot);
    let new = json!({ "node_type": "Machine", "fields": fields, "interfaces": [] });
    (new, patch)
}

fn interface(c: &mut Choices, id: u32) -> (Value, Value) {
    let names = ["eth0", "eth1", "br0", "x_y.3"];
    let types = ["Bond", "Bridge", "Vlan"];
    let kind = serde_json::from_value(json!(c.of(&types))).unwrap();
    let mut new = regent_core::model::interface::Interface::new(kind, c.of(&names));
    new.node = Some(regent_core::id::NodeId(1 + c.small(2)));
    new.parents = [regent_core::id::InterfaceId(id)].into();
    let patch = json!({ "name": c.of(&names) });
    (serde_json::to_value(new).unwrap(), patch)
}
