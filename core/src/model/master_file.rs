//! The words of record data in zone files (RFC 1035 5.1): plain words, quoted strings and escapes.
//!
//! One record's data at a time: no directives, no comments and no parentheses over several lines. A
//! semicolon or parenthesis outside quotes is refused rather than guessed at, since a zone file
//! would cut the record short there.

use crate::model::dns_name_text::unescape;
use std::fmt;

/// One word of record data, escapes not yet resolved.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Word<'a> {
    /// What stands between the spaces, or between the quotes.
    pub text: &'a str,
    /// Whether it stood in quotes.
    pub quoted: bool,
    /// Where it begins, counted in octets from 1 (the quote, if there is one).
    pub column: usize,
}

/// Why a text does not fall into words. Columns count octets from 1.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum WordError {
    /// A quote without its partner.
    #[error("quote is not closed")]
    UnclosedQuote {
        /// Where it opens.
        column: usize,
    },
    /// A backslash followed by neither three digits up to 255 nor one other printable character.
    #[error("escape is neither \\DDD up to 255 nor \\ and a character")]
    Escape {
        /// Where the backslash stands.
        column: usize,
    },
    /// A character with another meaning in zone files, or one that cannot be printed.
    #[error("character {character:?} must be quoted or escaped")]
    Character {
        /// The character.
        character: char,
        /// Where it stands.
        column: usize,
    },
}

impl WordError {
    /// Where it went wrong, counted in octets from 1.
    #[must_use]
    pub const fn column(self) -> usize {
        match self {
            Self::UnclosedQuote { column }
            | Self::Escape { column }
            | Self::Character { column, .. } => column,
        }
    }
}

/// Takes record data apart, word by word.
#[derive(Clone, Debug)]
pub struct Words<'a> {
    text: &'a str,
    rest: &'a str,
}

impl<'a> Words<'a> {
    /// The words of `text`.
    #[must_use]
    pub const fn of(text: &'a str) -> Self {
        Self { text, rest: text }
    }

    /// Where the next word begins or the text ends, counted in octets from 1.
    #[must_use]
    pub fn column(&self) -> usize {
        self.text.len() - self.rest.trim_start_matches(is_blank).len() + 1
    }

    fn word(&mut self) -> Result<Option<Word<'a>>, WordError> {
        let column = self.column();
        let start = self.rest.trim_start_matches(is_blank);
        if start.is_empty() {
            self.rest = start;
            return Ok(None);
        }
        let (body, quoted) = match start.strip_prefix('"') {
            Some(body) => (body, true),
            None => (start, false),
        };
        let first = column + usize::from(quoted);
        let octets = if quoted {
            quoted_octets(body, first)?.ok_or(WordError::UnclosedQuote { column })?
        } else {
            plain_octets(body, first)?
        };
        let (text, after) = body.split_at(octets);
        self.rest = if quoted { after.strip_prefix('"').unwrap_or(after) } else { after };
        Ok(Some(Word { text, quoted, column }))
    }
}

impl<'a> Iterator for Words<'a> {
    type Item = Result<Word<'a>, WordError>;

    /// The next word; after an error nothing more comes.
    fn next(&mut self) -> Option<Self::Item> {
        let word = self.word();
        if word.is_err() {
            self.rest = "";
        }
        word.transpose()
    }
}

impl Word<'_> {
    /// The octets the word stands for, escapes resolved.
    ///
    /// # Errors
    /// An escape that stands for nothing.
    pub fn octets(&self) -> Result<Vec<u8>, WordError> {
        let first = self.column + usize::from(self.quoted);
        let mut octets = Vec::with_capacity(self.text.len());
        let mut rest = self.text;
        while let Some((plain, escape)) = rest.split_once('\\') {
            octets.extend_from_slice(plain.as_bytes());
            let column = first + self.text.len() - escape.len() - 1;
            let (octet, after) = unescape(escape).ok_or(WordError::Escape { column })?;
            octets.push(octet);
            rest = after;
        }
        octets.extend_from_slice(rest.as_bytes());
        Ok(octets)
    }
}

