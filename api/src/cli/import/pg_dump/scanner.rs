//! Where a statement ends: the semicolon that stands outside every quote, comment, bracket and routine body.
//!
//! This follows the rules of PostgreSQL's own lexer and of psql, which decides the same question. It does not
//! check that what it passes over is valid SQL.

/// Follows one statement over its lines.
#[derive(Debug)]
pub struct Scanner {
    inside: Inside,
    brackets: u32,
    groups: u64,
    opening: Opening,
    blocks: u32,
    is_blank: bool,
    backslash_quotes: bool,
}

/// What the next byte is part of.
#[derive(Debug)]
enum Inside {
    Code,
    /// `'…'`; with `escapes` a backslash hides the next byte.
    Text {
        escapes: bool,
    },
    /// `"…"`.
    Name,
    /// `$tag$…$tag$`; holds the tag with its dollars.
    Body(Vec<u8>),
    /// `/* … */`, which nests.
    Comment(u32),
}

/// How far the first words are those of `CREATE [OR REPLACE] FUNCTION | PROCEDURE`, whose body may be a bare
/// `BEGIN ATOMIC … END` with semicolons inside.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Opening {
    Start,
    Create,
    CreateOr,
    CreateOrReplace,
    Routine,
    Other,
}

impl Scanner {
    /// A scanner before the first byte of a statement. `backslash_quotes` says that the script has turned
    /// `standard_conforming_strings` off, so that a backslash escapes in every text.
    #[must_use]
    pub const fn new(backslash_quotes: bool) -> Self {
        Self {
            inside: Inside::Code,
            brackets: 0,
            groups: 0,
            opening: Opening::Start,
            blocks: 0,
            is_blank: true,
            backslash_quotes,
        }
    }

    /// Whether nothing but space and complete comments has passed.
    #[must_use]
    pub const fn is_blank(&self) -> bool {
        self.is_blank && matches!(self.inside, Inside::Code)
    }

    /// Outermost pairs of brackets seen: a list of columns and each row of an `INSERT` are one each.
    #[must_use]
    pub const fn groups(&self) -> u64 {
        self.groups
    }

    /// Passes over `line` from `from`. Gives the place after the semicolon that ends the statement, if it is here.
    pub fn feed(&mut self, line: &[u8], from: usize) -> Option<usize> {
        let mut at = from;
        while at < line.len() {
            at = match &mut self.inside {
                Inside::Code => match self.code(line, at) {
                    Step::Ended(end) => return Some(end),
                    Step::Next(next) => next,
                },
                Inside::Text { escapes } => {
                    let escapes = *escapes;
                    self.quoted(line, at, b'\'', escapes)
                }
                Inside::Name => self.quoted(line, at, b'"', false),
                Inside::Body(_) => self.body(line, at),
                Inside::Comment(depth) => match line.get(at..at + 2) {
                    Some(b"/*") => {
                        *depth = depth.saturating_add(1);
                        at + 2
                    }
                    Some(b"*/") => {
                        *depth -= 1;
                        if *depth == 0 {
                            self.inside = Inside::Code;
                        }
                        at + 2
                    }
                    _ => at + 1,
                },
            };
        }
        None
    }

    fn code(&mut self, line: &[u8], at: usize) -> Step {
        let rest = &line[at..];
        if rest[0].is_ascii_whitespace() {
            return Step::Next(at + 1);
        }
        if rest.starts_with(b"--") {
            return Step::Next(line.len());
        }
        if rest.starts_with(b"/*") {
            self.inside = Inside::Comment(1);
            return Step::Next(at + 2);
        }
        self.is_blank = false;
        Step::Next(match rest[0] {
            b';' if self.brackets == 0 && self.blocks == 0 => return Step::Ended(at + 1),
            b'\'' => {
                self.inside = Inside::Text { escapes: self.backslash_quotes };
                at + 1
            }
            b'"' => {
                self.inside = Inside::Name;
                at + 1
            }
            b'(' => {
                self.groups += u64::from(self.brackets == 0);
                self.brackets = self.brackets.saturating_add(1);
                at + 1
            }
            b')' => {
                self.brackets = self.brackets.saturating_sub(1);
                at + 1
            }
            b'$' => match dollar_tag(rest) {
                Some(tag) => {
                    self.inside = Inside::Body(tag.to_vec());
                    at + tag.len()
                }
                None => at + 1,
            },
            b'e' | b'E' if rest.get(1) == Some(&b'\'') => {
                self.inside = Inside::Text { escapes: true };
                at + 2
            }
            byte if starts_word(byte) => {
                let length = rest.iter().take_while(|byte| continues_word(**byte)).count();
                self.word(&rest[..length]);
                at + length
            }
            _ => at + 1,
        })
    }

    fn word(&mut self, word: &[u8]) {
        let is = |keyword: &str| word.eq_ignore_ascii_case(keyword.as_bytes());
        self.opening = match self.opening {
            Opening::Start if is("create") => Opening::Create,
            Opening::Create if is("or") => Opening::CreateOr,
            Opening::CreateOr if is("replace") => Opening::CreateOrReplace,
            Opening::Create | Opening::CreateOrReplace if is("function") || is("procedure") => {
                Opening::Routine
            }
            Opening::Routine => Opening::Routine,
            Opening::Start
            | Opening::Create
            | Opening::CreateOr
            | Opening::CreateOrReplace
            | Opening::Other => Opening::Other,
        };
        if self.opening == Opening::Routine && self.brackets == 0 {
            if is("begin") || (is("case") && self.blocks > 0) {
                self.blocks = self.blocks.saturating_add(1);
            } else if is("end") {
                self.blocks = self.blocks.saturating_sub(1);
            }
        }
    }

