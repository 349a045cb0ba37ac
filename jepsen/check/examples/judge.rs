//! Judges a history that somebody else wrote: `cargo run -p regent-check --example judge -- HISTORY [DEMAND]`.
//!
//! Writes the verdict as JSON. Ends with 0 if the run passes, 1 if it fails, 2 if nothing can be said. What the
//! harness demands of its runs is its own business; here it can be given as a file.

use regent_check::coverage::Demand;
use regent_check::history::reader::read;
use regent_check::verdict::{Outcome, judge};
use std::error::Error;
use std::fs::File;
use std::io::{BufReader, Write};
use std::process::ExitCode;

fn main() -> Result<ExitCode, Box<dyn Error>> {
    let mut arguments = std::env::args().skip(1);
    let history = arguments.next().ok_or("which history?")?;
    let demand = match arguments.next() {
        Some(demand) => serde_json::from_reader(BufReader::new(File::open(demand)?))?,
        None => Demand::default(),
    };
    let history = read(BufReader::new(File::open(history)?))?;
    let verdict = judge(&history, &demand);
    let mut told = serde_json::to_vec_pretty(&verdict)?;
    told.push(b'\n');
    std::io::stdout().write_all(&told)?;
    Ok(match verdict.outcome {
        Outcome::Pass => ExitCode::SUCCESS,
        Outcome::Fail => ExitCode::from(1),
        Outcome::Unknown => ExitCode::from(2),
    })
}