/// Writes octets as a quoted string that [`Words`] reads back.
pub(crate) fn write_quoted(f: &mut fmt::Formatter<'_>, octets: &[u8]) -> fmt::Result {
    f.write_str("\"")?;
    for octet in octets {
        match octet {
            b'"' | b'\\' => write!(f, "\\{}", char::from(*octet))?,
            b' '..=b'~' => write!(f, "{}", char::from(*octet))?,
            _ => write!(f, "\\{octet:03}")?,
        }
    }
    f.write_str("\"")
}

const fn is_blank(character: char) -> bool {
    matches!(character, ' ' | '\t')
}

/// How many octets precede the closing quote; None if there is none.
fn quoted_octets(body: &str, first: usize) -> Result<Option<usize>, WordError> {
    let mut escaped = false;
    for (at, character) in body.char_indices() {
        if character.is_control() {
            return Err(WordError::Character { character, column: first + at });
        }
        match character {
            _ if escaped => escaped = false,
            '\\' => escaped = true,
            '"' => return Ok(Some(at)),
            _ => {}
        }
    }
    Ok(None)
}

/// How many octets belong to the plain word at the start.
fn plain_octets(body: &str, first: usize) -> Result<usize, WordError> {
    let mut escaped = false;
    for (at, character) in body.char_indices() {
        let reserved = matches!(character, '(' | ')' | ';');
        match character {
            _ if character.is_control() && !is_blank(character) => {
                return Err(WordError::Character { character, column: first + at });
            }
            _ if escaped => escaped = false,
            '\\' => escaped = true,
            '"' => return Ok(at),
            _ if is_blank(character) => return Ok(at),
            _ if reserved => return Err(WordError::Character { character, column: first + at }),
            _ => {}
        }
    }
    Ok(body.len())
}

#[cfg(test)]
mod tests {
    use super::{Word, WordError, Words};

    fn words(text: &str) -> Vec<Word<'_>> {
        Words::of(text).collect::<Result<_, _>>().expect("words")
    }

    #[test]
    fn blanks_part_words_and_quotes_hold_them_together() {
        let found = words(" 0 issue\t\"ca; policy\" ");
        let expected = [(2, "0", false), (4, "issue", false), (10, "ca; policy", true)];
        let expected = expected.map(|(column, text, quoted)| Word { text, quoted, column });
        assert_eq!(found, expected);
        assert_eq!(words("  "), []);
        assert_eq!(words("\"a\"\"b\"c").len(), 3);
    }

    #[test]
    fn escapes_stand_for_octets() {
        let octets = |text| words(text).first().map(|word| word.octets());
        assert_eq!(octets("\"say \\\"hi\\\"\""), Some(Ok(b"say \"hi\"".to_vec())));
        assert_eq!(octets("C:\\\\path"), Some(Ok(b"C:\\path".to_vec())));
        assert_eq!(octets("\"\\000\\255\""), Some(Ok(vec![0, 255])));
        assert_eq!(octets("a\\ b"), Some(Ok(b"a b".to_vec())));
        assert_eq!(octets("\"grüß\""), Some(Ok("grüß".as_bytes().to_vec())));
        assert_eq!(octets("\"a\\256\""), Some(Err(WordError::Escape { column: 3 })));
        assert_eq!(octets("a\\1"), Some(Err(WordError::Escape { column: 2 })));
    }

    #[test]
    fn what_a_zone_file_would_cut_is_refused() {
        for (text, error) in [
            ("v=DKIM1; k=rsa", WordError::Character { character: ';', column: 8 }),
            ("a (b)", WordError::Character { character: '(', column: 3 }),
            ("\"a\nb\"", WordError::Character { character: '\n', column: 3 }),
            ("a\nb", WordError::Character { character: '\n', column: 2 }),
            ("x \"open", WordError::UnclosedQuote { column: 3 }),
            ("\"open\\\"", WordError::UnclosedQuote { column: 1 }),
        ] {
            let found = Words::of(text).find_map(Result::err);
            assert_eq!(found, Some(error), "{text}");
        }
    }

    #[test]
    fn nothing_comes_after_an_error() {
        let mut words = Words::of("a ( b");
        assert!(words.by_ref().any(|word| word.is_err()));
        assert_eq!(words.next(), None);
    }
}
