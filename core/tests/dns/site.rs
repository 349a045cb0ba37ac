//! A small site to ask questions about, and how questions and answers are written in these tests.

use crate::region::Region;
use regent_core::command::Command;
use regent_core::dns::answer::{Answer, Existence, Wanted};
use regent_core::dns::record::Record;
use regent_core::model::dns_name::DomainName;
use regent_core::model::record_type::RecordType;
use regent_core::model::serial::Serial;
use serde_json::{Value, json};

pub(crate) struct Site(pub(crate) Region);

impl Site {
    /// Default domain `maas`, subnets 10.0.0.0/24 (1), 192.0.2.64/26 (2), 2001:db8::/64 (3).
    pub(crate) fn new() -> Self {
        let mut site = Self(Region::founded());
        for cidr in ["10.0.0.0/24", "192.0.2.64/26", "2001:db8::/64"] {
            site.subnet(cidr);
        }
        site
    }

    /// Applies a command written as JSON.
    pub(crate) fn run(&mut self, command: Value) {
        let command: Command = serde_json::from_value(command).unwrap();
        self.0.run(command.clone()).unwrap_or_else(|no| panic!("{command:?}: {no}"));
        self.0.assert_sound(&command);
    }

    fn create(&mut self, noun: &str, value: &Value) -> u32 {
        let command = json!({ noun: { "Create": value } });
        let command: Command = serde_json::from_value(command).unwrap();
        let id = self.0.create(command.clone());
        self.0.assert_sound(&command);
        id
    }

    pub(crate) fn subnet(&mut self, cidr: &str) -> u32 {
        let subnet = regent_core::model::subnet::Subnet::new(
            regent_core::id::VlanId(5001),
            cidr.parse().unwrap(),
        );
        self.create("Subnet", &serde_json::to_value(subnet).unwrap())
    }

    pub(crate) fn domain(&mut self, name: &str, ttl: Option<u32>) -> u32 {
        let domain =
            json!({ "name": name, "authoritative": true, "ttl": ttl, "forward_servers": [] });
        self.create("Domain", &domain)
    }

    /// A machine whose interfaces are eth0 (it boots from that), eth1 …; interfaces count from 1 over all machines.
    pub(crate) fn machine(&mut self, hostname: &str, domain: u32, macs: &[u8]) -> u32 {
        let interfaces: Vec<Value> = macs
            .iter()
            .enumerate()
            .map(|(n, mac)| {
                let mac = format!("52:54:00:00:00:{mac:02x}");
                json!({ "name": format!("eth{n}"), "mac_address": mac, "vlan": 5001 })
            })
            .collect();
        let fields = json!({ "hostname": hostname, "domain": domain });
        self.create(
            "Node",
            &json!({ "node_type": "Machine", "fields": fields, "interfaces": interfaces }),
        )
    }

    pub(crate) fn address(&mut self, ip: &str, alloc_type: &str, interfaces: &[u32]) -> u32 {
        let address = json!({
            "ip": ip, "alloc_type": alloc_type, "subnet": null, "interfaces": interfaces,
            "user": null, "lease_time": 0, "temp_expires_on": null, "comment": "",
        });
        self.create("StaticIpAddress", &address)
    }

    pub(crate) fn resource(&mut self, name: &str, domain: u32, addresses: &[u32]) -> u32 {
        let resource = json!({
            "name": name, "domain": domain, "address_ttl": null, "addresses": addresses,
        });
        self.create("DnsResource", &resource)
    }

    pub(crate) fn data(&mut self, resource: u32, rtype: &str, rdata: &str) -> u32 {
        let rdata = json!({ "rtype": rtype, "rdata": rdata });
        self.create("DnsData", &json!({ "resource": resource, "ttl": null, "rdata": rdata }))
    }

    pub(crate) fn dynamic_range(&mut self, subnet: u32, start: &str, end: &str) -> u32 {
        let range = json!({
            "subnet": subnet, "range_type": "Dynamic", "start_ip": start, "end_ip": end,
            "user": null, "comment": "",
        });
        self.create("IpRange", &range)
    }

    pub(crate) fn ask(&self, question: &str) -> Option<Answer> {
        let (name, rtype) = question.rsplit_once(' ').unwrap();
        let wanted = match rtype {
            "ANY" => Wanted::Any,
            "TYPE65" => Wanted::Unknown,
            "DS" => Wanted::DelegationSigner,
            _ => Wanted::Type(rtype.parse::<RecordType>().unwrap()),
        };
        self.0.state.dns().lookup(&name.parse().unwrap(), wanted)
    }

    /// The records that answer `NAME TYPE`, as `TTL DATA`, after the aliases that lead to them; or why there are none.
    pub(crate) fn told(&self, question: &str) -> Vec<String> {
        let Some(answer) = self.ask(question) else { return vec!["refused".into()] };
        if !answer.authoritative {
            return answer.authority.iter().map(|record| format!("see {}", record.data)).collect();
        }
        let mut told: Vec<String> =
            answer.answers.iter().map(|record| format!("{} {}", record.ttl, record.data)).collect();
        match answer.existence {
            Existence::Missing => told.push("no such name".into()),
            Existence::Exists if told.is_empty() => told.push("nothing of that type".into()),
            Existence::Exists => {}
        }
        told
    }

    pub(crate) fn serial(&self, zone: &str) -> Option<Serial> {
        let apex: DomainName = zone.parse().unwrap();
        self.0.state.dns().zone(&apex).map(|_| self.0.state.dns().serial(&apex))
    }

    /// Everything in a zone but its SOA.
    pub(crate) fn transfer(&self, zone: &str) -> Vec<String> {
        let apex: DomainName = zone.parse().unwrap();
        let view = self.0.state.dns();
        content(view.transfer(view.zone(&apex).unwrap()))
    }
}

/// Records as text, sorted, without SOA.
pub(crate) fn content(records: impl Iterator<Item = Record>) -> Vec<String> {
    let other = records.filter(|record| record.data.record_type() != RecordType::Soa);
    let text = |Record { owner, ttl, data }| format!("{owner} {ttl} {data:?}").to_lowercase();
    let mut content: Vec<String> = other.map(text).collect();
    content.sort();
    content
}
