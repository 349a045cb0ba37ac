//! Commands about spaces.

use crate::command::edit::Edit;
use crate::command::patch::patch;
use crate::id::SpaceId;
use crate::model::space::Space;

/// A change of the spaces.
pub type SpaceCommand = Edit<Space, SpacePatch, SpaceId>;

patch! {
    /// Changed fields of a space.
    SpacePatch of Space {
        /// Its name.
        name: String,
        /// Free text for people.
        description: String,
    }
}
