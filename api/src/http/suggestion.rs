//! "Did you mean": the known word that is nearest to one nobody knows.

/// Bytes of a word that is compared; longer ones are no slips of the finger.
const WORD_BYTES_MAX: usize = 64;

/// `; did you mean "hostname"?`, or nothing if no known word is near.
#[must_use]
pub fn suggestion<'a>(word: &str, known: impl IntoIterator<Item = &'a str>) -> String {
    match nearest(word, known) {
        Some(meant) => format!("; did you mean {meant:?}?"),
        None => String::new(),
    }
}

/// The known word that a slip or two lead away from, or that says more exactly what was meant.
fn nearest<'a>(word: &str, known: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    if word.is_empty() || word.len() > WORD_BYTES_MAX {
        return None;
    }
    let slips_max = word.len() / 3;
    let distance = |known: &str| match known.split('_').any(|part| part == word) {
        true => 1,
        false => slips(word, known),
    };
    let near = known.into_iter().map(|known| (distance(known), known));
    near.filter(|(slips, _)| *slips <= slips_max.max(1)).min().map(|(_, known)| known)
}

/// Letters to insert, drop or replace between two words (Levenshtein), by bytes.
fn slips(one: &str, other: &str) -> usize {
    let mut row: Vec<usize> = (0..=other.len()).collect();
    for (line, byte) in one.bytes().enumerate() {
        let mut diagonal = row[0];
        row[0] = line + 1;
        for (column, wanted) in other.bytes().enumerate() {
            let replaced = diagonal + usize::from(byte != wanted);
            diagonal = row[column + 1];
            row[column + 1] = replaced.min(diagonal + 1).min(row[column] + 1);
        }
    }
    row[other.len()]
}

#[cfg(test)]
mod tests {
    use super::{slips, suggestion};

    const KNOWN: [&str; 5] = ["hostname", "mac_addresses", "domain", "gateway_ip", "ttl"];

    #[test]
    fn word_next_to_a_known_one_is_taken_for_it() {
        for (typed, meant) in
            [("hostnam", "hostname"), ("domian", "domain"), ("gateway", "gateway_ip")]
        {
            assert_eq!(suggestion(typed, KNOWN), format!("; did you mean {meant:?}?"));
        }
    }

    #[test]
    fn word_far_from_all_is_taken_for_none() {
        for typed in ["colour", "", "xyz"] {
            assert_eq!(suggestion(typed, KNOWN), "", "{typed}");
        }
    }

    #[test]
    fn slips_are_counted_in_letters() {
        assert_eq!((slips("abc", "abc"), slips("abc", "axcd"), slips("", "ab")), (0, 2, 2));
    }
}
