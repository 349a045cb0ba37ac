//! `/v1/tags`.

use crate::http::nouns::edits::edits;
use crate::http::resource::{Field, Resource, field};
use regent_core::command::Command;
use regent_core::command::tag::TagPatch;
use regent_core::model::tag::Tag;

/// Tags over HTTP.
pub struct Tags;

impl Resource for Tags {
    type Stored = Tag;
    type Draft = TagPatch;
    const PATH: &'static str = "tags";
    const SINGULAR: &'static str = "tag";
    const ABOUT: &'static str = "A tag: a word that nodes carry.";
    const FIELDS: &'static [Field<Self>] = &[
        field!(required name: String, "Its name; unique."),
        field!(definition: String, "XPath over the hardware description of the nodes that shall carry it. Recorded, not evaluated."),
        field!(comment: String, "Free text for people."),
        field!(kernel_opts: String, "Kernel options of its nodes."),
    ];

    edits!(Command::Tag, |_| {
        let empty = String::new;
        Ok(Tag { name: empty(), definition: empty(), comment: empty(), kernel_opts: empty() })
    });
}
