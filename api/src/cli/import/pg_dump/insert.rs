//! The values of `INSERT` statements, as far as pg_dump writes them: literals, no expressions.
//!
//! Values come out as `COPY` would write them (after its escapes), so that nobody above sees the difference: `true`
//! becomes `t`, numbers and texts stay, `DEFAULT` (written for generated columns) counts as null.

use crate::cli::import::pg_dump::copy::unescape;
use crate::cli::import::pg_dump::event::Span;
use std::ops::Range;

/// One step through the rows of a statement.
#[derive(Debug, PartialEq, Eq)]
pub enum Tuple {
    /// A row; its decoded text stands in this part of the statement, its spans count from there.
    Row(Range<usize>),
    /// No more rows.
    End,
}

/// Walks over the rows of one statement, decoding each in place.
#[derive(Debug)]
pub struct Tuples {
    at: usize,
    backslash_quotes: bool,
}

impl Tuples {
    /// The rows that begin at `values_at`.
    #[must_use]
    pub const fn new(values_at: usize, backslash_quotes: bool) -> Self {
        Self { at: values_at, backslash_quotes }
    }

    /// Decodes the next row of `statement` into `spans`. `None` if there is something else than literals.
    pub fn next(&mut self, statement: &mut [u8], spans: &mut Vec<Span>) -> Option<Tuple> {
        spans.clear();
        self.space(statement);
        if self.take(statement, b',') {
            self.space(statement);
        }
        if !self.take(statement, b'(') {
            let ends = matches!(statement.get(self.at), None | Some(b';' | b'O' | b'o'));
            return ends.then_some(Tuple::End);
        }
        let start = self.at;
        let mut write = start;
        loop {
            self.space(statement);
            let from = write;
            let is_null = self.literal(statement, &mut write)?;
            spans.push((!is_null).then_some((from - start, write - start)));
            self.space(statement);
            if self.take(statement, b')') {
                return Some(Tuple::Row(start..write));
            }
            if !self.take(statement, b',') {
                return None;
            }
        }
    }

    fn space(&mut self, statement: &[u8]) {
        while statement.get(self.at).is_some_and(u8::is_ascii_whitespace) {
            self.at += 1;
        }
    }

    fn take(&mut self, statement: &[u8], mark: u8) -> bool {
        let found = statement.get(self.at) == Some(&mark);
        self.at += usize::from(found);
        found
    }

    /// Decodes one literal to `write`; true for null. `None` if it is no literal.
    fn literal(&mut self, statement: &mut [u8], write: &mut usize) -> Option<bool> {
        let rest = statement.get(self.at..)?;
        match rest {
            [b'\'', ..] => self.text(statement, write, 1, self.backslash_quotes)?,
            [b'e' | b'E', b'\'', ..] => self.text(statement, write, 2, true)?,
            [b'b' | b'B', b'\'', ..] => self.text(statement, write, 2, false)?,
            _ => {
                let length = rest.iter().take_while(|byte| continues_literal(**byte)).count();
                let literal = bare(&rest[..length])?;
                let is_null = matches!(literal, Bare::Null);
                match literal {
                    Bare::Null => {}
                    Bare::Boolean(letter) => put(statement, write, letter),
                    Bare::Number => {
                        statement.copy_within(self.at..self.at + length, *write);
                        *write += length;
                    }
                }
                self.at += length;
                return Some(is_null);
            }
        }
        Some(false)
    }

    fn text(
        &mut self,
        statement: &mut [u8],
        write: &mut usize,
        opening: usize,
        escapes: bool,
    ) -> Option<()> {
        let mut read = self.at + opening;
        loop {
            let byte = *statement.get(read)?;
            read += 1;
            match byte {
                b'\'' if statement.get(read) == Some(&b'\'') => {
                    put(statement, write, b'\'');
                    read += 1;
                }
                b'\'' => break,
                b'\\' if escapes => match unicode(&statement[read..]) {
                    Some((character, used)) => {
                        for byte in character.encode_utf8(&mut [0; 4]).bytes() {
                            put(statement, write, byte);
                        }
                        read += used;
                    }
                    None => {
                        let (byte, used) = unescape(&statement[read..]);
                        put(statement, write, byte);
                        read += used;
                    }
                },
                plain => put(statement, write, plain),
            }
        }
        self.at = read;
        Some(())
    }
}

