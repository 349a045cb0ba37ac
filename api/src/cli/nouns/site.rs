//! How a site is divided, who uses it, how it is set.

use crate::cli::nouns::collection::{API_TOKENS, CONFIG, POOLS, TAGS, USERS, ZONES};
use crate::cli::nouns::noun::{Action, Means, Noun, Writes};

/// These nouns.
pub const NOUNS: &[Noun] = &[
    Noun {
        name: "zone",
        collection: ZONES,
        about: "Availability zones: machines that fail together",
        known_by: "name or number",
        columns: &["id", "name", "is_default", "description"],
        fields: &[],
        writes: Writes::All,
        actions: &[Action::post(
            "set-default",
            "Put new machines that name no zone in it",
            "/v1/zones/{id}/actions/set_default",
        )],
        examples: &["zone create name=hall-2"],
    },
    Noun {
        name: "pool",
        collection: POOLS,
        about: "Resource pools: machines that are given out together",
        known_by: "name or number",
        columns: &["id", "name", "description"],
        fields: &[],
        writes: Writes::All,
        actions: &[],
        examples: &["pool create name=ci description='build machines'"],
    },
    Noun {
        name: "tag",
        collection: TAGS,
        about: "Tags: words that machines carry",
        known_by: "name or number",
        columns: &["id", "name", "kernel_opts", "comment"],
        fields: &[],
        writes: Writes::All,
        actions: &[],
        examples: &["tag create name=gpu", "machine ls --filter tags=gpu"],
    },
    Noun {
        name: "user",
        collection: USERS,
        about: "Users as recorded",
        known_by: "name or number",
        columns: &["id", "username", "last_name", "email", "is_superuser", "is_active"],
        fields: &[],
        writes: Writes::All,
        actions: &[],
        examples: &["user create username=ada email=ada@example.org"],
    },
    Noun {
        name: "api-token",
        collection: API_TOKENS,
        about: "API tokens of users; their text is shown once, when they are made",
        known_by: "number",
        columns: &["id", "user", "name", "created"],
        fields: &[("user", Means::One(USERS))],
        writes: Writes::All,
        actions: &[],
        examples: &["api-token create user=ada name=laptop", "api-token ls --filter user=ada"],
    },
    Noun {
        name: "setting",
        collection: CONFIG,
        about: "Settings of the site, by MAAS's names",
        known_by: "name",
        columns: &["name", "value"],
        fields: &[],
        writes: Writes::All,
        actions: &[],
        examples: &["setting create name=upstream_dns value=10.0.0.2"],
    },
];
