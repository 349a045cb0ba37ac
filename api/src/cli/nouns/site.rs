//! How a site is divided, who uses it, how it is set.

use crate::cli::nouns::collection::{CONFIG, POOLS, TAGS, USERS, ZONES};
use crate::cli::nouns::noun::{Noun, Writes};

/// These nouns.
pub const NOUNS: &[Noun] = &[
    Noun {
        name: "zone",
        collection: ZONES,
        about: "Availability zones: machines that fail together",
        known_by: "name or number",
        columns: &["id", "name", "description"],
        fields: &[],
        writes: Writes::All,
        actions: &[],
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
