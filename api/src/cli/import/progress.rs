//! How far something that takes long has come, on standard error: a bar for whoever looks at it, a line now and then
//! for a log.

use std::io::{IsTerminal as _, Write};

const WIDTH: usize = 30;
/// Per cent between two lines of a log.
const LINE_EVERY_PERCENT: u64 = 10;
/// Between two lines of a log when the whole is not known: bytes, as only a pipe has no size.
const LINE_EVERY_BYTES: u64 = 256 << 20;

/// A bar, or the lines in place of one.
pub struct Bar<W: Write = std::io::Stderr> {
    what: &'static str,
    screen: W,
    is_terminal: bool,
    /// What was shown last: per cent, or so many as are done where the whole is not known.
    shown: Option<u64>,
}

impl Bar {
    /// A bar for one part of the work.
    #[must_use]
    pub fn new(what: &'static str) -> Self {
        let screen = std::io::stderr();
        let is_terminal = screen.is_terminal();
        Self { what, screen, is_terminal, shown: None }
    }
}

impl<W: Write> Bar<W> {
    /// How far the work has come; a total that is not known shows the count alone.
    pub fn show(&mut self, done: u64, total: Option<u64>) {
        let reached = total.map_or(done, |total| done.min(total) * 100 / total.max(1));
        let text =
            if self.is_terminal { self.bar(reached, total) } else { self.line(reached, total) };
        let Some(text) = text else { return };
        self.shown = Some(reached);
        // A screen that cannot be written to is no reason to stop.
        drop(self.screen.write_all(text.as_bytes()).and_then(|()| self.screen.flush()));
    }

    fn bar(&self, reached: u64, total: Option<u64>) -> Option<String> {
        if self.shown == Some(reached) {
            return None;
        }
        let what = self.what;
        Some(match total {
            Some(_) => {
                let full = usize::try_from(reached).unwrap_or(100) * WIDTH / 100;
                let bar = "#".repeat(full) + &"·".repeat(WIDTH.saturating_sub(full));
                format!("\r{what:<9} [{bar}] {reached:>3} %")
            }
            None => format!("\r{what:<9} {reached}"),
        })
    }

    /// Only where a tenth is full, or another part of what has no end.
    fn line(&mut self, reached: u64, total: Option<u64>) -> Option<String> {
        let every = if total.is_some() { LINE_EVERY_PERCENT } else { LINE_EVERY_BYTES };
        let full = reached / every;
        if full == self.shown.unwrap_or_default() / every {
            return None;
        }
        let (what, unit) = (self.what, if total.is_some() { " %" } else { "" });
        Some(format!("{what} {}{unit}\n", full * every))
    }
}

impl<W: Write> Drop for Bar<W> {
    fn drop(&mut self) {
        if self.is_terminal && self.shown.is_some() {
            drop(writeln!(self.screen));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(is_terminal: bool, steps: &[(u64, Option<u64>)]) -> String {
        let mut screen = Vec::new();
        let mut bar = Bar { what: "reading", screen: &mut screen, is_terminal, shown: None };
        steps.iter().for_each(|(done, total)| bar.show(*done, *total));
        drop(bar);
        String::from_utf8(screen).expect("text")
    }

    #[test]
    fn a_log_gets_a_line_for_each_tenth() {
        let steps: Vec<_> = (0..=300).map(|done| (done, Some(300))).collect();
        let lines = shown(false, &steps);
        assert_eq!(lines.lines().count(), 10);
        assert!(
            lines.starts_with("reading 10 %\n") && lines.ends_with("reading 100 %\n"),
            "{lines}"
        );
        assert_eq!(shown(false, &[(1, None), (600 << 20, None)]), "reading 536870912\n");
    }

    #[test]
    fn a_terminal_gets_one_bar_that_grows() {
        let bar = shown(true, &[(1, Some(2)), (1, Some(2)), (2, Some(2))]);
        assert_eq!(bar.matches('\r').count(), 2, "once for each per cent: {bar}");
        assert!(bar.ends_with("100 %\n"), "{bar}");
    }
}
