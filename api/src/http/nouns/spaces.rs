//! `/v1/spaces`.

use crate::http::nouns::edits::edits;
use crate::http::resource::{Field, Resource, field};
use regent_core::command::Command;
use regent_core::command::space::SpacePatch;
use regent_core::model::space::Space;

/// Spaces over HTTP.
pub struct Spaces;

impl Resource for Spaces {
    type Stored = Space;
    type Draft = SpacePatch;
    const PATH: &'static str = "spaces";
    const SINGULAR: &'static str = "space";
    const ABOUT: &'static str = "A space: VLANs, on any fabric, that may talk to each other.";
    const FIELDS: &'static [Field<Self>] = &[
        field!(name: String, "Its name; unique. `space-ID` if none is given."),
        field!(description: String, "Free text for people."),
    ];

    edits!(Command::Space, |_| { Ok(Space { name: String::new(), description: String::new() }) });
}
