//! The text format of `COPY`: values between tabs, backslash escapes, `\N` for null.
//!
//! Rules: PostgreSQL manual, `COPY`, "Text Format". The end mark `\.` is the reader's business.

use crate::cli::import::pg_dump::event::Span;

/// Splits a row into its values and takes their escapes out, in place: the text never grows. Gives the length of
/// the decoded text; `spans` is replaced by the values' places in it.
pub fn decode_row(line: &mut [u8], spans: &mut Vec<Span>) -> usize {
    spans.clear();
    let (mut read, mut write, mut start) = (0, 0, 0);
    let mut is_null = false;
    while let Some(byte) = line.get(read).copied() {
        read += 1;
        match byte {
            b'\t' => {
                spans.push(span(start, write, is_null));
                (start, is_null) = (write, false);
            }
            b'\\' => {
                if is_whole_null(line, read, start == write) {
                    is_null = true;
                    read += 1;
                    continue;
                }
                let (decoded, used) = unescape(&line[read..]);
                line[write] = decoded;
                write += 1;
                read += used;
            }
            plain => {
                line[write] = plain;
                write += 1;
            }
        }
    }
    spans.push(span(start, write, is_null));
    write
}

const fn span(start: usize, end: usize, is_null: bool) -> Span {
    if is_null { None } else { Some((start, end)) }
}

/// Whether the backslash before `read` begins a value that is `\N` and nothing else.
fn is_whole_null(line: &[u8], read: usize, is_first: bool) -> bool {
    let begins = read == 1 || line.get(read - 2) == Some(&b'\t');
    is_first
        && begins
        && line.get(read) == Some(&b'N')
        && matches!(line.get(read + 1), None | Some(b'\t'))
}

/// The byte that an escape stands for and how many bytes after the backslash it takes.
#[must_use]
pub fn unescape(after: &[u8]) -> (u8, usize) {
    match after {
        [] => (b'\\', 0),
        [b'b', ..] => (0x08, 1),
        [b'f', ..] => (0x0c, 1),
        [b'n', ..] => (b'\n', 1),
        [b'r', ..] => (b'\r', 1),
        [b't', ..] => (b'\t', 1),
        [b'v', ..] => (0x0b, 1),
        [b'x', digits @ ..] => match number(digits, 16, 2) {
            (_, 0) => (b'x', 1),
            (value, used) => (value, 1 + used),
        },
        [b'0'..=b'7', ..] => number(after, 8, 3),
        [other, ..] => (*other, 1),
    }
}

/// Up to `digits_max` digits as a byte; like PostgreSQL, what does not fit in eight bits is dropped.
fn number(digits: &[u8], radix: u32, digits_max: usize) -> (u8, usize) {
    let values =
        digits.iter().take(digits_max).map_while(|digit| char::from(*digit).to_digit(radix));
    let (value, used) =
        values.fold((0_u32, 0), |(value, used), digit| (value * radix + digit, used + 1));
    ((value & 0xff).to_le_bytes()[0], used)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn decode(row: &str) -> Vec<Option<String>> {
        let mut line = row.as_bytes().to_vec();
        let mut spans = Vec::new();
        let length = decode_row(&mut line, &mut spans);
        let text = |(start, end)| String::from_utf8_lossy(&line[..length][start..end]).into_owned();
        spans.into_iter().map(|span| span.map(text)).collect()
    }

    fn texts(values: &[&str]) -> Vec<Option<String>> {
        values.iter().map(|value| Some((*value).to_owned())).collect()
    }

    #[test]
    fn values_stand_between_tabs() {
        assert_eq!(decode("a\tb c\t\td"), texts(&["a", "b c", "", "d"]));
        assert_eq!(decode(""), texts(&[""]), "a row of one empty text");
        assert_eq!(decode("\t"), texts(&["", ""]));
    }

    #[test]
    fn null_is_a_whole_value_only() {
        assert_eq!(decode("\\N\ta\t\\N"), [None, Some("a".into()), None]);
        assert_eq!(decode("\\\\N\t\\Nx\tx\\N"), texts(&["\\N", "Nx", "xN"]));
        assert_eq!(decode("\\b\\N"), texts(&["\u{8}N"]));
    }

    #[test]
    fn named_escapes_become_their_bytes() {
        assert_eq!(decode("\\b\\f\\n\\r\\t\\v\\\\"), texts(&["\u{8}\u{c}\n\r\t\u{b}\\"]));
        assert_eq!(decode("\\.\\n\\\\."), texts(&[".\n\\."]), "an end mark inside a value");
        assert_eq!(decode("a\\"), texts(&["a\\"]), "a backslash with nothing after it");
    }

    #[test]
    fn numbers_become_bytes() {
        assert_eq!(decode("\\101\\60\\7x"), texts(&["A0\u{7}x"]));
        assert_eq!(decode("\\x41\\x4g\\xg"), texts(&["A\u{4}gxg"]));
        assert_eq!(decode("\\303\\244\\xc3\\xa4"), texts(&["ää"]), "one character from two bytes");
        assert_eq!(decode("\\1234"), texts(&["S4"]), "three octal digits at most");
    }

    #[test]
    fn characters_beyond_ascii_pass_unchanged() {
        assert_eq!(decode("Zürich\t東京🦊"), texts(&["Zürich", "東京🦊"]));
    }
}
