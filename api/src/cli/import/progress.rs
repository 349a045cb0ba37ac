//! A bar on standard error while something takes long, if somebody looks at it.

use std::io::{IsTerminal as _, Write as _};

const WIDTH: usize = 30;

/// A bar. Shows nothing unless standard error is a terminal.
pub struct Bar {
    what: &'static str,
    is_shown: bool,
    percent: Option<u64>,
}

impl Bar {
    /// A bar for one part of the work.
    #[must_use]
    pub fn new(what: &'static str) -> Self {
        Self { what, is_shown: std::io::stderr().is_terminal(), percent: None }
    }

    /// How far the work has come; a total that is not known shows the count alone.
    pub fn show(&mut self, done: u64, total: Option<u64>) {
        let percent = total.map_or(done, |total| done.min(total) * 100 / total.max(1));
        if !self.is_shown || self.percent == Some(percent) {
            return;
        }
        self.percent = Some(percent);
        let text = match total {
            Some(_) => {
                let full = usize::try_from(percent).unwrap_or(100) * WIDTH / 100;
                let bar = "#".repeat(full) + &"·".repeat(WIDTH.saturating_sub(full));
                format!("\r{:<9} [{bar}] {percent:>3} %", self.what)
            }
            None => format!("\r{:<9} {done}", self.what),
        };
        let mut screen = std::io::stderr().lock();
        // A screen that cannot be written to is no reason to stop.
        drop(screen.write_all(text.as_bytes()).and_then(|()| screen.flush()));
    }
}

impl Drop for Bar {
    fn drop(&mut self) {
        if self.percent.is_some() {
            drop(writeln!(std::io::stderr()));
        }
    }
}
