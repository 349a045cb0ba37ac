//! When an import is dropped. Its pieces are found through it.

use crate::model::import::{Import, ImportChunk, ImportChunkId, ImportId, Stage};
use crate::state::deadline::Deadline;
use crate::state::index::{Indexed, Listing};

impl Indexed<ImportId> for Import {
    fn index(&self, id: &ImportId, listing: &mut Listing<'_>) {
        match self.stage {
            Stage::Collecting { expires, .. } => {
                let due = Deadline::Import(id.clone());
                listing.entry(|indexes| &mut indexes.deadlines, expires, due);
            }
            Stage::Committed { .. } => {}
        }
    }
}

impl Indexed<ImportChunkId> for ImportChunk {
    fn index(&self, _: &ImportChunkId, _: &mut Listing<'_>) {}
}
