//! How far many runs are, for who sits before them: a line that is written over. Where nobody sits, there is none.

use crate::soak::mix::Mix;
use regent_report::report::{Report, Word};
use std::io::{IsTerminal as _, Write as _};
use std::time::Duration;

/// Signs of the bar.
const WIDTH: usize = 24;
const SECONDS_PER_HOUR: f64 = 3600.0;

/// How far it is.
#[derive(Debug)]
pub struct Progress {
    length: Duration,
    is_seen: bool,
    passed: u64,
    others: u64,
}

impl Progress {
    /// Of so long a time.
    #[must_use]
    pub fn new(length: Duration) -> Self {
        Self { length, is_seen: std::io::stderr().is_terminal(), passed: 0, others: 0 }
    }

    /// Counts a run that is over.
    pub fn count(&mut self, report: Option<&Report>) {
        match report.map(|report| report.verdict) {
            Some(Word::Pass) => self.passed += 1,
            Some(Word::Fail | Word::Unknown) | None => self.others += 1,
        }
    }

    /// Shows it.
    pub fn show(&self, gone: Duration, mix: &Mix) {
        self.write(&self.line(gone, mix));
    }

    /// Makes room for another line.
    pub fn clear(&self) {
        self.write("");
    }

    fn line(&self, gone: Duration, mix: &Mix) -> String {
        let hours = |time: Duration| time.as_secs_f64() / SECONDS_PER_HOUR;
        let parts = WIDTH as u128 * gone.as_millis() / self.length.as_millis().max(1);
        let done = usize::try_from(parts).unwrap_or(WIDTH).min(WIDTH);
        let bar = format!("{}{}", "#".repeat(done), "-".repeat(WIDTH - done));
        let (gone, length) = (hours(gone), hours(self.length));
        let Self { passed, others, .. } = self;
        format!("[{bar}] {gone:.2} of {length:.2} h, {passed} passed, {others} did not; {mix}")
    }

    fn write(&self, line: &str) {
        if self.is_seen {
            let mut out = std::io::stderr();
            // Without a terminal there is nobody to show it to. Cut to one line: two could not be written over.
            let line: String = line.chars().take(118).collect();
            drop(write!(out, "\r\x1b[2K{line}"));
            drop(out.flush());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Progress;
    use crate::soak::mix::Mix;
    use std::time::Duration;

    #[test]
    fn bar_grows_with_the_time_and_stays_in_its_brackets() {
        let mut progress = Progress::new(Duration::from_secs(7200));
        progress.count(None);
        let mix = Mix { seed: 7, nodes: 5, racks: true, kinds: vec![] };
        let line = |seconds| progress.line(Duration::from_secs(seconds), &mix);
        assert!(line(0).starts_with("[------------------------] 0.00 of 2.00 h, 0 passed, 1 did"));
        assert!(line(3600).starts_with("[############------------] 1.00 of 2.00 h"));
        assert!(line(9000).starts_with("[########################] 2.50 of 2.00 h"));
        assert!(line(0).ends_with("; seed 7: 5 nodes, racks, all kinds"));
    }
}
