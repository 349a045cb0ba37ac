//! `regent vlan dhcp`: has racks serve a VLAN, and waits until they do.

use crate::cli::client::{Answer, Call};
use crate::cli::exit::Exit;
use crate::cli::failure::Failure;
use crate::cli::noun_arguments::Write;
use crate::cli::output::tell;
use crate::cli::path;
use crate::cli::session::Session;
use crate::cli::table;
use crate::cli::vlan_dhcp_arguments::{DhcpOn, DhcpVerb};
use reqwest::Method;
use serde_json::{Map, Value, json};
use std::time::{Duration, Instant};
use tokio::time::sleep;

/// Where VLANs are.
const COLLECTION: &str = "vlans";
/// What a node gets to answer: its racks look for other servers first.
const PATIENCE: Duration = Duration::from_secs(14);
/// Between two looks at how far the racks are.
const LOOK_PAUSE: Duration = Duration::from_millis(300);
/// What is shown first.
const COLUMNS: [&str; 4] = ["label", "on", "live", "revision"];
/// What is shown of each rack.
const RACK_COLUMNS: [&str; 7] =
    ["hostname", "connected", "sees", "server_id", "live", "applied_revision", "trouble"];
/// What is shown of each range.
const RANGE_COLUMNS: [&str; 2] = ["start", "end"];

/// Does what was typed.
///
/// # Errors
/// [`Failure`].
pub async fn run(verb: &DhcpVerb, session: &Session) -> Result<Exit, Failure> {
    match verb {
        DhcpVerb::On(typed) => {
            let answer = write(Method::POST, &typed.vlan, Some(wish(typed)), &typed.write, session);
            let answer = answer.await?;
            warn(&answer.body);
            let patience = typed.wait.filter(|_| !typed.write.dry_run);
            let body = match patience {
                Some(patience) => wait(&typed.vlan, answer.body, patience, session).await?,
                None => answer.body,
            };
            show(&body, session);
        }
        DhcpVerb::Off { vlan, write: options } => {
            let answer = write(Method::DELETE, vlan, None, options, session).await?;
            show(&answer.body, session);
        }
        DhcpVerb::Show { vlan } => {
            let answer = session.client.call(&Call::get(place(vlan)?)).await?;
            show(&answer.body, session);
        }
    }
    Ok(Exit::Ok)
}

fn place(vlan: &str) -> Result<String, Failure> {
    path::of(COLLECTION, &[vlan, "dhcp"])
}

fn wish(typed: &DhcpOn) -> Value {
    let mut wish = Map::new();
    let racks = ["primary_rack", "secondary_rack"].into_iter().zip(&typed.racks);
    wish.extend(racks.map(|(field, rack)| (field.to_owned(), rack.as_str().into())));
    if let Some(more @ [_, ..]) = typed.racks.get(2..) {
        wish.insert("more_racks".to_owned(), more.into());
    }
    if !typed.ranges.is_empty() {
        let ranges =
            typed.ranges.iter().map(|span| json!({ "start": span.start, "end": span.end }));
        wish.insert("ranges".to_owned(), ranges.collect());
    }
    if !typed.despite.is_empty() {
        wish.insert("despite".to_owned(), typed.despite.as_slice().into());
    }
    Value::Object(wish)
}

async fn write(
    method: Method,
    vlan: &str,
    body: Option<Value>,
    options: &Write,
    session: &Session,
) -> Result<Answer, Failure> {
    let call = Call::write(method, place(vlan)?, body);
    let key = options.idempotency_key.clone().or(call.key.clone());
    let call = Call { query: options.query(), key, patience: PATIENCE, ..call };
    let answer = session.client.call(&call).await?;
    if options.dry_run {
        tell("nothing was written: this is what would come of it");
    }
    Ok(answer)
}

fn warn(body: &Value) {
    for warning in body["warnings"].as_array().into_iter().flatten() {
        tell(&format!("warning: {}", warning.as_str().unwrap_or_default()));
    }
}

/// Looks again and again until every rack serves the VLAN, and tells what is waited for.
async fn wait(
    vlan: &str,
    first: Value,
    patience: Duration,
    session: &Session,
) -> Result<Value, Failure> {
    let deadline = Instant::now() + patience;
    let (mut body, mut told) = (first, String::new());
    while body["live"] != true {
        let missing = missing(&body);
        if Instant::now() >= deadline {
            return Err(not_live(vlan, &missing));
        }
        if missing != told {
            tell(&format!("waiting: {missing}"));
            told = missing;
        }
        sleep(LOOK_PAUSE).await;
        body = session.client.call(&Call::get(place(vlan)?)).await?.body;
    }
    Ok(body)
}

/// Which racks do not serve it yet, and why as far as they say.
fn missing(body: &Value) -> String {
    let racks = body["racks"].as_array().into_iter().flatten();
    let late = racks.filter(|rack| rack["live"] != true).map(|rack| {
        let name = rack["hostname"].as_str().unwrap_or_default();
        let (applied, wanted) = (&rack["applied_revision"], &body["revision"]);
        let why = match (rack["connected"] == true, rack["trouble"].as_str()) {
            (false, _) => "is not connected".to_owned(),
            (true, Some(trouble)) => format!("does not answer: {trouble}"),
            (true, None) => format!("is at revision {applied} of {wanted}"),
        };
        format!("{name} {why}")
    });
    let late: Vec<_> = late.collect();
    if late.is_empty() { "DHCP is off".to_owned() } else { late.join(", ") }
}

fn not_live(vlan: &str, missing: &str) -> Failure {
    Failure::refused(
        Exit::Degraded,
        format!("DHCP on {vlan} is on, and not every rack serves it yet"),
        missing,
        format!(
            "`regent vlan dhcp show {vlan}` tells how far they are; `regent rack show RACK` more"
        ),
    )
}

fn show(body: &Value, session: &Session) {
    session.format.show(body, |body| {
        let mut fields = body.clone();
        let racks = table::taken_out(&mut fields, "racks", &RACK_COLUMNS);
        let ranges = table::taken_out(&mut fields, "ranges", &RANGE_COLUMNS);
        drop(table::taken_out(&mut fields, "warnings", &[]));
        let sheet = table::of_fields(&fields, &COLUMNS);
        format!("{sheet}\nracks:\n{racks}\nclients get:\n{ranges}")
    });
}

#[cfg(test)]
mod tests {
    use super::missing;
    use serde_json::json;

    #[test]
    fn racks_that_are_waited_for_are_named_with_what_is_known_of_them() {
        let rack = |name, connected, live, trouble| {
            let applied_revision = 41;
            json!({ "hostname": name, "connected": connected, "live": live, "trouble": trouble,
                    "applied_revision": applied_revision })
        };
        let racks = json!([
            rack("a", true, true, None),
            rack("b", true, false, None),
            rack("c", false, false, None),
            rack("d", true, false, Some("no wire")),
        ]);
        assert_eq!(
            missing(&json!({ "revision": 44, "racks": racks })),
            "b is at revision 41 of 44, c is not connected, d does not answer: no wire"
        );
    }
}
