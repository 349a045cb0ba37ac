//! The `regent-jepsen` executable: chaos runs against real clusters.

use clap::{Parser, Subcommand};
use regent_jepsen::faults::{self, arguments::FaultsArguments};
use regent_jepsen::judgement::Judgement;
use regent_jepsen::power::arguments::{PowerArguments, WeakNodeArguments};
use regent_jepsen::power::{self, weak_node};
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
    /// Cuts the power of all disks of a cluster at once. Needs root.
    Powercut(PowerArguments),
    /// Runs a node made to lose data, for the controls of `powercut`.
    #[command(hide = true)]
    WeakNode(WeakNodeArguments),
}

fn main() -> ExitCode {
    let judged = match Arguments::parse().command {
        Command::Faults(arguments) => faults::run(&arguments),
        Command::Powercut(arguments) => power::run(&arguments),
        Command::WeakNode(arguments) => weak_node::run(&arguments).map(|()| Judgement::Passed),
    };
    match judged {
        Ok(Judgement::Passed | Judgement::Skipped) => ExitCode::SUCCESS,
        Ok(Judgement::Failed) => ExitCode::from(1),
        Err(error) => {
            // Without a standard error there is nobody to tell.
            drop(writeln!(std::io::stderr(), "error: {error:#}"));
            ExitCode::from(2)
        }
    }
}
