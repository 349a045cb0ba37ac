//! `regent import ls` and `abandon`: the import a region waits for, and the last that came to its end.

use crate::cli::client::Call;
use crate::cli::exit::Exit;
use crate::cli::failure::Failure;
use crate::cli::session::Session;
use crate::cli::table;
use reqwest::Method;
use serde_json::{Value, json};

/// What a list shows.
const COLUMNS: [&str; 4] = ["id", "committed", "revision", "source"];

/// Lists them.
///
/// # Errors
/// [`Failure`].
pub async fn list(session: &Session) -> Result<Exit, Failure> {
    let answer = session.client.call(&Call::get("/v1/imports")).await?;
    session.format.show(&answer.body, |body| {
        let rows = body["items"].as_array().map_or(&[][..], Vec::as_slice);
        table::of_items_narrow(rows, &COLUMNS, true, "id")
    });
    Ok(Exit::Ok)
}

/// Ends the one under way; with a name, only that one.
///
/// # Errors
/// [`Failure`], also if there is none.
pub async fn abandon(id: Option<&str>, session: &Session) -> Result<Exit, Failure> {
    let id = match id {
        Some(id) => id.to_owned(),
        None => under_way(session).await?,
    };
    let call = Call { method: Method::DELETE, ..Call::get(format!("/v1/imports/{id}")) };
    session.client.call(&call).await?;
    let told = json!({ "id": id, "outcome": "abandoned" });
    session.format.show(&told, |_| format!("import {id} is dropped; the region takes writes\n"));
    Ok(Exit::Ok)
}

async fn under_way(session: &Session) -> Result<String, Failure> {
    let answer = session.client.call(&Call::get("/v1/imports")).await?;
    let mut items = answer.body["items"].as_array().into_iter().flatten();
    let found = items.find(|import| import["committed"] == Value::Bool(false));
    found.and_then(|import| import["id"].as_str()).map(str::to_owned).ok_or_else(|| {
        Failure::refused(
            Exit::NotFound,
            "no import is under way",
            "the region takes all writes",
            "`regent import ls` shows what came last",
        )
    })
}
