//! Lists in pages: keyset, so that a page costs the same wherever it is and nothing is seen twice.

use crate::http::problem::Problem;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

/// Items of a page unless asked otherwise.
pub const LIMIT_DEFAULT: usize = 100;
/// Items of a page at most.
pub const LIMIT_MAX: usize = 1000;

/// Which page.
#[derive(Clone, Debug, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct PageParameters {
    /// How many items, 100 if absent, at most 1000.
    pub limit: Option<usize>,
    /// Where the page before this one ended: its `next`.
    pub cursor: Option<String>,
}

/// One page of a list.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct Page<T> {
    /// The items.
    pub items: Vec<T>,
    /// The cursor of the next page; absent on the last.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub next: Option<String>,
    /// Revision of the state the page was made from.
    pub revision: u64,
}

impl PageParameters {
    /// How many items.
    ///
    /// # Errors
    /// [`Problem`] outside 1 to 1000.
    pub fn limit(&self) -> Result<usize, Problem> {
        match self.limit.unwrap_or(LIMIT_DEFAULT) {
            limit @ 1..=LIMIT_MAX => Ok(limit),
            limit => {
                Err(Problem::invalid("limit", format!("{limit} is not between 1 and {LIMIT_MAX}")))
            }
        }
    }

    /// The id the page begins after.
    ///
    /// # Errors
    /// [`Problem`] if the cursor is not one of ours.
    pub fn after(&self) -> Result<Option<u32>, Problem> {
        let Some(cursor) = &self.cursor else { return Ok(None) };
        let id = cursor.strip_prefix("id-").and_then(|id| id.parse().ok());
        id.map(Some).ok_or_else(|| Problem::invalid("cursor", "is not one this API gave out"))
    }
}

/// The cursor of a page that ended with `id`.
#[must_use]
pub fn cursor_after(id: u32) -> String {
    format!("id-{id}")
}
