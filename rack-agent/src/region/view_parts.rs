//! Parts of a change of the view, joined until the last one has come: then it is brought in force at once.
//!
//! Not there yet: nothing reads a view, so none is ever complete.

use regent_core::rack_view::change::ViewChange;
use regent_proto::malformed::Malformed;
use regent_proto::rack;

/// The parts that have come.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ViewParts {
    last: Option<rack::View>,
}

impl ViewParts {
    /// Adds a part. The change, if it was the last.
    ///
    /// # Errors
    /// A part that does not fit to the ones before.
    pub fn join(&mut self, part: rack::View) -> Result<Option<Box<ViewChange>>, Malformed> {
        self.last = Some(part);
        Ok(None)
    }
}
