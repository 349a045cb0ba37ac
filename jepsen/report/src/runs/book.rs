//! The file: what people wrote at its top, what is counted, every line, and what people wrote at its end.

use crate::about::Tier;
use crate::report::Word;
use crate::runs::entry::{Entry, HEADS, NoEntry};
use crate::summary::hours;
use crate::table::{cells, line, table};
use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};

const TITLE: &str = "# Runs\n\nWhat was tried, and how it went. `regent-report runs add`, and runs themselves with \
                     `--runs`, add lines and count anew\nwhat is counted; hours of the simulation are virtual. A `+` \
                     behind a commit: files were changed since.\n\n";
const COUNTED: &str = "## Together\n";
const LINES: &str = "## Every run\n";

/// Why lines could not be added. The book is as it was.
#[derive(Debug, thiserror::Error)]
pub enum BookError {
    /// It cannot be read or written.
    #[error("{0}")]
    Io(PathBuf, #[source] io::Error),
    /// A line is none.
    #[error("{0}")]
    Line(PathBuf, #[source] NoEntry),
}

/// Adds lines, and makes the book if there is none. Others who add at the same moment are waited for.
///
/// # Errors
/// If the book has lines that are none, or cannot be written.
pub fn add(file: &Path, entries: &[Entry]) -> Result<(), BookError> {
    let failed = |error| BookError::Io(file.to_owned(), error);
    let parent = match file.parent() {
        Some(parent) if parent != Path::new("") => parent,
        Some(_) | None => Path::new("."),
    };
    fs::create_dir_all(parent).map_err(failed)?;
    let folder = File::open(parent).map_err(failed)?;
    folder.lock().map_err(failed)?;
    let text = match fs::read_to_string(file) {
        Ok(text) => text,
        Err(error) if error.kind() == io::ErrorKind::NotFound => String::new(),
        Err(error) => return Err(failed(error)),
    };
    let mut book = Book::read(&text).map_err(|error| BookError::Line(file.to_owned(), error))?;
    book.entries.extend_from_slice(entries);
    let beside = file.with_extension("md.new");
    fs::write(&beside, book.text()).map_err(failed)?;
    fs::rename(&beside, file).map_err(failed)
}

/// The whole file.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Book {
    top: String,
    entries: Vec<Entry>,
    end: String,
}

impl Book {
    fn read(text: &str) -> Result<Self, NoEntry> {
        let Some((top, rest)) = text.split_once(COUNTED) else {
            let top = if text.is_empty() { TITLE } else { text };
            return Ok(Self { top: top.to_owned(), entries: Vec::new(), end: String::new() });
        };
        let lines = rest.split_once(LINES).map_or("", |(_, lines)| lines).trim_start();
        let table: Vec<_> = lines.lines().take_while(|line| line.starts_with('|')).collect();
        let end = lines.lines().skip(table.len()).map(|line| format!("{line}\n")).collect();
        // Heads and the rule below them.
        let rows = table.iter().skip(2).filter_map(|line| cells(line));
        let entries = rows.map(|cells| Entry::read(&cells)).collect::<Result<_, _>>()?;
        Ok(Self { top: top.to_owned(), entries, end })
    }

    fn text(&self) -> String {
        let heads = HEADS.map(str::to_owned);
        let rule = HEADS.map(|_| "---".to_owned());
        let rows: String = self.entries.iter().map(|entry| line(&entry.cells())).collect();
        let counted = counted(&self.entries);
        let (top, end) = (&self.top, &self.end);
        format!("{top}{COUNTED}\n{counted}\n{LINES}\n{}{}{rows}{end}", line(&heads), line(&rule))
    }
}

/// What entries come to.
#[derive(Clone, Debug, Default)]
struct Sum {
    runs: u64,
    tried_ms: u64,
    verdicts: BTreeMap<Word, u64>,
    first: String,
    last: String,
}

impl Sum {
    fn add(&mut self, entry: &Entry) {
        self.runs += entry.runs;
        self.tried_ms += entry.tried_ms;
        for (word, count) in &entry.verdicts {
            *self.verdicts.entry(*word).or_default() += count;
        }
        if self.first.is_empty() || entry.date < self.first {
            self.first.clone_from(&entry.date);
        }
        if entry.date > self.last {
            self.last.clone_from(&entry.date);
        }
    }

