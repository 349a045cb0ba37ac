//! The text of a rack token: one word that a person can paste, and all that a machine needs to become a rack by it.
//!
//! `regent-rack-1.` and hexadecimal digits, which no shell, terminal or mail changes. They are the sealed form of what the
//! token says, so that a word that lost a part of itself is told from one that is good no more.

use crate::codec;
use crate::model::secret_digest::SecretDigest;
use serde::{Deserialize, Serialize};
use std::fmt;

/// Octets of a token's secret.
pub const RACK_TOKEN_SECRET_BYTES: usize = 32;
/// Nodes that one token names.
pub const RACK_TOKEN_NODES_MAX: usize = 16;
/// Octets of a token's text.
pub const RACK_TOKEN_TEXT_BYTES_MAX: usize = 8 << 10;

/// What every version begins with.
const FAMILY: &str = "regent-rack-";
/// What this version goes on with.
const VERSION: &str = "1.";

/// What a token says.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RackTokenText {
    /// The cluster that made it. Nobody else is told the secret.
    pub cluster_id: String,
    /// Where nodes of that cluster are reached, HOST:PORT of their API: [`RACK_TOKEN_NODES_MAX`] at the most.
    pub nodes: Vec<String>,
    /// What makes it good. Drawn by chance, and shown once.
    pub secret: [u8; RACK_TOKEN_SECRET_BYTES],
}

/// Why a text is no token for a rack. It may be a part of one, so that nothing of it is repeated here.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum RackTokenTextError {
    /// It is something else.
    #[error("a token for a rack begins with {FAMILY:?}")]
    Foreign,
    /// It is one of a version that this program does not know.
    #[error(
        "the token is of another version than {VERSION:?}: this program is too old for it, or too new"
    )]
    Version,
    /// It lost something on its way here, or was changed.
    #[error("the token is damaged: something of it was left out or changed when it was copied")]
    Damaged,
}

impl RackTokenText {
    /// The digest by which the state knows the token.
    #[must_use]
    pub fn digest(&self) -> SecretDigest {
        SecretDigest::of(&self.secret)
    }

    /// The word itself. Whoever sees it can become a rack.
    #[must_use]
    pub fn reveal(&self) -> String {
        let digits = codec::seal(self).into_iter().map(|octet| format!("{octet:02x}"));
        format!("{FAMILY}{VERSION}{}", digits.collect::<String>())
    }

    /// Reads the word as somebody pasted it, with space around it perhaps.
    ///
    /// # Errors
    /// [`RackTokenTextError`].
    pub fn parse(text: &str) -> Result<Self, RackTokenTextError> {
        let text = text.trim();
        let rest = text.strip_prefix(FAMILY).ok_or(RackTokenTextError::Foreign)?;
        let digits = rest.strip_prefix(VERSION).ok_or(RackTokenTextError::Version)?;
        if text.len() > RACK_TOKEN_TEXT_BYTES_MAX {
            return Err(RackTokenTextError::Damaged);
        }
        let sealed = octets(digits).ok_or(RackTokenTextError::Damaged)?;
        let token: Self = codec::open(&sealed).map_err(|_| RackTokenTextError::Damaged)?;
        let is_bounded = token.nodes.len() <= RACK_TOKEN_NODES_MAX;
        if is_bounded { Ok(token) } else { Err(RackTokenTextError::Damaged) }
    }
}

impl fmt::Debug for RackTokenText {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RackTokenText")
            .field("cluster_id", &self.cluster_id)
            .field("nodes", &self.nodes)
            .finish_non_exhaustive()
    }
}

/// The octets that hexadecimal digits stand for.
fn octets(digits: &str) -> Option<Vec<u8>> {
    let pairs = digits.as_bytes().chunks(2);
    pairs
        .map(|pair| match pair {
            [high, low] => Some(digit(*high)? << 4 | digit(*low)?),
            [] | [_] | [_, _, _, ..] => None,
        })
        .collect()
}

fn digit(digit: u8) -> Option<u8> {
    char::from(digit).to_digit(16).and_then(|value| u8::try_from(value).ok())
}

#[cfg(test)]
mod tests {
    use super::{RACK_TOKEN_TEXT_BYTES_MAX, RackTokenText, RackTokenTextError};

    fn token() -> RackTokenText {
        let nodes = vec!["10.0.0.1:7440".to_owned(), "[2001:db8::1]:7440".to_owned()];
        RackTokenText { cluster_id: "c0ffee".into(), nodes, secret: [0xA7; 32] }
    }

    #[test]
    fn token_is_one_word_and_reads_back_as_what_it_says() {
        let text = token().reveal();
        assert!(text.starts_with("regent-rack-1."), "{text}");
        assert!(!text.contains(char::is_whitespace));
        assert_eq!(RackTokenText::parse(&text), Ok(token()));
        assert_eq!(RackTokenText::parse(&format!("  {text}\r\n")), Ok(token()));
        assert_eq!(RackTokenText::parse(&text.to_uppercase()), Err(RackTokenTextError::Foreign));
    }

    #[test]
    fn token_that_lost_or_changed_any_of_its_characters_is_damaged() {
        let text = token().reveal();
        let start = "regent-rack-1.".len();
        for at in start..text.len() {
            let other = if text.as_bytes()[at] == b'0' { "1" } else { "0" };
            let changed = [&text[..at], other, &text[at + 1..]].concat();
            let lost = [&text[..at], &text[at + 1..]].concat();
            for wrong in [&text[..at], &changed, &lost] {
                let damaged = Err(RackTokenTextError::Damaged);
                assert_eq!(RackTokenText::parse(wrong), damaged, "{wrong}");
            }
        }
    }

    #[test]
    fn what_is_no_token_or_one_of_another_version_is_told() {
        for foreign in ["", "regent", "CkA:TkA:TsA", "regent-node-1.00"] {
            assert_eq!(
                RackTokenText::parse(foreign),
                Err(RackTokenTextError::Foreign),
                "{foreign}"
            );
        }
        for other in ["regent-rack-", "regent-rack-1", "regent-rack-2.00", "regent-rack-10.00"] {
            assert_eq!(RackTokenText::parse(other), Err(RackTokenTextError::Version), "{other}");
        }
        let text = token().reveal();
        let long = "0".repeat(RACK_TOKEN_TEXT_BYTES_MAX);
        for wrong in [format!("{text}00"), format!("{text}é"), format!("regent-rack-1.{long}")] {
            assert_eq!(RackTokenText::parse(&wrong), Err(RackTokenTextError::Damaged), "{wrong}");
        }
    }

    #[test]
    fn more_nodes_than_a_token_may_name_are_not_believed() {
        let many = RackTokenText { nodes: vec!["a:1".into(); 17], ..token() };
        assert_eq!(RackTokenText::parse(&many.reveal()), Err(RackTokenTextError::Damaged));
    }

    #[test]
    fn secret_does_not_show_in_debug_output() {
        assert!(!format!("{:?}", token()).contains("167"));
    }
}
