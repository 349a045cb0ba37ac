//! Where a page ended, so that the next one begins there: opaque to clients, checked when it comes back.

use crate::http::problem::Problem;
use crate::http::sort_key::SortKey;
use crate::problem_kind::ProblemKind;
use regent_core::codec;
use regent_core::object::Key;
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};
use std::fmt::Write as _;

/// Digits of a cursor.
const CURSOR_DIGITS_MAX: usize = 8192;

/// The end of a page.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Cursor {
    /// Of which list, with which filters and in which order.
    pub list: [u8; 8],
    /// The epoch it was made in.
    pub epoch: u64,
    /// Revision of the first page: from there changes can be followed without a gap.
    pub start_revision: u64,
    /// The last object's place in the order, if there is one but the key's.
    pub sort_key: Option<SortKey>,
    /// The last object's key.
    pub key: Key,
}

/// The mark of a list in its cursors.
#[must_use]
pub fn mark(list: &str) -> [u8; 8] {
    let hash = Sha256::digest(list.as_bytes());
    hash.first_chunk().copied().expect("a hash is longer than its mark")
}

impl Cursor {
    /// As clients carry it.
    #[must_use]
    pub fn encode(&self) -> String {
        codec::seal(self).iter().fold(String::new(), |mut digits, byte| {
            write!(digits, "{byte:02x}").expect("texts take everything");
            digits
        })
    }

    /// Back from a client, for the list with this mark.
    ///
    /// # Errors
    /// [`Problem`] if it is none of ours, of another list, or of another epoch.
    pub fn decode(digits: &str, list: [u8; 8], epoch: u64) -> Result<Self, Problem> {
        let foreign = || Problem::invalid("cursor", "is not one this API gave out");
        let bytes = unhex(digits).ok_or_else(foreign)?;
        let cursor: Self = codec::open(&bytes).map_err(|_| foreign())?;
        if cursor.list != list {
            let message = "belongs to a list with other filters or another order";
            return Err(Problem::invalid("cursor", message));
        }
        if cursor.epoch != epoch {
            let detail = format!("the cursor is of epoch {}, this is {epoch}", cursor.epoch);
            return Err(Problem::new(ProblemKind::Compacted, detail));
        }
        Ok(cursor)
    }
}

fn unhex(digits: &str) -> Option<Vec<u8>> {
    let plain = digits.len() <= CURSOR_DIGITS_MAX && digits.bytes().all(|b| b.is_ascii_hexdigit());
    let pairs = digits.as_bytes().chunks_exact(2);
    if !plain || !pairs.remainder().is_empty() {
        return None;
    }
    pairs.map(|pair| u8::from_str_radix(std::str::from_utf8(pair).ok()?, 16).ok()).collect()
}

#[cfg(test)]
mod tests {
    use super::{Cursor, mark};
    use crate::problem_kind::ProblemKind;
    use regent_core::object::Key;

    #[test]
    fn cursor_comes_back_whole_and_only_to_its_own_list_and_epoch() {
        let list = mark("machines");
        let cursor =
            Cursor { list, epoch: 3, start_revision: 9, sort_key: None, key: Key::Number(7) };
        let text = cursor.encode();
        assert_eq!(Cursor::decode(&text, list, 3).unwrap(), cursor);
        let kind = |text: &str, list, epoch| Cursor::decode(text, list, epoch).unwrap_err().kind();
        assert_eq!(kind(&text, mark("devices"), 3), ProblemKind::Invalid);
        assert_eq!(kind(&text, list, 4), ProblemKind::Compacted);
        let flipped = text.replacen('0', "1", 1);
        for damaged in ["", "zz", "0", &flipped, &text[2..]] {
            assert_eq!(kind(damaged, list, 3), ProblemKind::Invalid, "{damaged}");
        }
    }
}