    fn cells(&self, tier: Tier, product: &str) -> Vec<String> {
        let of = |word| self.verdicts.get(&word).copied().unwrap_or_default().to_string();
        vec![
            tier.to_string(),
            product.to_owned(),
            self.runs.to_string(),
            format!("{:.2}", hours(self.tried_ms)),
            of(Word::Pass),
            of(Word::Fail),
            of(Word::Unknown),
            self.first.clone(),
            self.last.clone(),
        ]
    }
}

/// A row for each tier, and below it one for each state of `core` and `raft`, the newest last.
fn counted(entries: &[Entry]) -> String {
    let mut rows = Vec::new();
    for tier in Tier::ALL {
        let mut all = Sum::default();
        let mut products: Vec<(&str, Sum)> = Vec::new();
        for entry in entries.iter().filter(|entry| entry.tier == tier) {
            all.add(entry);
            let product = entry.source.product.as_str();
            match products.iter_mut().find(|(known, _)| *known == product) {
                Some((_, sum)) => sum.add(entry),
                None => {
                    let mut sum = Sum::default();
                    sum.add(entry);
                    products.push((product, sum));
                }
            }
        }
        if all.runs > 0 {
            rows.push(all.cells(tier, "all"));
            rows.extend(products.iter().map(|(product, sum)| sum.cells(tier, product)));
        }
    }
    let heads = ["tier", "core, raft", "runs", "hours", "PASS", "FAIL", "UNKNOWN", "first", "last"];
    table(&heads, &rows)
}

#[cfg(test)]
mod tests {
    use super::{Book, add};
    use crate::report::{Word, sample};
    use crate::runs::entry::Entry;
    use std::fs;

    fn entry(date: &str, product: &str, verdict: Word) -> Entry {
        let mut report = sample();
        report.run.started = format!("{date}T00:00:00Z");
        report.run.source.product = product.to_owned();
        report.verdict = verdict;
        Entry::of(&report)
    }

    /// Cells of the lines that begin with this.
    fn rows(text: &str, begin: &str) -> Vec<Vec<String>> {
        let lines = text.lines().filter(|line| line.starts_with(begin));
        let cells = lines.map(|line| crate::table::cells(line).unwrap());
        cells.map(|cells| cells.into_iter().map(str::to_owned).collect()).collect()
    }

    #[test]
    fn book_grows_line_by_line_and_counts_by_tier_and_product() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("new/RUNS.md");
        add(&file, &[entry("2026-11-22", "aaa", Word::Pass)]).unwrap();
        add(
            &file,
            &[entry("2026-11-21", "aaa", Word::Fail), entry("2026-11-23", "bbb", Word::Pass)],
        )
        .unwrap();
        let text = fs::read_to_string(&file).unwrap();
        assert!(text.starts_with("# Runs\n"), "{text}");
        let all = ["netns", "all", "3", "0.07", "2", "1", "0", "2026-11-21", "2026-11-23"];
        let first = ["netns", "aaa", "2", "0.05", "1", "1", "0", "2026-11-21", "2026-11-22"];
        let last = ["netns", "bbb", "1", "0.03", "1", "0", "0", "2026-11-23", "2026-11-23"];
        assert_eq!(rows(&text, "| netns"), [all, first, last]);
        assert_eq!(rows(&text, "| 2026").len(), 3, "{text}");
    }

    #[test]
    fn what_people_wrote_above_and_below_stays() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("RUNS.md");
        add(&file, &[entry("2026-11-22", "aaa", Word::Pass)]).unwrap();
        let text = fs::read_to_string(&file).unwrap();
        fs::write(&file, format!("Remember.\n\n{text}\nThe second one was noisy.\n")).unwrap();
        add(&file, &[entry("2026-11-23", "aaa", Word::Pass)]).unwrap();
        let text = fs::read_to_string(&file).unwrap();
        assert!(text.starts_with("Remember.\n\n# Runs\n"), "{text}");
        assert!(text.ends_with(" PASS 1 |  |\n\nThe second one was noisy.\n"), "{text}");
        assert_eq!(rows(&text, "| 2026").len(), 2);
    }

    #[test]
    fn spoilt_book_is_left_as_it_is() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("RUNS.md");
        add(&file, &[entry("2026-11-22", "aaa", Word::Pass)]).unwrap();
        let spoilt = fs::read_to_string(&file).unwrap().replace("PASS 1", "GOOD");
        fs::write(&file, &spoilt).unwrap();
        assert!(add(&file, &[entry("2026-11-23", "aaa", Word::Pass)]).is_err());
        assert_eq!(fs::read_to_string(&file).unwrap(), spoilt);
    }

    #[test]
    fn book_that_is_written_again_is_the_same() {
        let mut book = Book::read("").unwrap();
        book.entries.push(entry("2026-11-22", "aaa", Word::Pass));
        assert_eq!(Book::read(&book.text()).unwrap(), book);
    }
}
