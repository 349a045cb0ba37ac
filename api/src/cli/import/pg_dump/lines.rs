//! Lines of unknown length from an input of unknown length, in bounded memory.

use crate::cli::import::pg_dump::error::{Position, ReadError};
use std::io::{self, BufRead, Read};

/// The line that ends the rows of a `COPY` section, without its line end.
pub const END_OF_ROWS: &[u8] = b"\\.";

/// A buffer that one long line has blown up is not kept beyond this size.
const BUFFER_BYTES_KEPT_MAX: usize = 1 << 20;

/// Enough of a line to tell the end mark, with either line end, from a row.
const END_OF_ROWS_BYTES_MAX: u64 = 4;

/// What stepping over rows came to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Skipped {
    /// So many rows; there may be more.
    Some(u64),
    /// So many rows, which were the last.
    All(u64),
    /// The input ends before the end mark.
    Cut,
}

/// Reads line by line and knows where it is.
#[derive(Debug)]
pub struct Lines<R> {
    input: R,
    line_bytes_max: usize,
    current: Position,
    next: Position,
}

impl<R: BufRead> Lines<R> {
    /// Lines of `input`, none longer than `line_bytes_max`.
    pub const fn new(input: R, line_bytes_max: usize) -> Self {
        Self { input, line_bytes_max, current: Position::START, next: Position::START }
    }

    /// Start of the line read last.
    #[must_use]
    pub const fn position(&self) -> Position {
        self.current
    }

    /// Reads one line with its line end into `line`, replacing what is there. False at the end of the input.
    ///
    /// # Errors
    /// If the input fails or the line is too long.
    pub fn read(&mut self, line: &mut Vec<u8>) -> Result<bool, ReadError> {
        line.clear();
        line.shrink_to(BUFFER_BYTES_KEPT_MAX);
        self.current = self.next;
        let bytes_max = self.line_bytes_max as u64 + 1;
        let found = self.input.by_ref().take(bytes_max).read_until(b'\n', line);
        found.map_err(|source| self.failed(source))?;
        if line.len() > self.line_bytes_max {
            return Err(ReadError::LineTooLong {
                at: self.current,
                bytes_max: self.line_bytes_max,
            });
        }
        self.step(line.len() as u64);
        Ok(!line.is_empty())
    }

    /// Steps over rows of a `COPY` section, and over its end mark, without holding them. Comes back after `rows_max`
    /// rows or `bytes_max` bytes, so that whoever reads stays in control.
    ///
    /// # Errors
    /// If the input fails.
    pub fn skip_rows(&mut self, rows_max: u64, bytes_max: u64) -> Result<Skipped, ReadError> {
        let mut head = Vec::new();
        let mut rows = 0;
        let bytes_end = self.next.byte.saturating_add(bytes_max);
        while rows < rows_max && self.next.byte < bytes_end {
            head.clear();
            self.current = self.next;
            let found =
                self.input.by_ref().take(END_OF_ROWS_BYTES_MAX).read_until(b'\n', &mut head);
            found.map_err(|source| self.failed(source))?;
            if !head.ends_with(b"\n") {
                let rest = self.input.skip_until(b'\n').map_err(|source| self.failed(source))?;
                if rest == 0 {
                    let is_end = trim_line_end(&head) == END_OF_ROWS;
                    return Ok(if is_end { Skipped::All(rows) } else { Skipped::Cut });
                }
                self.step(head.len() as u64 + rest as u64);
            } else {
                self.step(head.len() as u64);
                if trim_line_end(&head) == END_OF_ROWS {
                    return Ok(Skipped::All(rows));
                }
            }
            rows += 1;
        }
        Ok(Skipped::Some(rows))
    }

    const fn step(&mut self, bytes: u64) {
        self.next = Position { line: self.next.line + 1, byte: self.next.byte + bytes };
    }

    const fn failed(&self, source: io::Error) -> ReadError {
        ReadError::Io { at: self.current, source }
    }
}

/// The line without `\n` or `\r\n`.
#[must_use]
pub const fn trim_line_end(line: &[u8]) -> &[u8] {
    match line {
        [rest @ .., b'\r', b'\n'] | [rest @ .., b'\n' | b'\r'] => rest,
        whole => whole,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn positions_count_lines_from_one_and_bytes_from_zero() {
        let mut lines = Lines::new(&b"ab\n\nc"[..], 10);
        let mut line = Vec::new();
        let mut seen = Vec::new();
        while lines.read(&mut line).expect("in memory") {
            seen.push((lines.position().line, lines.position().byte, line.clone()));
        }
        assert_eq!(seen, [(1, 0, b"ab\n".to_vec()), (2, 3, b"\n".to_vec()), (3, 4, b"c".to_vec())]);
    }

    #[test]
    fn a_line_over_the_limit_is_refused_with_its_place() {
        let mut lines = Lines::new(&b"1234\n12345\n"[..], 5);
        let mut line = Vec::new();
        assert!(lines.read(&mut line).expect("five bytes with the line end"));
        let error = lines.read(&mut line).expect_err("six bytes");
        assert_eq!(error.to_string(), "line longer than 5 bytes at line 2, byte 5");
    }

    fn skip(text: &[u8]) -> Skipped {
        Lines::new(text, 64).skip_rows(100, 1000).expect("in memory")
    }

    #[test]
    fn rows_are_skipped_up_to_the_end_mark_only() {
        let mut lines = Lines::new(&b"\n\\.x\n\\..\nlong enough\n\\N\n\\.\nnext\n"[..], 64);
        assert_eq!(lines.skip_rows(3, 1000).expect("in memory"), Skipped::Some(3));
        assert_eq!(lines.skip_rows(3, 1000).expect("in memory"), Skipped::All(2));
        let mut line = Vec::new();
        assert!(lines.read(&mut line).expect("in memory"));
        assert_eq!((line.as_slice(), lines.position().line), (&b"next\n"[..], 7));
    }

    #[test]
    fn an_end_mark_with_a_carriage_return_counts() {
        assert_eq!(skip(b"a\r\n\\.\r\n"), Skipped::All(1));
    }

    #[test]
    fn rows_without_end_mark_are_told() {
        assert_eq!(skip(b"a\nbcdefg\n"), Skipped::Cut);
        assert_eq!(skip(b"a\nbcdefg"), Skipped::Cut);
        assert_eq!(skip(b"a\n\\."), Skipped::All(1));
    }
}
