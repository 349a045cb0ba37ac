//! A rack moves from one region to another, as `rack-agent join` does it: the old one lets it go and goes on without it.

use crate::agent::{Agent, Line};
use crate::site::{Site, VLAN};
use bytes::Bytes;
use regent_core::command::rack::{ClientFacts, LeaseStep};
use regent_core::id::{SubnetId, SystemId};
use regent_core::lease::binding::{Client, Tenure};
use regent_core::lease::commit::Claim;
use regent_core::lease::server::Incarnation;
use regent_core::model::lease::Lease;
use regent_core::net::mac::MacAddr;
use regent_core::outcome::LeaseAnswer;
use regent_core::time::Millis;
use regent_proto::rack::from_rack::Message as Said;
use regent_proto::rack::{GoodbyeCode, Hello, Welcome};
use regent_rack_agent::clock::sample::{Sample, boot_id};
use regent_rack_agent::config::Config;
use regent_rack_agent::dhcp::holding::OwnBlock;
use regent_rack_agent::join::{Farewell, JoinError, Joined, Standing, Wish, join};
use regent_rack_agent::lease::record::Record;
use regent_rack_agent::region::enrol::EnrolError;
use regent_rack_agent::remembered::{Identity, Write};
use regent_rack_agent::store::open::Store;
use serde_json::{Value, json};
use std::net::{IpAddr, Ipv4Addr};
use std::path::Path;
use std::time::Duration;
use tempfile::TempDir;

/// Where the VLAN that only the rack serves has its subnet.
const ALONE: &str = "10.8.0";
const LIFE: Millis = Millis::from_secs(600);

fn wish(token: String) -> Wish {
    Wish {
        token,
        hostname: Some("mover".into()),
        regions: Vec::new(),
        standing: Standing::Keep,
        farewell: Farewell::Orderly,
        patience: Duration::from_secs(20),
    }
}

fn client(number: u8) -> Client {
    Client::Card(MacAddr([2, 0, 0, 0, 0, number]))
}

/// The rack as a test plays it, from what `join` has written down.
fn player(site: &Site, identity: &Identity) -> Agent {
    let state = &site.node().region.published().state;
    let system_id = SystemId::parse(&identity.system_id).unwrap();
    let number = state.indexes().nodes_by_system_id.first_under(&system_id).unwrap().0;
    let hello = Hello {
        cluster_id: identity.cluster_id.clone(),
        system_id: identity.system_id.clone(),
        key: Bytes::copy_from_slice(&identity.key),
        version: "0.1.0".into(),
        ..Hello::default()
    };
    Agent { number, hello }
}

/// Another VLAN, which this rack alone serves. Returns its subnet.
async fn serve_alone(site: &Site, rack: &Agent) -> SubnetId {
    let (vlan, subnet) = another_vlan(site).await;
    let service = json!({ "dhcp_on": true, "primary_rack": rack.number });
    site.admin("PATCH", &format!("/v1/vlans/{vlan}"), service).await;
    SubnetId(subnet.as_u64().unwrap().try_into().unwrap())
}

/// A VLAN with a subnet and a pool, which nobody serves.
async fn another_vlan(site: &Site) -> (Value, Value) {
    let vlan = site.admin("POST", "/v1/vlans", json!({ "fabric": 0, "vid": 8 })).await;
    let subnet = json!({ "vlan": vlan["id"], "cidr": format!("{ALONE}.0/24") });
    let subnet = site.admin("POST", "/v1/subnets", subnet).await;
    let range = json!({
        "subnet": subnet["id"], "type": "dynamic",
        "start_ip": format!("{ALONE}.100"), "end_ip": format!("{ALONE}.199"),
    });
    site.admin("POST", "/v1/ip-ranges", range).await;
    (vlan["id"].clone(), subnet["id"].clone())
}

/// Brings in what a rack has carried, as its operator does.
async fn bring_in(site: &Site, carried: &Path) {
    let mut command = tokio::process::Command::new(env!("CARGO_BIN_EXE_regent"));
    command.args(["import", "kea-leases", "--addr", &site.node().address.to_string()]);
    let said = command.arg(carried).output().await.unwrap();
    assert!(said.status.success(), "{}", String::from_utf8_lossy(&said.stderr));
}

async fn commit(line: &mut Line, number: u64, address: Ipv4Addr, epoch: u64) {
    let step = LeaseStep::Commit {
        number,
        epoch,
        address: address.into(),
        client: client(address.octets()[3]),
        life: LIFE,
        tenure: Tenure::Leased,
        attested: false,
        claim: Claim::Offered,
        facts: ClientFacts::default(),
    };
    let done = line.done(&[step]).await;
    assert!(matches!(done.answers[..], [LeaseAnswer::Committed { .. }]), "{:?}", done.answers);
}

