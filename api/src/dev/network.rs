//! The network of the demo whose clients get their addresses from racks: made over HTTP, and given to the racks.

use crate::cli::client::{Call, Client};
use crate::dev::demo;
use anyhow::Context as _;
use reqwest::Method;
use serde_json::json;
use std::net::Ipv4Addr;

/// What makes it.
const REQUESTS: &str = include_str!("../../../examples/demo-dhcp.json");
/// Its subnet.
const SUBNET: &str = "10.77.0.0/24";
/// Where its clients' relay is: at the gateway. The racks have no address in it, so that it is theirs through relays only.
pub const RELAY: Ipv4Addr = Ipv4Addr::new(10, 77, 0, 1);

/// The address of a rack, by its number from 0 on, in a network that the region need not know.
#[must_use]
pub fn rack_address(number: usize) -> String {
    format!("10.76.0.{}/24", number + 2)
}

/// Has the network served by these racks (`system_id`s, the primary first), and makes it first if it is not there.
///
/// # Errors
/// When the region does not take that.
pub async fn serve(client: &Client, racks: &[String]) -> anyhow::Result<()> {
    let vlan = match vlan_of(client).await? {
        Some(vlan) => vlan,
        None => {
            demo::send(client, REQUESTS).await?;
            vlan_of(client).await?.context("the network that was just made is not there")?
        }
    };
    let mut ids = Vec::new();
    for rack in racks {
        let path = format!("/v1/controllers/{rack}");
        ids.push(client.call(&Call::get(path)).await?.body["id"].clone());
    }
    let service =
        json!({ "primary_rack": ids.first(), "secondary_rack": ids.get(1), "dhcp_on": true });
    let call = Call::write(Method::PATCH, format!("/v1/vlans/{vlan}"), Some(service));
    client.call(&call).await?;
    Ok(())
}

/// The network's VLAN, if it is there.
async fn vlan_of(client: &Client) -> anyhow::Result<Option<u64>> {
    let mut call = Call::get("/v1/subnets");
    call.query.push(("cidr".into(), SUBNET.into()));
    let page = client.call(&call).await?.body;
    Ok(page["items"][0]["vlan"].as_u64())
}

#[cfg(test)]
mod tests {
    use super::{REQUESTS, SUBNET, rack_address};

    #[test]
    fn requests_make_the_subnet_that_is_looked_for_and_racks_are_elsewhere() {
        assert!(REQUESTS.contains(&format!("\"cidr\": \"{SUBNET}\"")));
        assert!(REQUESTS.contains("\"gateway_ip\": \"10.77.0.1\""));
        assert_eq!(rack_address(1), "10.76.0.3/24");
    }
}
