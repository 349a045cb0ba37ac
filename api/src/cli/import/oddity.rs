//! Rows that do not come in as they were, and why. They are told, every one; they never stop an import.
//!
//! The first are held in memory, the others in a file without a name that goes with the process.

use std::collections::BTreeMap;
use std::fmt;
use std::fs::File;
use std::io::{self, BufRead as _, BufReader, BufWriter, Seek as _, SeekFrom, Write};

/// So many are held in memory; the others are on disk.
pub const ODDITIES_MAX: usize = 10_000;
/// Reasons of one sort each that are told apart; beyond, they are counted as one.
pub const REASONS_MAX: usize = 1000;

/// One row with what is odd about it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Oddity {
    /// The table.
    pub table: &'static str,
    /// The value of the column that names the row; empty if even that cannot be read.
    pub key: String,
    /// What is wrong, without repeating any value.
    pub reason: String,
}

/// Rows of one table with one sort of reason.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reason {
    /// How many.
    pub count: u64,
    /// The first of them.
    pub example: Oddity,
}

/// All that were found.
#[derive(Debug, Default)]
pub struct Oddities {
    kept: Vec<Oddity>,
    spilled: Option<Spill>,
    further: u64,
    lost: u64,
    /// By table, and by what the reasons have in common.
    reasons: BTreeMap<(&'static str, String), Reason>,
}

/// A file without a name.
struct Spill(BufWriter<File>);

impl fmt::Debug for Spill {
    /// Where it lies is of no interest: two reports of the same rows print alike.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Spill")
    }
}

impl PartialEq for Oddities {
    fn eq(&self, other: &Self) -> bool {
        self.kept == other.kept && self.further == other.further && self.reasons == other.reasons
    }
}

impl Oddity {
    /// Table, key and reason, as a line of a report without its end. What a dump holds cannot break it, nor move the
    /// cursor of a terminal.
    #[must_use]
    pub fn line(&self) -> String {
        format!("{}\t{}\t{}", self.table, self.key.escape_debug(), printable(&self.reason))
    }
}

impl Oddities {
    /// Adds one.
    pub fn push(&mut self, oddity: Oddity) {
        self.count(&oddity);
        if self.kept.len() < ODDITIES_MAX {
            self.kept.push(oddity);
            return;
        }
        self.further += 1;
        if self.spill(&oddity).is_err() {
            self.lost += 1;
        }
    }

    /// Those that are in memory, in the order of the dump.
    #[must_use]
    pub fn as_slice(&self) -> &[Oddity] {
        &self.kept
    }

    /// How many there are.
    #[must_use]
    pub const fn count_all(&self) -> u64 {
        self.kept.len() as u64 + self.further
    }

    /// The reasons, by table.
    pub fn reasons(&self) -> impl Iterator<Item = &Reason> {
        self.reasons.values()
    }

    /// Writes all of them, one a line, each with `before` in front.
    ///
    /// # Errors
    /// When they cannot be written, or those on disk cannot be read.
    pub fn write(&mut self, out: &mut impl Write, before: &str) -> io::Result<()> {
        for oddity in &self.kept {
            writeln!(out, "{before}{}", oddity.line())?;
        }
        if let Some(Spill(spilled)) = &mut self.spilled {
            spilled.flush()?;
            let file = spilled.get_mut();
            file.seek(SeekFrom::Start(0))?;
            for line in BufReader::new(&mut *file).lines() {
                writeln!(out, "{before}{}", line?)?;
            }
            file.seek(SeekFrom::End(0))?;
        }
        if self.lost > 0 {
            writeln!(out, "{before}and {} more, for which the disk had no room", self.lost)?;
        }
        Ok(())
    }

    fn count(&mut self, oddity: &Oddity) {
        let mut sort = (oddity.table, without_numbers(&oddity.reason));
        if self.reasons.len() >= REASONS_MAX && !self.reasons.contains_key(&sort) {
            sort = ("", String::new());
        }
        let new = || Reason { count: 0, example: oddity.clone() };
        self.reasons.entry(sort).or_insert_with(new).count += 1;
    }

    fn spill(&mut self, oddity: &Oddity) -> io::Result<()> {
        let Spill(spilled) = match &mut self.spilled {
            Some(spilled) => spilled,
            none @ None => none.insert(Spill(BufWriter::new(tempfile::tempfile()?))),
        };
        writeln!(spilled, "{}", oddity.line())
    }
}

/// The text without what moves a terminal's cursor or changes its colours.
#[must_use]
pub fn printable(text: &str) -> String {
    let shown = |character: char| match character.is_control() {
        true => character.escape_debug().to_string(),
        false => character.to_string(),
    };
    text.chars().map(shown).collect()
}

/// What reasons of one sort have in common.
fn without_numbers(reason: &str) -> String {
    reason.chars().filter(|character| !character.is_ascii_digit()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn oddity(number: usize, reason: &str) -> Oddity {
        Oddity { table: "t", key: number.to_string(), reason: reason.to_owned() }
    }

    fn written(oddities: &mut Oddities) -> Vec<String> {
        let mut text = Vec::new();
        oddities.write(&mut text, "skipped\t").expect("in memory");
        String::from_utf8(text).expect("text").lines().map(str::to_owned).collect()
    }

    #[test]
    fn each_row_is_written_however_many_there_are() {
        let mut oddities = Oddities::default();
        for number in 0..ODDITIES_MAX + 3 {
            oddities.push(oddity(number, "another row has the name"));
        }
        for _ in 0..2 {
            let lines = written(&mut oddities);
            assert_eq!(lines.len(), ODDITIES_MAX + 3);
            let last = format!("skipped\tt\t{}\tanother row has the name", ODDITIES_MAX + 2);
            assert_eq!(lines.last(), Some(&last));
        }
        assert_eq!(oddities.as_slice().len(), ODDITIES_MAX);
        assert_eq!(oddities.count_all(), ODDITIES_MAX as u64 + 3);
    }

    #[test]
    fn reasons_that_differ_in_numbers_only_are_counted_as_one() {
        let mut oddities = Oddities::default();
        for number in 0..5 {
            oddities.push(oddity(number, &format!("tag {number} does not come in")));
        }
        oddities.push(oddity(9, "it has no VLAN"));
        let counts: Vec<_> =
            oddities.reasons().map(|r| (r.count, r.example.key.as_str())).collect();
        assert_eq!(counts, [(1, "9"), (5, "0")]);
    }

    #[test]
    fn text_of_a_dump_neither_breaks_a_line_nor_moves_a_cursor() {
        let odd = Oddity { table: "t", key: "a\nb".into(), reason: "\u{1b}[2J is\tunknown".into() };
        assert_eq!(odd.line(), "t\ta\\nb\t\\u{1b}[2J is\\tunknown");
    }
}
