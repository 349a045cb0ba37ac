//! How much of a text or a list comes in. What is cut is told.
//!
//! MAAS bounds what people type; its database and those who write into it directly do not.

use crate::cli::import::mapping::report::{Place, Report};
use regent_core::model::text::TEXT_BYTES_MAX;

/// Bytes of a name: MAAS's have 256 characters at most.
const NAME_BYTES_MAX: usize = 1 << 10;
/// Entries of a list.
const LIST_ITEMS_MAX: usize = 100;

impl Report {
    /// A free text.
    pub fn text(&mut self, place: Place<'_>, field: &str, text: &str) -> String {
        self.cut(place, field, text, TEXT_BYTES_MAX)
    }

    /// A name.
    pub fn name(&mut self, place: Place<'_>, field: &str, text: &str) -> String {
        self.cut(place, field, text, NAME_BYTES_MAX)
    }

    /// A free text that may be missing.
    pub fn optional(
        &mut self,
        place: Place<'_>,
        field: &str,
        text: Option<&String>,
    ) -> Option<String> {
        text.map(|text| self.text(place, field, text))
    }

    /// The beginning of a list.
    pub fn list<'a, T>(&mut self, place: Place<'_>, field: &str, items: &'a [T]) -> &'a [T] {
        if items.len() <= LIST_ITEMS_MAX {
            return items;
        }
        self.note(place, format!("{field} is cut to {LIST_ITEMS_MAX} entries"));
        items.get(..LIST_ITEMS_MAX).unwrap_or(items)
    }

    /// A list of names.
    pub fn names(&mut self, place: Place<'_>, field: &str, items: &[String]) -> Vec<String> {
        let items = self.list(place, field, items);
        items.iter().map(|item| self.name(place, field, item)).collect()
    }

    fn cut(&mut self, place: Place<'_>, field: &str, text: &str, bytes_max: usize) -> String {
        if text.len() <= bytes_max {
            return text.to_owned();
        }
        self.note(place, format!("{field} is cut to {bytes_max} bytes"));
        text.get(..text.floor_char_boundary(bytes_max)).unwrap_or_default().to_owned()
    }
}
