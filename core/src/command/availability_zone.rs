//! Commands about availability zones.

use crate::command::edit::Edit;
use crate::command::patch::patch;
use crate::id::AvailabilityZoneId;
use crate::model::availability_zone::AvailabilityZone;

/// A change of the availability zones.
pub type AvailabilityZoneCommand =
    Edit<AvailabilityZone, AvailabilityZonePatch, AvailabilityZoneId>;

patch! {
    /// Changed fields of an availability zone.
    AvailabilityZonePatch of AvailabilityZone {
        /// Its name.
        name: String,
        /// Free text for people.
        description: String,
    }
}
