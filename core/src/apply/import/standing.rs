//! Which imports there are.

use crate::model::import::{Import, ImportId, Stage};
use crate::state::State;

/// The import under way. The table holds two rows at most: that one and the last that was committed.
pub(in crate::apply::import) fn collecting(state: &State) -> Option<&ImportId> {
    let under_way = |import: &Import| matches!(import.stage, Stage::Collecting { .. });
    state.tables().imports.iter().find(|(_, row)| under_way(&row.value)).map(|(id, _)| id)
}

/// The import that made the site what it is, or from which it went on.
pub(in crate::apply::import) fn committed(state: &State) -> Option<(&ImportId, &Import)> {
    let done = |import: &Import| matches!(import.stage, Stage::Committed { .. });
    let mut imports = state.tables().imports.iter();
    imports.find(|(_, row)| done(&row.value)).map(|(id, row)| (id, &row.value))
}
