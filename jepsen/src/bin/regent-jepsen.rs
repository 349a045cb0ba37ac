//! The `regent-jepsen` executable: chaos runs against real clusters.

use clap::{Parser, Subcommand};
use regent_jepsen::faults::{self, arguments::FaultsArguments};
use std::io::Write as _;
use std::process::ExitCode;

/// Breaks Regent clusters and judges what they did.
#[derive(Debug, Parser)]
#[command(name = "regent-jepsen", version)]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Kills and pauses nodes of a cluster under load.
    Faults(FaultsArguments),
}

fn main() -> ExitCode {
    let Command::Faults(arguments) = Arguments::parse().command;
    match faults::run(&arguments) {
        Ok(faults::Judgement::Passed) => ExitCode::SUCCESS,
        Ok(faults::Judgement::Failed) => ExitCode::from(1),
        Err(error) => {
            // Without a standard error there is nobody to tell.
            drop(writeln!(std::io::stderr(), "error: {error:#}"));
            ExitCode::from(2)
        }
    }
}
