//! The statements of a snippet: up to a semicolon each, or to the end of a block.

use crate::rack_view::snippet::token::{Token, tokens};

/// Statements of a snippet that are looked at.
const STATEMENTS_MAX: usize = 256;
/// Characters of a statement that are shown where it is not understood.
const SHOWN_CHARS_MAX: usize = 120;

/// A statement.
pub(in crate::rack_view::snippet) struct Statement {
    /// As it was written on one line, cut where it is long.
    pub(in crate::rack_view::snippet) text: String,
    /// Its pieces, or why there are none.
    pub(in crate::rack_view::snippet) tokens: Result<Vec<Token>, String>,
}

/// Splits a snippet.
pub(in crate::rack_view::snippet) fn statements(text: &str) -> Vec<Statement> {
    let mut found = Vec::new();
    let mut open = Open::default();
    for character in text.chars() {
        if !open.add(character) {
            continue;
        }
        if let Some(statement) = std::mem::take(&mut open).end() {
            found.push(statement);
        }
        if found.len() == STATEMENTS_MAX {
            let tokens = Err(format!("only the first {STATEMENTS_MAX} statements are looked at"));
            found.push(Statement { text: "...".to_owned(), tokens });
            return found;
        }
    }
    found.extend(open.end());
    found
}

/// A statement that is being read.
#[derive(Default)]
struct Open {
    text: String,
    blocks: u32,
    has_block: bool,
    within: Within,
}

/// Where marks mean nothing.
#[derive(Clone, Copy, Default, PartialEq, Eq)]
enum Within {
    #[default]
    Nothing,
    Text,
    Escape,
    Comment,
}

impl Open {
    /// Adds a character. Whether the statement ends with it.
    fn add(&mut self, character: char) -> bool {
        self.within = match (self.within, character) {
            (Within::Comment, '\n') => Within::Nothing,
            (Within::Comment, _) => return false,
            (Within::Nothing, '#') => Within::Comment,
            (Within::Text, '\\') => Within::Escape,
            (Within::Nothing, '"') | (Within::Escape, _) => Within::Text,
            (Within::Text, '"') => Within::Nothing,
            (unchanged, _) => unchanged,
        };
        if self.within == Within::Comment {
            return false;
        }
        let is_mark = self.within == Within::Nothing;
        if is_mark && character == ';' && self.blocks == 0 {
            return true;
        }
        self.text.push(character);
        if is_mark && character == '{' {
            self.blocks += 1;
            self.has_block = true;
        }
        if is_mark && character == '}' {
            self.blocks = self.blocks.saturating_sub(1);
            self.has_block = true;
            return self.blocks == 0;
        }
        false
    }

    fn end(self) -> Option<Statement> {
        let text = self.text.trim();
        if text.is_empty() {
            return None;
        }
        let tokens = if self.has_block {
            Err("is a block, and only single statements are known here".to_owned())
        } else {
            tokens(text).map_err(str::to_owned)
        };
        let words: Vec<&str> = text.split_whitespace().collect();
        let shown = words.join(" ").chars().take(SHOWN_CHARS_MAX).collect();
        Some(Statement { text: shown, tokens })
    }
}
