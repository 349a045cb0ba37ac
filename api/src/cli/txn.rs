//! `regent txn`: several changes as one, written down in a file as the API takes them.

use crate::cli::arguments::Transaction;
use crate::cli::client::Call;
use crate::cli::document;
use crate::cli::exit::Exit;
use crate::cli::failure::Failure;
use crate::cli::session::Session;
use crate::cli::table;
use reqwest::Method;
use serde_json::Value;

/// Sends the transaction and shows what each step came to.
///
/// # Errors
/// [`Failure`].
pub async fn run(typed: &Transaction, session: &Session) -> Result<Exit, Failure> {
    let body = document::of(&typed.file)?;
    let write = Call::write(Method::POST, "/v1/txn", Some(body));
    let mut call = Call { query: typed.write.query(), ..write };
    if let Some(key) = &typed.write.idempotency_key {
        call.key = Some(key.clone());
    }
    let answer = session.client.call(&call).await?;
    session.format.show(&answer.body, |body| told(body, typed.write.dry_run));
    Ok(Exit::Ok)
}

fn told(body: &Value, dry_run: bool) -> String {
    let branch = table::cell(body.get("branch"));
    let verb = if dry_run { "would be done" } else { "was done" };
    let results = body["results"].as_array().map(Vec::as_slice).unwrap_or_default();
    let header = ["STEP", "OP", "OBJECT"].map(str::to_owned).to_vec();
    let row = |(number, result): (usize, &Value)| {
        vec![number.to_string(), table::cell(result.get("op")), object(result)]
    };
    let rows: Vec<_> = std::iter::once(header).chain(results.iter().enumerate().map(row)).collect();
    format!("`{branch}` {verb}\n{}", table::aligned(&rows))
}

/// What a step was about: a path, or the addresses it took.
fn object(result: &Value) -> String {
    match result["items"].as_array() {
        Some(taken) => {
            let address = |item: &Value| table::cell(item.get("ip"));
            taken.iter().map(address).collect::<Vec<_>>().join(", ")
        }
        None => table::cell(result.get("path").or(result.get("id"))),
    }
}

#[cfg(test)]
mod tests {
    use super::told;
    use serde_json::json;

    #[test]
    fn each_step_is_a_line_with_what_it_made() {
        let body = json!({ "branch": "then", "revision": 9, "results": [
            { "op": "create", "id": 5002, "path": "/v1/vlans/5002", "object": {} },
            { "op": "allocate", "items": [{ "ip": "10.0.0.1" }, { "ip": "10.0.0.2" }] },
            { "op": "done" },
        ] });
        let expected = "`then` was done\nSTEP  OP        OBJECT\n0     create    /v1/vlans/5002\n\
                        1     allocate  10.0.0.1, 10.0.0.2\n2     done      -\n";
        assert_eq!(told(&body, false), expected);
    }
}
