//! The `regent-jepsen` executable: chaos runs against real clusters.

use clap::{Parser, Subcommand};
use regent_jepsen::chaos::{self, arguments::ChaosArguments, clean};
use regent_jepsen::faults::{self, arguments::FaultsArguments};
use regent_jepsen::judgement::{EXIT_SKIPPED, Judgement};
use regent_jepsen::power::arguments::{PowerArguments, WeakNodeArguments};
use regent_jepsen::power::{self, weak_node};
use regent_jepsen::probe::{self, ProbeArguments};
use regent_jepsen::racks::{self, arguments::RacksArguments};
use regent_jepsen::soak::{self, arguments::SoakArguments};
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
    /// Has real DHCP clients live with racks that fail. Needs root.
    Racks(RacksArguments),
    /// Breaks a cluster on machines of its own by a plan from a seed. Needs root.
    Netns(ChaosArguments),
    /// The same without machines of its own, and with fewer faults. Needs no root.
    Local(ChaosArguments),
    /// Runs `netns` with fresh seeds and mixes of faults for hours. Needs root.
    Soak(SoakArguments),
    /// Tells which faults this machine can be made to have.
    Probe(ProbeArguments),
    /// Removes what runs left behind that were killed.
    Clean,
    /// Runs a node made to lose data, for the controls of `powercut`.
    #[command(hide = true)]
    WeakNode(WeakNodeArguments),
}

fn main() -> ExitCode {
    let command = Arguments::parse().command;
    let needed = match &command {
        Command::Powercut(arguments) => arguments.require,
        Command::Racks(arguments) => arguments.require,
        Command::Netns(arguments) | Command::Local(arguments) => arguments.require.is_some(),
        Command::Soak(_) => true,
        Command::Faults(_) | Command::Probe(_) | Command::Clean | Command::WeakNode(_) => false,
    };
    let judged = match command {
        Command::Faults(arguments) => faults::run(&arguments),
        Command::Powercut(arguments) => power::run(&arguments),
        Command::Racks(arguments) => racks::run(&arguments),
        Command::Netns(arguments) => chaos::run(&arguments),
        Command::Local(arguments) => chaos::run_here(&arguments),
        Command::Soak(arguments) => soak::run(&arguments),
        Command::Probe(arguments) => probe::run(&arguments),
        Command::Clean => clean::run(),
        Command::WeakNode(arguments) => weak_node::run(&arguments).map(|()| Judgement::Passed),
    };
    match judged {
        Ok(Judgement::Skipped) if needed => ExitCode::from(EXIT_SKIPPED),
        Ok(Judgement::Passed | Judgement::Skipped) => ExitCode::SUCCESS,
        Ok(Judgement::Failed) => ExitCode::from(1),
        Err(error) => {
            // Without a standard error there is nobody to tell.
            drop(writeln!(std::io::stderr(), "error: {error:#}"));
            ExitCode::from(2)
        }
    }
}
