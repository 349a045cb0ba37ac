//! `regent token`: tokens by which machines become a part of the region. A new one alone is on standard output, so that it can
//! be handed on as it is.

use crate::cli::client::Call;
use crate::cli::exit::Exit;
use crate::cli::failure::Failure;
use crate::cli::output::tell;
use crate::cli::path;
use crate::cli::session::Session;
use crate::cli::table;
use crate::cli::token_arguments::{NewToken, TokenCommand};
use reqwest::Method;
use serde_json::{Map, Value};
use std::time::Duration;

/// Where they are.
const COLLECTION: &str = "rack-tokens";
/// Tokens that are listed: a page as long as the API gives.
const SHOWN_MAX: usize = 1000;
/// What a list shows.
const COLUMNS: [&str; 4] = ["id", "for", "created_by", "remaining_ms"];

/// Does what was typed.
///
/// # Errors
/// [`Failure`].
pub async fn run(command: &TokenCommand, session: &Session) -> Result<Exit, Failure> {
    match command {
        TokenCommand::Create(NewToken::Rack { rack, expires }) => {
            create(rack.as_deref(), *expires, session).await?;
        }
        TokenCommand::Ls => list(session).await?,
        TokenCommand::Revoke { id } => {
            let path = path::of(COLLECTION, &[&id.to_string()])?;
            let answer = session.client.call(&Call::write(Method::DELETE, path, None)).await?;
            session.format.show(&answer.body, |_| format!("token {id} is good no more\n"));
        }
    }
    Ok(Exit::Ok)
}

async fn create(rack: Option<&str>, expires: Duration, session: &Session) -> Result<(), Failure> {
    let mut wish = Map::from_iter([("expires_in_s".to_owned(), expires.as_secs().into())]);
    if let Some(rack) = rack {
        wish.insert("for".to_owned(), rack.into());
    }
    let path = path::of(COLLECTION, &[])?;
    let call = Call::write(Method::POST, path, Some(Value::Object(wish)));
    let answer = session.client.call(&call).await?;
    let Some(text) = answer.body["token"].as_str() else { return Err(lost(&answer.body["id"])) };
    session.format.show(&answer.body, |_| format!("{text}\n"));
    tell(&format!("good once, within {} s; it is not shown again", expires.as_secs()));
    Ok(())
}

/// The answer with the text was lost, and the region does not know the text.
fn lost(id: &Value) -> Failure {
    Failure::refused(
        Exit::Failure,
        format!("token {id} was made, and its text was lost on the way"),
        "the first answer did not arrive, and a token is shown once",
        format!("`regent token revoke {id}`, and make another one"),
    )
}

async fn list(session: &Session) -> Result<(), Failure> {
    let call = Call {
        query: vec![("limit".to_owned(), SHOWN_MAX.to_string())],
        ..Call::get(path::of(COLLECTION, &[])?)
    };
    let answer = session.client.call(&call).await?;
    session.format.show(&answer.body, |body| {
        let rows = body["items"].as_array().map_or(&[][..], Vec::as_slice);
        table::of_items_narrow(rows, &COLUMNS, true, "id")
    });
    if answer.body["next"].is_string() {
        tell(&format!(
            "there are more than {SHOWN_MAX}: `regent api GET /v1/rack-tokens` shows all"
        ));
    }
    Ok(())
}
