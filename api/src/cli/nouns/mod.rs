//! The nouns of the command line, one row each, in the order in which help lists them.
//!
//! A new noun of the API is a new row here and nothing else; a test compares the rows with the API's routes.

pub mod collection;
pub mod network;
pub mod nodes;
pub mod noun;
pub mod record;
pub mod resolution;
pub mod site;

use crate::cli::nouns::collection::Collection;
use crate::cli::nouns::noun::Noun;

/// All of them.
pub fn all() -> impl Iterator<Item = &'static Noun> {
    [nodes::NOUNS, network::NOUNS, resolution::NOUNS, site::NOUNS, record::NOUNS]
        .into_iter()
        .flatten()
}

/// The noun of a collection.
#[must_use]
pub fn of(collection: Collection) -> Option<&'static Noun> {
    all().find(|noun| noun.collection == collection)
}

/// The noun typed.
#[must_use]
pub fn find(name: &str) -> Option<&'static Noun> {
    all().find(|noun| noun.name == name)
}
