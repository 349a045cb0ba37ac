//! `/v1/fabrics`.

use crate::http::nouns::edits::edits;
use crate::http::resource::{Field, Resource, field};
use regent_core::command::Command;
use regent_core::command::fabric::FabricPatch;
use regent_core::model::fabric::Fabric;

/// Fabrics over HTTP.
pub struct Fabrics;

impl Resource for Fabrics {
    type Stored = Fabric;
    type Draft = FabricPatch;
    const PATH: &'static str = "fabrics";
    const SINGULAR: &'static str = "fabric";
    const ABOUT: &'static str = "A fabric: switches that share VLANs.";
    const FIELDS: &'static [Field<Self>] = &[
        field!(name: String, "Its name; unique. `fabric-ID` if none is given."),
        field!(class_type: Option<String>, "What sort of network it is, for machine constraints."),
        field!(description: String, "Free text for people."),
    ];

    edits!(Command::Fabric, |_| {
        Ok(Fabric { name: String::new(), class_type: None, description: String::new() })
    });
}
