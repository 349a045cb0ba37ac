//! `regent explain`: what an error code means. Asks no node, as that may be what failed.

use crate::cli::exit::Exit;
use crate::cli::failure::Failure;
use crate::cli::output::OutputFormat;
use crate::problem_kind::ProblemKind;
use serde_json::{Value, json};

/// Columns that an explanation takes.
const COLUMNS_MAX: usize = 80;

/// Explains one kind of problem, or lists all of them.
///
/// # Errors
/// [`Failure`] if there is no such code.
pub fn run(code: Option<&str>, format: OutputFormat) -> Result<Exit, Failure> {
    match code {
        None => {
            let kinds: Vec<Value> = ProblemKind::ALL.iter().map(|kind| kind.described()).collect();
            format.show(&json!({ "items": kinds }), |_| list());
        }
        Some(code) => {
            let kind = ProblemKind::find(code).ok_or_else(|| unknown(code))?;
            format.show(&kind.described(), |_| explanation(kind));
        }
    }
    Ok(Exit::Ok)
}

fn unknown(code: &str) -> Failure {
    let why = "codes are E and four digits; names are like no-leader";
    let what = format!("there is no problem {code:?}");
    Failure::refused(Exit::NotFound, what, why, "`regent explain` lists all of them")
}

fn list() -> String {
    let line = |kind: &ProblemKind| format!("{}  {}\n", kind.code(), kind.title());
    ProblemKind::ALL.iter().map(line).collect()
}

fn explanation(kind: ProblemKind) -> String {
    let again = if kind.retryable() { "may work later" } else { "fails again" };
    let head = format!("{}: {}", kind.code(), kind.title());
    let about = folded(kind.about());
    let next = folded(&format!("What to do: {}.", kind.next()));
    let (status, name) = (kind.status(), kind.slug());
    let rest = format!("The same request {again}. HTTP status {status}, /problems/{name}.");
    [head, String::new(), about, next, folded(&rest)].join("\n")
}

/// A text in lines that are not too long.
fn folded(text: &str) -> String {
    let mut lines = String::new();
    let mut columns = 0;
    for word in text.split(' ') {
        let width = word.chars().count();
        if columns > 0 && columns + 1 + width > COLUMNS_MAX {
            lines.push('\n');
            columns = 0;
        } else if columns > 0 {
            lines.push(' ');
            columns += 1;
        }
        lines.push_str(word);
        columns += width;
    }
    lines.push('\n');
    lines
}

#[cfg(test)]
mod tests {
    use super::{COLUMNS_MAX, explanation};
    use crate::problem_kind::ProblemKind;

    #[test]
    fn every_code_is_explained_in_lines_that_fit_a_screen_with_what_to_do() {
        for kind in ProblemKind::ALL.iter().copied() {
            let told = explanation(kind);
            assert!(told.lines().all(|line| line.chars().count() <= COLUMNS_MAX), "{told}");
            let whole = told.replace('\n', " ");
            for part in [kind.code(), kind.title(), kind.about(), kind.next()] {
                assert!(whole.contains(part) && !part.is_empty(), "{part} in {told}");
            }
            assert!(kind.about().len() > kind.title().len(), "{kind:?} says more than its title");
        }
    }
}
