//! Short names for the way an input went: the kind of an error without its particulars.

/// Characters of a name.
const CHARS_MAX: usize = 60;

/// The variants an error is made of: `Read(RowShape` of `Read(RowShape { table: "t", … })`.
#[must_use]
pub fn of(error: &dyn std::fmt::Debug) -> String {
    let text = format!("{error:?}");
    let end = text.find(|c: char| !c.is_alphabetic() && c != '(').unwrap_or(text.len());
    text.chars().take(end.min(CHARS_MAX)).collect()
}

/// A sentence without what differs from case to case: digits, and what stands in quotes.
#[must_use]
pub fn plain(sentence: &str) -> String {
    let mut quoted = false;
    let kept = sentence.chars().filter(|c| {
        quoted ^= *c == '"';
        !quoted && (c.is_ascii_alphabetic() || *c == ' ')
    });
    kept.take(CHARS_MAX).collect()
}

#[cfg(test)]
mod tests {
    use super::{of, plain};

    #[test]
    fn particulars_are_left_out() {
        assert_eq!(of(&Some(Err::<(), _>("x"))), "Some(Err(");
        assert_eq!(plain("row 7 of \"t\" has 3 values"), "row  of  has  values");
    }
}
