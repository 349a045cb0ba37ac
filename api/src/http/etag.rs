//! Entity tags: the epoch, the revision, and a mark of what else an answer shows.
//!
//! An object's answer also shows what other objects say (a machine its domain's name), which the object's own
//! revision does not follow. So the tag ends with a mark of the whole answer: a client never keeps an old one. As
//! `If-Match` only epoch and revision count: they say which state of the object the client means.

use regent_core::revision::Revision;
use sha2::{Digest as _, Sha256};

/// An entity tag as it comes back from a client.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ETag {
    /// The epoch it was given out in.
    pub epoch: u64,
    /// The revision that had changed the object last.
    pub revision: Revision,
}

impl ETag {
    /// Reads `"epoch-revision"` or `"epoch-revision-mark"`.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let mut parts = text.strip_prefix('"')?.strip_suffix('"')?.splitn(3, '-');
        let (epoch, revision) = (number(parts.next()?)?, number(parts.next()?)?);
        let marked = parts.next().is_none_or(|mark| mark.bytes().all(|b| b.is_ascii_hexdigit()));
        marked.then_some(Self { epoch, revision: Revision(revision) })
    }
}

fn number(digits: &str) -> Option<u64> {
    digits.bytes().all(|byte| byte.is_ascii_digit()).then(|| digits.parse().ok())?
}

/// The tag of an answer about one object.
#[must_use]
pub fn of_object(epoch: u64, revision: u64, answer: &[u8]) -> String {
    let hash = Sha256::digest(answer);
    let mark = hash.first_chunk().copied().map_or(0, u32::from_be_bytes);
    format!("\"{epoch}-{revision}-{mark:08x}\"")
}

/// The tag of a list made at this revision.
#[must_use]
pub fn of_list(epoch: u64, revision: u64) -> String {
    format!("W/\"{epoch}-{revision}\"")
}

/// Whether a list of tags, as in `If-None-Match`, has this one (weak comparison, RFC 9110 section 8.8.3.2).
#[must_use]
pub fn parse_list(tags: &str, wanted: &str) -> bool {
    let bare = |tag: &str| tag.trim().trim_start_matches("W/").to_owned();
    tags.trim() == "*" || tags.split(',').any(|tag| bare(tag) == bare(wanted))
}

#[cfg(test)]
mod tests {
    use super::{ETag, of_list, of_object, parse_list};
    use regent_core::revision::Revision;

    #[test]
    fn tags_come_back_with_or_without_their_mark() {
        let wanted = Some(ETag { epoch: 0, revision: Revision(12) });
        assert_eq!(ETag::parse(&of_object(0, 12, b"answer")), wanted);
        assert_eq!(ETag::parse("\"0-12\""), wanted);
        for wrong in ["0-12", "\"12\"", "\"0-x\"", "W/\"0-12\"", "\"0-+1\"", "\"0-12-zz\""] {
            assert_eq!(ETag::parse(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn answers_that_differ_have_tags_that_differ() {
        assert_ne!(of_object(0, 12, b"a"), of_object(0, 12, b"b"));
    }

    #[test]
    fn one_of_several_tags_is_enough() {
        assert!(parse_list("\"x\", W/\"0-3\"", &of_list(0, 3)));
        assert!(parse_list("*", &of_list(0, 3)));
        assert!(!parse_list("\"0-33\"", &of_list(0, 3)));
    }
}
