//! Commands about tags.

use crate::command::edit::Edit;
use crate::command::patch::patch;
use crate::id::TagId;
use crate::model::tag::Tag;

/// A change of the tags.
pub type TagCommand = Edit<Tag, TagPatch, TagId>;

patch! {
    /// Changed fields of a tag.
    TagPatch of Tag {
        /// Its name.
        name: String,
        /// XPath of the nodes that shall carry it.
        definition: String,
        /// Free text for people.
        comment: String,
        /// Kernel options of its nodes.
        kernel_opts: String,
    }
}