/// What an agent would have written down of these leases and this block, with rights that run on.
fn remembered(leases: &[Ipv4Addr], welcome: &Welcome, block: OwnBlock) -> Vec<Write> {
    let sample = Sample::now();
    let until = sample.boot.after(Millis::from_secs(3_600));
    let record = |address: &Ipv4Addr| {
        let client = client(address.octets()[3]);
        let record = Record::acked_alone(None, &client, LIFE, sample.boot);
        Write::Record(*address, Record { alone_until: Some(until), ..record })
    };
    let mut writes = vec![
        Write::Life(Incarnation(welcome.life)),
        Write::Epoch(welcome.epoch),
        Write::Boot(boot_id().unwrap()),
        Write::Clocks(sample.into()),
        Write::NumbersUntil(1_000),
        Write::Blocks(vec![block]),
    ];
    writes.extend(leases.iter().map(record));
    writes
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn rack_with_leases_moves_and_its_old_region_goes_on_without_it() {
    let (old, new) = (Site::start().await, Site::start().await);
    let folder = TempDir::new().unwrap();
    let text = format!("state_dir = '{}'", folder.path().join("state").display());
    let config = Config::parse(&text).unwrap();
    let Joined { identity, .. } = join(&config, wish(old.token().await)).await.unwrap();
    let (mover, stayer) = (player(&old, &identity), old.rack("stayer").await);
    old.served_by(&[&mover, &stayer]).await;
    let subnet = serve_alone(&old, &mover).await;

    let (shared, alone) = (Ipv4Addr::new(10, 7, 0, 150), Ipv4Addr::new(10, 8, 0, 150));
    let (mut line, welcome) = mover.connect(old.node()).await;
    line.done(&[LeaseStep::Adopted]).await;
    commit(&mut line, 1, shared, 1).await;
    commit(&mut line, 2, alone, 1).await;
    let wanted = LeaseStep::Delegate { number: 3, epoch: 1, subnet, count: 4 };
    let delegated = line.done(&[wanted]).await;
    let [LeaseAnswer::Delegated { first, last, .. }] = delegated.answers[..] else {
        panic!("{:?}", delegated.answers)
    };
    drop(line);
    let range = format!("{first}-{last}").parse().unwrap();
    let deadline = Sample::now().boot.after(Millis::from_secs(3_600));
    let (store, _) = Store::open(&config.state_dir).unwrap();
    let block = OwnBlock { range, deadline };
    store.write(&remembered(&[shared, alone], &welcome, block)).unwrap();
    drop(store);

    let joined = join(&config, wish(new.token().await)).await.unwrap();
    assert!(joined.remarks.is_empty(), "{:?}", joined.remarks);

    // The old region has nothing left of it but leases, which nobody may renew alone.
    let state = old.node().region.published().state.clone();
    let system_id = SystemId::parse(&identity.system_id).unwrap();
    assert!(state.indexes().nodes_by_system_id.first_under(&system_id).is_none());
    assert_eq!(state.tables().lease_blocks.len(), 0);
    for address in [shared, alone] {
        let address = IpAddr::from(address);
        let lease = &state.get::<Lease>(&address).unwrap().value;
        assert!(lease.binding.is_live(state.meta().now), "{address}: its client has it");
        assert!(lease.binding.autonomy.iter().all(|right| right.until.is_none()), "{address}");
    }
    let vlan = old.admin("GET", &format!("/v1/vlans/{VLAN}"), Value::Null).await;
    assert_eq!((&vlan["primary_rack"], &vlan["dhcp_on"]), (&json!(stayer.number), &json!(true)));
    let path = format!("/v1/subnets/{}", subnet.0);
    let subnet = old.admin("GET", &path, Value::Null).await;
    let vlan = old.admin("GET", &format!("/v1/vlans/{}", subnet["vlan"]), Value::Null).await;
    assert_eq!((&vlan["primary_rack"], &vlan["dhcp_on"]), (&Value::Null, &json!(false)));
    let mut line = Line::open(old.node()).await;
    line.say(Said::Hello(mover.hello.clone())).await;
    line.ends_with(GoodbyeCode::GoodbyeUnknownRack).await;

    // The new one has it, and is to be told of what it alone served.
    let (_line, _) = player(&new, &joined.identity).connect(new.node()).await;
    let file = joined.carried.unwrap();
    let carried = std::fs::read_to_string(&file).unwrap();
    let leases: Vec<&str> = carried.lines().skip(1).collect();
    assert_eq!(leases.len(), 1, "{carried}");
    assert!(leases[0].starts_with("10.8.0.150,02:00:00:00:00:96,,600,"), "{carried}");
    let (_, remembered) = Store::open(&config.state_dir).unwrap();
    assert!(remembered.records.is_empty() && remembered.blocks.is_empty());
    another_vlan(&new).await;
    bring_in(&new, &file).await;
    let lease = new.admin("GET", &format!("/v1/leases/{alone}"), Value::Null).await;
    let (client, state) = (&lease["mac_address"], &lease["state"]);
    assert_eq!((client, state), (&json!("02:00:00:00:00:96"), &json!("bound")));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn rack_stays_where_it_is_if_the_other_region_does_not_take_its_token() {
    let (old, new) = (Site::start().await, Site::start().await);
    let folder = TempDir::new().unwrap();
    let text = format!("state_dir = '{}'", folder.path().join("state").display());
    let config = Config::parse(&text).unwrap();
    let Joined { identity, .. } = join(&config, wish(old.token().await)).await.unwrap();
    let used = new.token().await;
    Agent::enrol(new.node(), used.clone(), "another").await.unwrap();
    let right = Write::Blocks(vec![OwnBlock {
        range: "10.7.0.100-10.7.0.131".parse().unwrap(),
        deadline: Sample::now().boot.after(Millis::from_secs(3_600)),
    }]);
    Store::open(&config.state_dir).unwrap().0.write(&[right]).unwrap();

    let refused = join(&config, wish(used)).await.unwrap_err();
    assert!(matches!(refused, JoinError::Enrol(EnrolError::Refused(_))), "{refused:?}");
    let (store, remembered) = Store::open(&config.state_dir).unwrap();
    assert_eq!(store.identity(), Some(&identity));
    assert_eq!(remembered.blocks.len(), 1, "it may still do alone what it might");
    player(&old, &identity).connect(old.node()).await;
}
