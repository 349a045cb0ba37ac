//! `regent rack`: how racks are, and removing one.

use crate::cli::arguments::RackVerb;
use crate::cli::client::Call;
use crate::cli::exit::Exit;
use crate::cli::failure::Failure;
use crate::cli::path;
use crate::cli::rack_removal;
use crate::cli::session::Session;
use crate::cli::table;

/// Where they are.
const COLLECTION: &str = "racks";
/// What a list shows.
const COLUMNS: [&str; 8] = [
    "hostname",
    "system_id",
    "connected",
    "node",
    "up_to_date",
    "vlans_live",
    "vlans_in_trouble",
    "last_heartbeat_ms",
];
/// What is shown of each VLAN of one.
const VLAN_COLUMNS: [&str; 4] = ["vlan", "server_id", "live", "trouble"];
/// What is shown of each VLAN it is connected to.
const SEEN_COLUMNS: [&str; 3] = ["vlan", "label", "address"];

/// Does what was typed.
///
/// # Errors
/// [`Failure`].
pub async fn run(verb: &RackVerb, session: &Session) -> Result<Exit, Failure> {
    match verb {
        RackVerb::Ls => {
            let call = Call::get(path::of(COLLECTION, &[])?);
            let answer = session.client.call(&call).await?;
            session.format.show(&answer.body, |body| {
                let rows = body["items"].as_array().map_or(&[][..], Vec::as_slice);
                table::of_items(rows, &COLUMNS, true)
            });
        }
        RackVerb::Show { rack } => {
            let call = Call::get(path::of(COLLECTION, &[rack])?);
            let answer = session.client.call(&call).await?;
            session.format.show(&answer.body, |body| {
                let mut fields = body.clone();
                let services = table::taken_out(&mut fields, "vlans", &VLAN_COLUMNS);
                let seen = table::taken_out(&mut fields, "sees", &SEEN_COLUMNS);
                let sheet = table::of_fields(&fields, &COLUMNS);
                format!("{sheet}\nserves:\n{services}\nsees:\n{seen}")
            });
        }
        RackVerb::Remove(typed) => rack_removal::run(typed, session).await?,
    }
    Ok(Exit::Ok)
}
