//! Words, texts and marks of a snippet.

/// A piece of a statement.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::rack_view::snippet) enum Token {
    /// Anything without blanks.
    Word(String),
    /// What stands between quotes.
    Text(String),
    /// Between the items of a list.
    Comma,
    /// Before the type in a definition.
    Equals,
}

/// Splits what stands between two semicolons.
///
/// # Errors
/// A text without end.
pub(in crate::rack_view::snippet) fn tokens(statement: &str) -> Result<Vec<Token>, &'static str> {
    let mut found = Vec::new();
    let mut rest = statement.trim_start();
    while let Some(first) = rest.chars().next() {
        let (token, behind) = match first {
            ',' => (Token::Comma, rest.get(1..).unwrap_or_default()),
            '=' => (Token::Equals, rest.get(1..).unwrap_or_default()),
            '"' => {
                let (text, behind) = quoted(rest).ok_or("a text has no end")?;
                (Token::Text(text), behind)
            }
            _ => {
                let ends = |c: char| c.is_whitespace() || matches!(c, ',' | '=' | '"');
                let (word, behind) = rest.split_at(rest.find(ends).unwrap_or(rest.len()));
                (Token::Word(word.to_owned()), behind)
            }
        };
        found.push(token);
        rest = behind.trim_start();
    }
    Ok(found)
}

/// The text at the front, which begins with a quote, and what stands behind it. A backslash lets the next character stand
/// for itself.
fn quoted(text: &str) -> Option<(String, &str)> {
    let mut read = String::new();
    let mut characters = text.char_indices().skip(1);
    while let Some((place, character)) = characters.next() {
        match character {
            '"' => return Some((read, text.get(place + 1..)?)),
            '\\' => read.push(characters.next()?.1),
            other => read.push(other),
        }
    }
    None
}
