//! What happened.

use crate::cli::nouns::collection::{EVENT_LOG, NODES, USERS};
use crate::cli::nouns::noun::{Means, Noun, Writes};

/// These nouns.
pub const NOUNS: &[Noun] = &[Noun {
    name: "event-record",
    collection: EVENT_LOG,
    about: "The event log: what happened to nodes and was done by people",
    known_by: "number",
    columns: &["id", "happened", "event_type", "node_hostname", "username", "description"],
    fields: &[("node", Means::One(NODES)), ("user", Means::One(USERS))],
    writes: Writes::None,
    actions: &[],
    examples: &["event-record ls --filter node=node-01.lab.test --sort -id --limit 20"],
}];
