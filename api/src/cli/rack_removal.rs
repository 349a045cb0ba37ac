//! `regent rack remove`: tells what follows for the rack's VLANs, asks, and deletes its controller. What becomes of the VLANs is
//! decided by the region; what is told before is how things stand.

use crate::cli::arguments::RackRemoval;
use crate::cli::client::Call;
use crate::cli::confirm;
use crate::cli::exit::Exit;
use crate::cli::failure::Failure;
use crate::cli::output::tell;
use crate::cli::path;
use crate::cli::session::Session;
use reqwest::Method;
use serde_json::{Value, json};

/// VLANs that are told by name of each kind.
const VLANS_TOLD_MAX: usize = 20;
/// VLANs that are looked at for each field that may name the rack: a page as long as the API gives.
const VLANS_MAX: usize = 1000;
/// VLANs that lose their DHCP of which is looked at who is relayed to them: each is a request.
const RELAYS_LOOKED_MAX: usize = 100;
/// Fields of a VLAN that may name the rack.
const FIELDS: [&str; 3] = ["primary_rack", "secondary_rack", "more_racks"];

/// VLANs on which the rack serves DHCP now.
#[derive(Default)]
struct Served {
    /// No other rack serves these, nor those whose relays lead to them.
    alone: Vec<String>,
    /// Another rack does.
    with_others: Vec<String>,
    /// There are more than were looked at.
    more: bool,
}

/// Removes a rack.
///
/// # Errors
/// [`Failure`].
pub async fn run(typed: &RackRemoval, session: &Session) -> Result<(), Failure> {
    let path = path::of("controllers", &[&typed.rack])?;
    let rack = session.client.call(&Call::get(path.as_str())).await?.body;
    let name = rack["hostname"].as_str().unwrap_or(&typed.rack);
    if !rack["node_type_name"].as_str().is_some_and(|kind| kind.to_lowercase().contains("rack")) {
        return Err(Failure::refused(
            Exit::Conflict,
            format!("{name} is no rack"),
            "it is a region controller alone",
            format!("regent controller delete {}", typed.rack),
        ));
    }
    let served = served(&rack["id"], session).await?;
    say(name, &served);
    confirm::ask(&format!("remove rack {name}"), typed.yes || typed.write.dry_run)?;
    let mut call = Call { query: typed.write.query(), ..Call::write(Method::DELETE, path, None) };
    if let Some(key) = &typed.write.idempotency_key {
        call.key = Some(key.clone());
    }
    session.client.call(&call).await?;
    let (key, done) = match typed.write.dry_run {
        true => ("would_be_removed", "would be removed"),
        false => ("removed", "is removed"),
    };
    let told = json!({
        key: rack["system_id"], "hostname": name,
        "dhcp_goes_off": served.alone, "dhcp_goes_on": served.with_others,
    });
    session.format.show(&told, |_| format!("rack {name} {done}\n"));
    Ok(())
}

async fn served(id: &Value, session: &Session) -> Result<Served, Failure> {
    let mut served = Served::default();
    let mut lost = Vec::new();
    for field in FIELDS {
        let page =
            vlans(&[(field, id.to_string()), ("dhcp_on", "true".to_owned())], session).await?;
        served.more |= page["next"].is_string();
        for vlan in page["items"].as_array().into_iter().flatten() {
            // Places are filled from the front.
            if vlan["secondary_rack"].is_null() {
                served.alone.push(label(vlan));
                lost.push(vlan["id"].to_string());
            } else {
                served.with_others.push(label(vlan));
            }
        }
    }
    served.more |= lost.len() > RELAYS_LOOKED_MAX;
    for lost in lost.into_iter().take(RELAYS_LOOKED_MAX) {
        let page = vlans(&[("relay_vlan", lost)], session).await?;
        served.more |= page["next"].is_string();
        served.alone.extend(page["items"].as_array().into_iter().flatten().map(label));
    }
    Ok(served)
}

/// A page of the VLANs that these filters let through.
async fn vlans(filters: &[(&str, String)], session: &Session) -> Result<Value, Failure> {
    let mut call = Call::get(path::of("vlans", &[])?);
    let filters = filters.iter().map(|(name, value)| ((*name).to_owned(), value.clone()));
    call.query.extend(filters);
    call.query.push(("fields".to_owned(), format!("id,label,{}", FIELDS.join(","))));
    call.query.push(("limit".to_owned(), VLANS_MAX.to_string()));
    Ok(session.client.call(&call).await?.body)
}

fn label(vlan: &Value) -> String {
    vlan["label"].as_str().unwrap_or_default().to_owned()
}

fn say(name: &str, served: &Served) {
    if served.alone.is_empty() && served.with_others.is_empty() {
        return tell(&format!("{name} serves no VLAN"));
    }
    for (what, vlans) in [
        ("DHCP goes off, since no other rack serves them, on", &served.alone),
        ("DHCP goes on with other racks on", &served.with_others),
    ] {
        if !vlans.is_empty() {
            tell(&format!("{what} {}", listed(vlans)));
        }
    }
    if served.more {
        tell("there are more VLANs: `regent vlan ls` shows them");
    }
    tell("addresses it may have given are given to nobody else before their time is over");
}

/// The first VLANs of a list, and how many more there are.
fn listed(vlans: &[String]) -> String {
    let shown = vlans.iter().take(VLANS_TOLD_MAX).cloned().collect::<Vec<_>>().join(", ");
    match vlans.len().saturating_sub(VLANS_TOLD_MAX) {
        0 => shown,
        more => format!("{shown} and {more} more"),
    }
}

#[cfg(test)]
mod tests {
    use super::listed;

    #[test]
    fn long_lists_of_vlans_end_with_how_many_more_there_are() {
        let vlans: Vec<String> = (0..22).map(|vid| format!("hall:{vid}")).collect();
        assert_eq!(listed(&vlans[..2]), "hall:0, hall:1");
        assert!(listed(&vlans).ends_with("hall:19 and 2 more"));
    }
}
