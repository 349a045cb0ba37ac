//! The `regent` executable: region node and command line in one.

use clap::Parser;
use regent_api::cli::arguments::{Arguments, Command, Global};
use regent_api::cli::exit::Exit;
use regent_api::cli::failure::Failure;
use regent_api::cli::output::{OutputFormat, pretty_json, tell};
use regent_api::cli::{node, parent};
use regent_api::{dev, telemetry};
use std::process::ExitCode;

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    let global = &arguments.global;
    telemetry::start(&global.log_level, global.log_format);
    match run(&arguments.command, global) {
        Ok(exit) => exit.into(),
        Err(error) => {
            report(&error, global.output);
            node::exit_of(&error).into()
        }
    }
}

fn run(command: &Command, global: &Global) -> anyhow::Result<Exit> {
    if let Some(parent) = global.die_with_parent {
        parent::die_with(parent)?;
    }
    match command {
        Command::Init(prepare) => node::init(prepare),
        Command::Join { member, prepare } => node::join(prepare, member),
        Command::Region { data_dir } => node::region(data_dir),
        Command::Dev(arguments) => dev::run(arguments, global),
    }
}

fn report(error: &anyhow::Error, format: OutputFormat) {
    let failure = error.downcast_ref::<Failure>();
    match (failure, format) {
        (Some(failure), OutputFormat::Table) => tell(&failure.to_string()),
        (Some(failure), OutputFormat::Json | OutputFormat::Yaml) => {
            tell(pretty_json(&failure.to_json()).trim_end());
        }
        (None, _) => tell(&format!("error: {error:#}")),
    }
}
