//! Users with their API tokens, and BMCs: what is shown of them, and that their secrets are not.

use crate::facts::check_fields;
use crate::shown::Shown;
use serde_json::{Value as Json, json};
use std::collections::BTreeSet;

/// Secrets shorter than this may well stand somewhere by chance.
const TELLING_CHARS_MIN: usize = 8;

pub(crate) fn check_token(shown: &Shown, fact: &Json) {
    let user = shown.the_one("users", "username", &fact["username"]);
    let told = json!({ "is_superuser": user["is_superuser"], "is_active": user["is_active"] });
    check_fields(&told, fact);
    let mut tokens = shown.all("api-tokens").filter(|token| token["user"] == user["id"]);
    assert!(tokens.any(|token| token["name"] == fact["token_name"]), "{fact}");
    for part in fact["api_key"].as_str().expect("an API key").split(':') {
        check_hidden(shown, part);
    }
}

pub(crate) fn check_bmc(shown: &Shown, fact: &Json) {
    let bmc = shown.one("bmcs", &fact["id"]);
    let told = json!({
        "power_type": bmc["power_type"],
        "power_parameters": bmc["power_parameters"],
        "address": shown.through("ip-addresses", &bmc["ip_address"], "ip"),
    });
    check_fields(&told, fact);
    let nodes = shown.nodes().filter(|node| node["bmc"] == bmc["id"]);
    let nodes: BTreeSet<&str> = nodes.filter_map(|node| node["system_id"].as_str()).collect();
    let expected = fact["nodes"].as_array().expect("a list of nodes").iter();
    assert_eq!(nodes, expected.filter_map(Json::as_str).collect(), "{fact}");
    let secrets = fact["secret_parameters"].as_object().into_iter().flat_map(|all| all.values());
    secrets.filter_map(Json::as_str).for_each(|secret| check_hidden(shown, secret));
}

fn check_hidden(shown: &Shown, secret: &str) {
    let is_hidden = secret.chars().count() < TELLING_CHARS_MIN || !shown.mentions(secret);
    assert!(is_hidden, "{secret:?} is shown");
}
