//! Simulated racks become racks of the region as any machine does, with a token each, and get their VLANs: two racks each.

use crate::racks::fleet::rack::CLIENTS;
use crate::racks::loopback::Region;
use anyhow::Context as _;
use regent_rack_agent::endpoint::Endpoint;
use regent_rack_agent::region::enrol::{Candidate, EnrolError, enrol};
use regent_rack_agent::region::pace::Pace;
use regent_rack_agent::remembered::Identity;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::net::Ipv4Addr;
use std::time::Duration;
use tokio::task::JoinSet;
use tokio::time::sleep;

/// Racks that join at once.
const JOINING_MAX: usize = 16;
/// Pause before a rack that no node could take tries again.
const RETRY_PAUSE: Duration = Duration::from_millis(100);
/// Racks of a VLAN.
const RACKS_PER_VLAN: usize = 2;
/// VLANs made in one transaction: four steps each, of 1,024.
const VLANS_PER_TRANSACTION: usize = 250;
/// The networks of all VLANs, a /24 each.
const FIRST_NETWORK: Ipv4Addr = Ipv4Addr::new(10, 80, 0, 0);
const NETWORK_ADDRESSES: u32 = 256;
/// Where the dynamic range of each begins.
const RANGE_AT: u32 = 100;

/// Makes so many racks.
///
/// # Errors
/// If one does not become a rack.
pub async fn enrolled(
    region: &Region,
    nodes: &[Endpoint],
    racks: u32,
) -> anyhow::Result<Vec<Identity>> {
    let (mut joining, mut identities) = (JoinSet::new(), Vec::new());
    for number in 0..racks {
        if joining.len() >= JOINING_MAX {
            identities.extend(joining.join_next().await.transpose()?.transpose()?);
        }
        let (api, mut nodes) = (region.api.clone(), nodes.to_vec());
        let first = usize::try_from(number)? % nodes.len().max(1);
        nodes.rotate_left(first);
        joining.spawn(async move {
            let made = api.post("/v1/rack-tokens", &json!({})).await?;
            let token = made["token"].as_str().context("a new token has no text")?.to_owned();
            joined(&nodes, token, number).await
        });
    }
    while let Some(joined) = joining.join_next().await {
        identities.push(joined??);
    }
    Ok(identities)
}

async fn joined(nodes: &[Endpoint], token: String, number: u32) -> anyhow::Result<Identity> {
    let (hostname, version) = (format!("rack-{number:04}"), "simulated".to_owned());
    let candidate = Candidate { token, hostname, interfaces: Vec::new(), version };
    loop {
        match enrol(nodes, &candidate, &Pace::default()).await {
            Ok(enrolled) => return Ok(enrolled.identity),
            Err(EnrolError::Unavailable { .. }) => sleep(RETRY_PAUSE).await,
            Err(error) => return Err(error.into()),
        }
    }
}

/// Makes a VLAN for every two racks and gives it to them; how many.
///
/// # Errors
/// If the region does not take that.
pub async fn given_vlans(region: &Region, racks: &[Identity]) -> anyhow::Result<usize> {
    let known = region.api.get("/v1/racks").await?;
    let known = known["items"].as_array().context("no list of racks")?;
    let id = |rack: &Value| Some((rack["system_id"].as_str()?.to_owned(), rack["id"].clone()));
    let ids: BTreeMap<String, Value> = known.iter().filter_map(id).collect();
    let ids: Vec<&Value> = racks.iter().filter_map(|rack| ids.get(&rack.system_id)).collect();
    anyhow::ensure!(ids.len() == racks.len(), "{} of {} racks are known", ids.len(), racks.len());
    let fabric = region.api.post("/v1/fabrics", &json!({ "name": "fleet" })).await?;
    let vlans: Vec<_> = ids.chunks(RACKS_PER_VLAN).enumerate().collect();
    for some in vlans.chunks(VLANS_PER_TRANSACTION) {
        let steps = some.iter().enumerate();
        let steps: anyhow::Result<Vec<_>> = steps
            .map(|(place, (number, racks))| vlan(&fabric["id"], place, *number, racks))
            .collect();
        let steps: Vec<Value> = steps?.into_iter().flatten().collect();
        region.api.post("/v1/txn", &json!({ "then": steps })).await?;
    }
    Ok(vlans.len())
}

/// The steps that make a VLAN, as the `place`th of its transaction.
fn vlan(
    fabric: &Value,
    place: usize,
    number: usize,
    racks: &[&Value],
) -> anyhow::Result<[Value; 4]> {
    let create = |path: &str, body: Value| json!({ "op": "create", "path": path, "body": body });
    let network = FIRST_NETWORK.to_bits() + NETWORK_ADDRESSES * u32::try_from(number)?;
    let address = |at: u32| Ipv4Addr::from_bits(network + at);
    let first = place * 4;
    let (made, subnet) = (format!("${first}.id"), format!("${}.id", first + 1));
    let last = RANGE_AT + u32::from(CLIENTS) * u32::try_from(RACKS_PER_VLAN)? - 1;
    let range = json!({
        "subnet": subnet, "type": "dynamic",
        "start_ip": address(RANGE_AT), "end_ip": address(last),
    });
    let service =
        json!({ "primary_rack": racks.first(), "secondary_rack": racks.get(1), "dhcp_on": true });
    Ok([
        create("/v1/vlans", json!({ "fabric": fabric, "vid": number + 1 })),
        create("/v1/subnets", json!({ "vlan": made, "cidr": format!("{}/24", address(0)) })),
        create("/v1/ip-ranges", range),
        json!({ "op": "update", "path": format!("/v1/vlans/{made}"), "body": service }),
    ])
}
