//! What is remembered of terms that change: how long something may have been granted for.

use crate::apply::draft::Draft;
use crate::query::terms::longest_terms_of;
use crate::state::meta::LongestTerms;

/// Remembers the terms of now, before they become others.
pub(in crate::apply) fn remember(draft: &mut Draft) {
    let longest = longest_terms_of(draft.state());
    let (life, autonomy, block_term) = (longest.life, longest.autonomy, longest.block_term);
    draft.state_mut().meta_mut().longest_terms = LongestTerms { life, autonomy, block_term };
}
