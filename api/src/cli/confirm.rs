//! Asking before something is gone for good. Scripts are not asked: they have no terminal, or say `--yes`.

use crate::cli::exit::Exit;
use crate::cli::failure::Failure;
use std::io::{BufRead as _, IsTerminal as _, Write as _};

/// Bytes of an answer that are read.
const ANSWER_BYTES_MAX: u64 = 64;

/// Asks whoever sits at a terminal whether `what` shall be done, unless it was said to be.
///
/// # Errors
/// [`Failure`] if the answer is not yes.
pub fn ask(what: &str, yes: bool) -> Result<(), Failure> {
    let (input, mut screen) = (std::io::stdin(), std::io::stderr());
    if yes || !input.is_terminal() || !screen.is_terminal() {
        return Ok(());
    }
    let mut answer = String::new();
    let asked = write!(screen, "{what}? [y/N] ").and_then(|()| screen.flush());
    let read = asked.and_then(|()| {
        let mut input = std::io::Read::take(input.lock(), ANSWER_BYTES_MAX);
        input.read_line(&mut answer)
    });
    match read {
        Ok(_) if is_yes(&answer) => Ok(()),
        Ok(_) | Err(_) => Err(Failure::refused(
            Exit::Cancelled,
            "nothing was done",
            "the answer was not yes",
            "say y, or --yes on the command line",
        )),
    }
}

fn is_yes(answer: &str) -> bool {
    matches!(answer.trim().to_ascii_lowercase().as_str(), "y" | "yes")
}

#[cfg(test)]
mod tests {
    use super::is_yes;

    #[test]
    fn only_yes_is_yes() {
        assert!([" y\n", "YES\n"].into_iter().all(is_yes));
        assert!(!["", "\n", "n\n", "yeah\n"].into_iter().any(is_yes));
    }
}
