//! Tags: names are unique; nodes lose a tag that is deleted.

use crate::apply::draft::Draft;
use crate::apply::noun::{Noun, unique};
use crate::apply::text::{NameRule, check_name, check_text};
use crate::id::TagId;
use crate::model::node::Node;
use crate::model::tag::Tag;
use crate::rejection::Rejection;
use crate::state::tables::Stored;

impl Noun for Tag {
    fn checked(draft: &Draft, id: Option<TagId>, tag: Self) -> Result<Self, Rejection> {
        check_name("name", &tag.name, NameRule::Tag)?;
        check_text("definition", &tag.definition)?;
        check_text("comment", &tag.comment)?;
        check_text("kernel_opts", &tag.kernel_opts)?;
        let holders = &draft.state().indexes().tags_by_name;
        unique::<Self, _>("name", holders, &tag.name, id, &tag.name)?;
        Ok(tag)
    }

    fn before_delete(draft: &mut Draft, id: TagId) -> Result<(), Rejection> {
        for node in draft.referring::<Node>(&Self::object(&id))? {
            draft.modify::<Node>(&node, |node| {
                node.tags.remove(&id);
            })?;
        }
        Ok(())
    }
}