fn put(statement: &mut [u8], write: &mut usize, byte: u8) {
    statement[*write] = byte;
    *write += 1;
}

const fn continues_literal(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'-' | b'+')
}

/// A literal without quotes.
enum Bare {
    Null,
    /// As the letter `COPY` writes for it.
    Boolean(u8),
    /// Kept as it is.
    Number,
}

fn bare(literal: &[u8]) -> Option<Bare> {
    let is = |word: &str| literal.eq_ignore_ascii_case(word.as_bytes());
    if is("null") || is("default") {
        return Some(Bare::Null);
    }
    if is("true") {
        return Some(Bare::Boolean(b't'));
    }
    if is("false") {
        return Some(Bare::Boolean(b'f'));
    }
    let is_number = literal.iter().any(u8::is_ascii_digit)
        && literal.iter().all(|byte| byte.is_ascii_digit() || b"+-.eE".contains(byte));
    is_number.then_some(Bare::Number)
}

/// `\uXXXX` and `\UXXXXXXXX` after their backslash, and the bytes they take.
fn unicode(after: &[u8]) -> Option<(char, usize)> {
    let digits = match after.first()? {
        b'u' => 4,
        b'U' => 8,
        _ => return None,
    };
    let text = std::str::from_utf8(after.get(1..=digits)?).ok()?;
    Some((char::from_u32(u32::from_str_radix(text, 16).ok()?)?, 1 + digits))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rows(statement: &str) -> Option<Vec<Vec<Option<String>>>> {
        let mut bytes = statement.as_bytes().to_vec();
        let mut spans = Vec::new();
        let mut tuples = Tuples::new(0, false);
        let mut rows = Vec::new();
        while let Tuple::Row(range) = tuples.next(&mut bytes, &mut spans)? {
            let text = String::from_utf8(bytes[range].to_vec()).expect("UTF-8");
            rows.push(spans.iter().map(|s| s.map(|(a, b)| text[a..b].to_owned())).collect());
        }
        Some(rows)
    }

    fn row(values: &[Option<&str>]) -> Vec<Option<String>> {
        values.iter().map(|value| value.map(str::to_owned)).collect()
    }

    #[test]
    fn literals_come_out_as_copy_writes_them() {
        assert_eq!(
            rows(" (1, -2.5e3, true, FALSE, NULL, 'it''s', '', DEFAULT, B'01');"),
            Some(vec![row(&[
                Some("1"),
                Some("-2.5e3"),
                Some("t"),
                Some("f"),
                None,
                Some("it's"),
                Some(""),
                None,
                Some("01"),
            ])])
        );
    }

    #[test]
    fn several_rows_in_one_statement_are_several_rows() {
        assert_eq!(
            rows("\n\t(1, 'a'),\n\t(2, 'b')\nON CONFLICT DO NOTHING;"),
            Some(vec![row(&[Some("1"), Some("a")]), row(&[Some("2"), Some("b")])])
        );
    }

    #[test]
    fn backslashes_count_only_in_escape_texts() {
        assert_eq!(
            rows("('a\\n', E'a\\n\\'\\\\\\u00e4\\x41', 'two\nlines');"),
            Some(vec![row(&[Some("a\\n"), Some("a\n'\\äA"), Some("two\nlines")])])
        );
    }

    #[test]
    fn expressions_and_broken_rows_are_refused() {
        for statement in ["(now());", "(1", "(1 2);", "(a.b);", "('open);", "(1,);"] {
            assert_eq!(rows(statement), None, "{statement}");
        }
    }
}
