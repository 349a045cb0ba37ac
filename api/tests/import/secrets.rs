//! What a region keeps and never shows, held against the expected facts in the state itself.
//!
//! That every node of a region has the same follows from the digest of the rows, which each node checks before it
//! takes them, and from the nodes' own digests.

use crate::expected::Expected;
use regent_core::id::BmcId;
use regent_core::model::api_token::{ApiToken, TOKEN_SECRET};
use regent_core::model::bmc::Bmc;
use regent_core::model::secret::{Secret, SecretKey};
use regent_core::model::user::{PASSWORD_SECRET, User};
use regent_core::object::ObjectRef;
use regent_core::state::State;
use regent_core::state::tables::Stored;
use serde_json::{Map, Value as Json, json};

/// Every API key, password and BMC secret among the facts; tells how many there were.
pub(crate) fn check(state: &State, facts: &Expected) -> usize {
    let of_kind = |kind: &'static str| facts.all().filter(move |fact| fact["kind"] == kind);
    of_kind("api_token").for_each(|fact| check_token(state, fact));
    of_kind("bmc").for_each(|fact| check_bmc(state, fact));
    of_kind("api_token").count() + of_kind("bmc").count()
}

fn secret(state: &State, owner: ObjectRef, name: &str) -> Option<String> {
    let key = SecretKey { owner, name: name.to_owned() };
    state.get::<Secret>(&key).map(|row| row.value.reveal().to_owned())
}

fn check_token(state: &State, fact: &Json) {
    let mut parts = fact["api_key"].as_str().expect("an API key").split(':');
    let [consumer, key, signing] = [(); 3].map(|()| parts.next().expect("a part"));
    let id = state.indexes().tokens_by_key.first_under(&key.to_owned()).expect("the token");
    let token = &state.get::<ApiToken>(id).expect("indexed").value;
    assert_eq!((consumer, &fact["token_name"]), (token.consumer_key.as_str(), &json!(token.name)));
    let found = secret(state, ApiToken::object(id), TOKEN_SECRET);
    assert_eq!(found.as_deref(), Some(signing), "the secret of {}", token.name);
    let hash = secret(state, User::object(&token.user), PASSWORD_SECRET).expect("a hash");
    assert_eq!(fact["password_usable"], !hash.starts_with('!'));
}

fn check_bmc(state: &State, fact: &Json) {
    let id = u32::try_from(fact["id"].as_u64().expect("an id")).expect("a small one");
    let owner = Bmc::object(&BmcId(id));
    let secrets = state.tables().secrets.iter().filter(|(key, _)| key.owner == owner);
    let secrets: Map<String, Json> =
        secrets.map(|(key, row)| (key.name.clone(), json!(row.value.reveal()))).collect();
    let none = Map::new();
    assert_eq!(fact["secret_parameters"].as_object().unwrap_or(&none), &secrets, "of {owner}");
}
