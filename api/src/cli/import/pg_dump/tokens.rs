//! The few kinds of token that the statements we read are made of.

use crate::cli::import::pg_dump::event::TableName;
use crate::cli::import::pg_dump::scanner::{continues_word, starts_word};

/// The schema of names that are written without one.
const SCHEMA_DEFAULT: &str = "public";

/// A place in the text of a statement. Each method takes a token and moves on, or leaves the place as it is.
#[derive(Clone, Copy, Debug)]
pub struct Tokens<'a> {
    text: &'a str,
    at: usize,
}

impl<'a> Tokens<'a> {
    /// The tokens of `text` from its start.
    #[must_use]
    pub const fn new(text: &'a str) -> Self {
        Self { text, at: 0 }
    }

    /// Where the next token starts, or a little before.
    #[must_use]
    pub const fn offset(&self) -> usize {
        self.at
    }

    /// Takes `keyword` (lower case) in any case.
    pub fn keyword(&mut self, keyword: &str) -> bool {
        let mut ahead = *self;
        let found = ahead.word().is_some_and(|word| word.eq_ignore_ascii_case(keyword));
        if found {
            *self = ahead;
        }
        found
    }

    /// Takes all of `keywords` in their order, or none.
    pub fn keywords(&mut self, keywords: &[&str]) -> bool {
        let mut ahead = *self;
        let found = keywords.iter().all(|keyword| ahead.keyword(keyword));
        if found {
            *self = ahead;
        }
        found
    }

    /// Takes one character of punctuation.
    pub fn mark(&mut self, mark: u8) -> bool {
        self.space();
        let found = self.rest().first() == Some(&mark);
        self.at += usize::from(found);
        found
    }

    /// Takes an identifier: quoted as it is, else in lower case.
    pub fn name(&mut self) -> Option<String> {
        self.space();
        if self.rest().first() == Some(&b'"') { self.quoted(b'"') } else { self.bare_name() }
    }

    /// Takes `schema.name` or `name`.
    pub fn table(&mut self) -> Option<TableName> {
        let first = self.name()?;
        if !self.mark(b'.') {
            return Some(TableName { schema: SCHEMA_DEFAULT.to_owned(), name: first });
        }
        Some(TableName { schema: first, name: self.name()? })
    }

    /// Takes `(a, "b", c)`.
    pub fn names(&mut self) -> Option<Vec<String>> {
        let mut ahead = *self;
        let mut names = Vec::new();
        if !ahead.mark(b'(') {
            return None;
        }
        loop {
            names.push(ahead.name()?);
            if ahead.mark(b')') {
                *self = ahead;
                return Some(names);
            }
            if !ahead.mark(b',') {
                return None;
            }
        }
    }

    /// Takes a plain text literal.
    pub fn text(&mut self) -> Option<String> {
        self.space();
        if self.rest().first() == Some(&b'\'') { self.quoted(b'\'') } else { None }
    }

    /// Takes a whole number.
    pub fn integer(&mut self) -> Option<i64> {
        self.space();
        let digits = |byte: &u8| byte.is_ascii_digit() || *byte == b'-';
        let length = self.rest().iter().take_while(|byte| digits(byte)).count();
        let number = self.text.get(self.at..self.at + length)?.parse().ok()?;
        self.at += length;
        Some(number)
    }

    /// Steps over one token of any kind, a bracketed group as a whole. False at the end.
    pub fn skip(&mut self) -> bool {
        let mut depth = 0_u32;
        loop {
            self.space();
            let Some(byte) = self.rest().first().copied() else { return false };
            match byte {
                b'(' => {
                    depth = depth.saturating_add(1);
                    self.at += 1;
                }
                b')' => {
                    depth = depth.saturating_sub(1);
                    self.at += 1;
                }
                b'"' | b'\'' => {
                    if self.quoted(byte).is_none() {
                        self.at = self.text.len();
                    }
                }
                _ if self.word().is_some() => {}
                _ => self.at += 1,
            }
            if depth == 0 {
                return true;
            }
        }
    }

    fn rest(&self) -> &'a [u8] {
        self.text.as_bytes().get(self.at..).unwrap_or_default()
    }

    fn space(&mut self) {
        loop {
            self.at += self.rest().iter().take_while(|byte| byte.is_ascii_whitespace()).count();
            if !self.rest().starts_with(b"--") {
                return;
            }
            self.at += self.rest().iter().take_while(|byte| **byte != b'\n').count();
        }
    }

    fn word(&mut self) -> Option<&'a str> {
        self.space();
        let rest = self.rest();
        if !starts_word(*rest.first()?) {
            return None;
        }
        let length = rest.iter().take_while(|byte| continues_word(**byte)).count();
        let word = self.text.get(self.at..self.at + length)?;
        self.at += length;
        Some(word)
    }

    fn bare_name(&mut self) -> Option<String> {
        self.word().map(str::to_ascii_lowercase)
    }

    fn quoted(&mut self, quote: u8) -> Option<String> {
        let quote = char::from(quote);
        let mut taken = String::new();
        let mut characters = self.text.get(self.at + 1..)?.char_indices().peekable();
        while let Some((offset, character)) = characters.next() {
            if character != quote {
                taken.push(character);
            } else if characters.next_if(|(_, next)| *next == quote).is_some() {
                taken.push(quote);
            } else {
                self.at += 1 + offset + 1;
                return Some(taken);
            }
        }
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_folded_unless_quoted() {
        let mut tokens = Tokens::new(r#" Public."Odd ""Name""" (Id, "time", "a,b)") "#);
        let table = tokens.table().expect("a name");
        assert_eq!((table.schema.as_str(), table.name.as_str()), ("public", "Odd \"Name\""));
        assert_eq!(tokens.names().expect("a list"), ["id", "time", "a,b)"]);
    }

    #[test]
    fn a_name_without_schema_is_public() {
        assert_eq!(Tokens::new("t(").table().expect("a name").to_string(), "public.t");
    }

    #[test]
    fn a_list_that_breaks_off_is_none_and_moves_nothing() {
        let mut tokens = Tokens::new("(a, b");
        assert_eq!(tokens.names(), None);
        assert!(tokens.mark(b'('));
    }

    #[test]
    fn skipping_takes_a_group_at_once() {
        let mut tokens = Tokens::new("numeric(10, 2) DEFAULT ')' , x");
        assert!(tokens.skip() && tokens.skip() && tokens.skip() && tokens.skip());
        assert!(tokens.mark(b','), "type, its group, DEFAULT and the text are passed");
    }
}