    fn quoted(&mut self, line: &[u8], at: usize, quote: u8, escapes: bool) -> usize {
        let stop = line[at..].iter().position(|byte| *byte == quote || (escapes && *byte == b'\\'));
        let Some(stop) = stop.map(|offset| at + offset) else { return line.len() };
        if line[stop] != quote || line.get(stop + 1) == Some(&quote) {
            return stop + 2;
        }
        self.inside = Inside::Code;
        stop + 1
    }

    fn body(&mut self, line: &[u8], at: usize) -> usize {
        let Inside::Body(tag) = &self.inside else { return line.len() };
        let mut at = at;
        while let Some(offset) = line[at..].iter().position(|byte| *byte == b'$') {
            at += offset;
            if line[at..].starts_with(tag) {
                let after = at + tag.len();
                self.inside = Inside::Code;
                return after;
            }
            at += 1;
        }
        line.len()
    }
}

enum Step {
    Next(usize),
    Ended(usize),
}

/// Whether an unquoted identifier can begin with this byte. Every byte of a non-ASCII character can.
#[must_use]
pub const fn starts_word(byte: u8) -> bool {
    byte.is_ascii_alphabetic() || byte == b'_' || byte >= 0x80
}

/// Whether an unquoted identifier can hold this byte.
#[must_use]
pub const fn continues_word(byte: u8) -> bool {
    starts_word(byte) || byte.is_ascii_digit() || byte == b'$'
}

fn dollar_tag(text: &[u8]) -> Option<&[u8]> {
    let name = text.get(1..)?;
    let length = name.iter().position(|byte| *byte == b'$')?;
    let name = &name[..length];
    let valid = name.first().is_none_or(|byte| starts_word(*byte))
        && name.iter().all(|byte| starts_word(*byte) || byte.is_ascii_digit());
    valid.then(|| &text[..length + 2])
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The statements of `text`, fed line by line.
    fn split(text: &str) -> Vec<String> {
        let mut found = Vec::new();
        let mut scanner = Scanner::new(false);
        let mut statement = String::new();
        for line in text.split_inclusive('\n') {
            let mut from = 0;
            while let Some(end) = scanner.feed(line.as_bytes(), from) {
                statement.push_str(&line[from..end]);
                found.push(std::mem::take(&mut statement).trim().to_owned());
                scanner = Scanner::new(false);
                from = end;
            }
            statement.push_str(&line[from..]);
        }
        found
    }

    #[test]
    fn semicolons_in_texts_names_comments_and_brackets_end_nothing() {
        for statement in [
            "SELECT 'a;b';",
            "SELECT 'it''s; so';",
            "SELECT E'\\';';",
            "SELECT e'\\\\';",
            "SELECT '\\';",
            "SELECT \"a;\"\"b\";",
            "SELECT 1 /* ; /* ; */ ; */;",
            "SELECT 1 -- ;\n;",
            "CREATE RULE r AS ON INSERT TO t DO (SELECT 1; SELECT 2);",
            "SELECT 'two\n;lines';",
        ] {
            assert_eq!(split(statement), [statement], "{statement}");
        }
    }

    #[test]
    fn a_body_ends_at_its_own_tag_only() {
        for statement in [
            "CREATE FUNCTION f() AS $$ BEGIN; ' COPY public.t (a) FROM stdin;\n\\.\n END $$ LANGUAGE x;",
            "DO $_$ SELECT $$ ; $$; $1; $_$;",
            "DO $a$ $b$; $a$;",
            "DO $a1$ $a; $a1;$a1$;",
            "SELECT a$b$c;",
        ] {
            assert_eq!(split(statement), [statement], "{statement}");
        }
        assert_eq!(split("SELECT $1; SELECT $2;").len(), 2, "parameters are no tags");
    }

    #[test]
    fn a_routine_body_without_quotes_is_one_statement() {
        let routine = "CREATE OR REPLACE FUNCTION f() RETURNS int\nBEGIN ATOMIC\n \
             INSERT INTO t VALUES (1);\n SELECT CASE WHEN true THEN 1 END;\nEND;";
        assert_eq!(split(routine), [routine]);
        assert_eq!(split("BEGIN; SELECT 1; END;").len(), 3, "a transaction is no routine");
    }

    #[test]
    fn rows_are_counted_by_their_brackets() {
        let mut scanner = Scanner::new(false);
        scanner.feed(b"INSERT INTO t (a) VALUES (1, '('), (f(2), ')');", 0);
        assert_eq!(scanner.groups(), 3);
    }

    #[test]
    fn comments_alone_are_blank() {
        let mut scanner = Scanner::new(false);
        scanner.feed(b"  -- x\n", 0);
        assert!(scanner.is_blank());
        scanner.feed(b" /* x\n", 0);
        assert!(!scanner.is_blank(), "the comment is still open");
        scanner.feed(b"*/ \n", 0);
        assert!(scanner.is_blank());
    }

    #[test]
    fn without_standard_strings_every_backslash_escapes() {
        let mut scanner = Scanner::new(true);
        assert_eq!(scanner.feed(b"SELECT '\\';", 0), None);
    }
}
