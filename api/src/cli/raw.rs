//! `regent api METHOD PATH`: any request, so that everything the API can do can be typed.

use crate::cli::arguments::RawRequest;
use crate::cli::client::Call;
use crate::cli::document;
use crate::cli::exit::Exit;
use crate::cli::failure::Failure;
use crate::cli::output::pretty_json;
use crate::cli::session::Session;
use reqwest::Method;
use serde_json::Value;

/// Sends the request and prints what comes back.
///
/// # Errors
/// [`Failure`].
pub async fn run(request: &RawRequest, session: &Session) -> Result<Exit, Failure> {
    let method = request.method.to_ascii_uppercase();
    let method = Method::from_bytes(method.as_bytes())
        .map_err(|_| usage(format!("{method:?} is no method"), "e.g. GET, POST, PATCH, DELETE"))?;
    if !request.path.starts_with('/') {
        let what = format!("{:?} is no path", request.path);
        return Err(usage(what, "paths begin with a slash: regent api GET /v1/machines"));
    }
    let body = request.data.as_deref().map(body).transpose()?;
    let mut call = if method == Method::GET {
        Call { body, ..Call::get(&request.path) }
    } else {
        Call { query: request.write.query(), ..Call::write(method, &request.path, body) }
    };
    call.headers = request.header.iter().map(|header| split(header)).collect::<Result<_, _>>()?;
    if let Some(key) = &request.write.idempotency_key {
        call.key = Some(key.clone());
    }
    let answer = session.client.call(&call).await?;
    session.format.show(&answer.body, |body| match body {
        Value::String(text) => text.clone(),
        Value::Null => String::new(),
        other => pretty_json(other),
    });
    Ok(Exit::Ok)
}

/// The body: JSON as typed, of a file (`@FILE`), of standard input (`-`).
fn body(data: &str) -> Result<Value, Failure> {
    match data.strip_prefix('@') {
        Some(file) => document::of(file),
        None if data == document::INPUT => document::of(data),
        None => document::parse(data),
    }
}

fn split(header: &str) -> Result<(String, String), Failure> {
    let parts = header
        .split_once(':')
        .map(|(name, value)| (name.trim().to_owned(), value.trim().to_owned()));
    parts.ok_or_else(|| usage(format!("{header:?} is no header"), "e.g. -H 'If-Match: \"0-17\"'"))
}

fn usage(what: String, next: &str) -> Failure {
    Failure::refused(Exit::Usage, what, "", next)
}
