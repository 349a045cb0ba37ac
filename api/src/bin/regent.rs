//! The `regent` executable: region node and command line in one.

use clap::Parser;
use regent_api::cli::arguments::{Arguments, Command, ImportCommand};
use regent_api::cli::exit::Exit;
use regent_api::cli::import::command as import;
use regent_api::cli::node;
use regent_api::telemetry;
use std::io::Write as _;
use std::process::ExitCode;

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    telemetry::start(&arguments.log_level, arguments.log_format);
    match run(&arguments.command) {
        Ok(exit) => exit.into(),
        Err(error) => {
            // Nothing is left to do when even standard error is closed.
            drop(writeln!(std::io::stderr(), "error: {error:#}"));
            node::exit_of(&error).into()
        }
    }
}

fn run(command: &Command) -> anyhow::Result<Exit> {
    match command {
        Command::Init(prepare) => node::init(prepare),
        Command::Join { member, prepare } => node::join(prepare, member),
        Command::Region { data_dir } => node::region(data_dir),
        Command::Import(ImportCommand::MaasDump(arguments)) => import::run(arguments),
    }
}
