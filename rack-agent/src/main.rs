//! The `rack-agent` executable: reads its arguments, reports, and sets the exit code. All else is in the library.

use anyhow::Context;
use clap::{Parser, Subcommand};
use regent_rack_agent::config::Config;
use regent_rack_agent::endpoint::Endpoint;
use regent_rack_agent::test_section::TestSection;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

/// Exit code of a configuration that cannot be used, so that a supervisor knows a restart is no help.
const EXIT_BAD_CONFIG: u8 = 64;

/// Rack agent of Regent: follows a region and serves DHCP.
#[derive(Parser)]
#[command(name = "rack-agent", version)]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Run the agent in the foreground.
    Run {
        /// The configuration file.
        #[arg(long, default_value = "/etc/regent/rack.toml")]
        config: PathBuf,
    },
    /// Work on the configuration file.
    #[command(subcommand)]
    Config(ConfigCommand),
}

#[derive(Subcommand)]
enum ConfigCommand {
    /// Say whether the agent could start with FILE, and with which values.
    Check {
        /// The configuration file.
        file: PathBuf,
    },
}

fn main() -> ExitCode {
    let outcome = match Arguments::parse().command {
        Command::Run { config } => run(&config),
        Command::Config(ConfigCommand::Check { file }) => check(&file),
    };
    outcome.unwrap_or_else(|error| {
        report(&format!("error: {error:#}"));
        ExitCode::from(EXIT_BAD_CONFIG)
    })
}

fn run(file: &Path) -> anyhow::Result<ExitCode> {
    read(file)?;
    report("error: running the agent is not built yet; let MAAS serve DHCP until it is");
    Ok(ExitCode::FAILURE)
}

fn check(file: &Path) -> anyhow::Result<ExitCode> {
    let config = read(file)?;
    let Config { regions, state_dir, interfaces, insecure_no_auth, test } = &config;
    let (regions, test) = (regions_line(regions), test_line(test.as_ref()));
    let mut stdout = std::io::stdout().lock();
    writeln!(stdout, "{} is valid", file.display())?;
    writeln!(stdout, "regions           {regions}")?;
    writeln!(stdout, "state_dir         {}", state_dir.display())?;
    writeln!(stdout, "interfaces        {interfaces}")?;
    writeln!(stdout, "insecure_no_auth  {insecure_no_auth}")?;
    writeln!(stdout, "test              {test}")?;
    Ok(ExitCode::SUCCESS)
}

fn regions_line(regions: &[Endpoint]) -> String {
    let regions: Vec<String> = regions.iter().map(ToString::to_string).collect();
    if regions.is_empty() { "those that the region tells of".into() } else { regions.join(" ") }
}

fn test_line(test: Option<&TestSection>) -> String {
    let Some(TestSection { listen, addresses }) = test else { return "no".into() };
    let addresses: Vec<String> = addresses.iter().map(ToString::to_string).collect();
    format!("at {listen} with {}", addresses.join(" "))
}

fn read(file: &Path) -> anyhow::Result<Config> {
    Config::read(file).with_context(|| file.display().to_string())
}

/// To standard error. If nobody can read that any more, the exit code still tells.
fn report(line: &str) {
    let _ = writeln!(std::io::stderr(), "{line}");
}
