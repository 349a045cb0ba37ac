//! `/v1/zones`.

use crate::http::nouns::edits::edits;
use crate::http::resource::{Field, Resource, field};
use regent_core::command::Command;
use regent_core::command::availability_zone::AvailabilityZonePatch;
use regent_core::model::availability_zone::AvailabilityZone;
use regent_core::model::global_defaults::{GLOBAL_DEFAULTS, GlobalDefaults};

/// Availability zones over HTTP.
pub struct AvailabilityZones;

impl Resource for AvailabilityZones {
    type Stored = AvailabilityZone;
    type Draft = AvailabilityZonePatch;
    const PATH: &'static str = "zones";
    const SINGULAR: &'static str = "zone";
    const ABOUT: &'static str = "An availability zone: machines that fail together.";
    const FIELDS: &'static [Field<Self>] = &[
        field!(required name: String, "Its name; unique."),
        field!(description: String, "Free text for people."),
        Field::<Self>::shown::<bool>(
            "is_default",
            "Whether new nodes that name none are in it.",
            |state, id, _| {
                let defaults = state.get::<GlobalDefaults>(&GLOBAL_DEFAULTS);
                defaults.is_some_and(|row| row.value.zone == *id).into()
            },
        ),
    ];

    edits!(Command::AvailabilityZone, |_| {
        Ok(AvailabilityZone { name: String::new(), description: String::new() })
    });
}
