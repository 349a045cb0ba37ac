//! Things that are in the region, to be named in what there is to try.

use crate::cli::client::{Call, Client};
use serde_json::Value;

/// Machines that are looked at.
const MACHINES_MAX: &str = "200";

/// What there is; nothing of it need be.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Samples {
    /// The system id of a machine.
    pub machine: Option<String>,
    /// A name that has an IPv4 address in a zone of the region's own.
    pub name: Option<String>,
}

impl Samples {
    /// Looks for them. What cannot be asked now is not there.
    pub async fn find(client: &Client) -> Self {
        let domains = list(client, "/v1/domains", &[("authoritative", "true")]).await;
        let ours: Vec<&Value> = domains.iter().map(|domain| &domain["id"]).collect();
        let machines = list(client, "/v1/machines", &[("limit", MACHINES_MAX)]).await;
        let is_named = |machine: &&Value| ours.contains(&&machine["domain"]) && has_ipv4(machine);
        let named = machines.iter().find(is_named);
        let text = |object: Option<&Value>, field: &str| object?[field].as_str().map(str::to_owned);
        Self { machine: text(named.or(machines.first()), "system_id"), name: text(named, "fqdn") }
    }
}

fn has_ipv4(machine: &Value) -> bool {
    let addresses = machine["ip_addresses"].as_array().into_iter().flatten();
    addresses.filter_map(Value::as_str).any(|address| address.contains('.'))
}

async fn list(client: &Client, path: &str, query: &[(&str, &str)]) -> Vec<Value> {
    let mut call = Call::get(path);
    call.query = query.iter().map(|(name, value)| ((*name).into(), (*value).into())).collect();
    let page = client.call(&call).await.map(|answer| answer.body);
    let items = page.ok().and_then(|mut page| page.get_mut("items").map(Value::take));
    match items {
        Some(Value::Array(items)) => items,
        Some(_) | None => Vec::new(),
    }
}
