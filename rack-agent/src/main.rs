//! The `rack-agent` executable: reads its arguments, reports, and sets the exit code. All else is in the library.

mod screen;

use anyhow::Context;
use clap::{Args, Parser, Subcommand, ValueEnum};
use regent_core::version::VERSION;
use regent_rack_agent::agent;
use regent_rack_agent::agent::report::{Question, Report};
use regent_rack_agent::config::Config;
use regent_rack_agent::endpoint::Endpoint;
use regent_rack_agent::join::{Farewell, JoinError, Joined, Standing, Wish, join};
use regent_rack_agent::leaving::PATIENCE;
use regent_rack_agent::newcomer_limit::NewcomerLimit;
use regent_rack_agent::region::enrol::EnrolError;
use regent_rack_agent::test_section::TestSection;
use std::io::{IsTerminal as _, Read, Write};
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::Duration;
use tokio::runtime::Builder;
use tokio::signal::unix::{SignalKind, signal};
use tracing_subscriber::EnvFilter;

/// Exit code of a configuration that cannot be used, so that a supervisor knows a restart is no help.
const EXIT_BAD_CONFIG: u8 = 64;
/// Environment variable that says how much is logged, as `RUST_LOG` does elsewhere.
const LOG_FILTER: &str = "RACK_AGENT_LOG";
/// Threads for the agent and its line to the region. Disk and wires have their own.
const THREADS: usize = 2;
/// Exit code of something whose outcome nobody knows, as that of `regent`.
const EXIT_UNKNOWN: u8 = 7;
/// What is left of the agent's work when it has ended, lookups of names, gets so long.
const LOOSE_ENDS: Duration = Duration::from_secs(1);
/// The configuration that is read if none is named. If it is not there, everything is as by default.
const CONFIG_FILE: &str = "/etc/regent/rack.toml";
/// Bytes of a token that are read from standard input.
const TOKEN_BYTES_MAX: u64 = 16 << 10;

/// Rack agent of Regent: follows a region and serves DHCP.
#[derive(Parser)]
#[command(name = "rack-agent", version = VERSION)]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Run the agent in the foreground.
    Run {
        /// The configuration file, instead of /etc/regent/rack.toml.
        #[arg(long)]
        config: Option<PathBuf>,
    },
    /// Make this machine a rack of the region that TOKEN is of.
    Join(JoinArguments),
    /// Show how the agent that runs here is.
    Status(ShowArguments),
    /// Show what the agent that runs here has given.
    Leases(ShowArguments),
    /// Work on the configuration file.
    #[command(subcommand)]
    Config(ConfigCommand),
}

#[derive(clap::Args)]
struct JoinArguments {
    /// What `regent token create rack` printed; `-` to read it from standard input.
    token: String,
    /// What the rack is to be called, instead of the machine's host name.
    #[arg(long)]
    hostname: Option<String>,
    /// Go to this region node instead of those that the token names; may be repeated.
    #[arg(long, value_name = "HOST:PORT")]
    region: Vec<Endpoint>,
    /// Join although this machine is a rack of that region: the region does not know it any more.
    #[arg(long)]
    again: bool,
    /// Leave the region it is a rack of even if that does not answer or does not let it go. Addresses it may have given stay
    /// out of use there until their time is over.
    #[arg(long)]
    abandon: bool,
    /// The configuration file, instead of /etc/regent/rack.toml.
    #[arg(long)]
    config: Option<PathBuf>,
}

#[derive(Args)]
struct ShowArguments {
    /// The agent's configuration file, instead of /etc/regent/rack.toml.
    #[arg(long)]
    config: Option<PathBuf>,
    /// What it looks like.
    #[arg(short, long, value_enum, default_value_t)]
    output: Output,
}

#[derive(Clone, Copy, Default, ValueEnum)]
enum Output {
    /// For people.
    #[default]
    Table,
    /// One JSON document.
    Json,
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
        Command::Run { config } => run(config.as_deref()),
        Command::Join(arguments) => join_region(arguments),
        Command::Status(arguments) => show(&arguments, Question::Status, screen::status),
        Command::Leases(arguments) => show(&arguments, Question::Leases, screen::leases),
        Command::Config(ConfigCommand::Check { file }) => check(&file),
    };
    outcome.unwrap_or_else(|error| {
        report(&format!("error: {error:#}"));
        ExitCode::from(EXIT_BAD_CONFIG)
    })
}

fn run(file: Option<&Path>) -> anyhow::Result<ExitCode> {
    let config = read_chosen(file)?;
    let filter = EnvFilter::try_from_env(LOG_FILTER).unwrap_or_else(|_| EnvFilter::new("info"));
    let for_people = std::io::stderr().is_terminal();
    let lines = tracing_subscriber::fmt().with_env_filter(filter).with_ansi(for_people);
    lines.with_writer(std::io::stderr).init();
    #[cfg(feature = "planted-bugs")]
    plant_bug()?;
    if config.insecure_no_auth {
        tracing::warn!(
            "the region is spoken to in the clear: whoever listens can take this rack's place"
        );
    }
    let threads = Builder::new_multi_thread().worker_threads(THREADS).enable_all().build()?;
    let ended = threads.block_on(agent::running::run(&config, asked_to_stop()));
    // The system's resolver takes its time where nobody answers it.
    threads.shutdown_timeout(LOOSE_ENDS);
    match ended {
        Ok(()) => Ok(ExitCode::SUCCESS),
        Err(error) => {
            tracing::error!("{:#}", anyhow::Error::new(error));
            Ok(ExitCode::FAILURE)
        }
    }
}

/// Plants the bug that the environment names, if it names one.
#[cfg(feature = "planted-bugs")]
fn plant_bug() -> anyhow::Result<()> {
    use regent_core::planted::{Planted, VARIABLE, plant};
    let Some(name) = std::env::var_os(VARIABLE) else { return Ok(()) };
    let bug: Planted = name.to_string_lossy().parse()?;
    plant(bug);
    tracing::error!(%bug, "A BUG IS PLANTED in this process");
    Ok(())
}

/// Returns when the process is asked to end.
async fn asked_to_stop() {
    let caught = signal(SignalKind::terminate())
        .and_then(|terminate| Ok((terminate, signal(SignalKind::interrupt())?)));
    match caught {
        Ok((mut terminate, mut interrupt)) => {
            tokio::select! {
                _ = terminate.recv() => {}
                _ = interrupt.recv() => {}
            }
        }
        Err(error) => {
            tracing::error!(%error, "signals cannot be waited for");
            std::future::pending().await
        }
    }
}

fn show(
    arguments: &ShowArguments,
    question: Question,
    table: fn(&Report) -> String,
) -> anyhow::Result<ExitCode> {
    let state_dir = read_chosen(arguments.config.as_deref())?.state_dir;
    let threads = Builder::new_current_thread().enable_all().build()?;
    let report = match threads.block_on(agent::telling::ask(&state_dir, question)) {
        Ok(report) => report,
        Err(error) => {
            let place = state_dir.display();
            report(&format!(
                "error: no agent answers in {place}: {error}; start it: rack-agent run"
            ));
            return Ok(ExitCode::FAILURE);
        }
    };
    let mut stdout = std::io::stdout().lock();
    match arguments.output {
        Output::Table => write!(stdout, "{}", table(&report))?,
        Output::Json => writeln!(stdout, "{}", serde_json::to_string_pretty(&report)?)?,
    }
    Ok(ExitCode::SUCCESS)
}

fn join_region(arguments: JoinArguments) -> anyhow::Result<ExitCode> {
    let JoinArguments { token, hostname, region: regions, again, abandon, config } = arguments;
    let config = read_chosen(config.as_deref())?;
    let token = if token == "-" { piped_token()? } else { token };
    let standing = if again { Standing::Again } else { Standing::Keep };
    let farewell = if abandon { Farewell::Abandoning } else { Farewell::Orderly };
    let wish = Wish { token, hostname, regions, standing, farewell, patience: PATIENCE };
    let threads = Builder::new_current_thread().enable_all().build()?;
    match threads.block_on(join(&config, wish)) {
        Ok(Joined { identity, remarks, carried }) => {
            remarks.iter().for_each(|remark| report(&format!("note: {remark}")));
            let mut stdout = std::io::stdout().lock();
            writeln!(stdout, "joined as {identity:?}; start the agent now")?;
            if let Some(carried) = carried {
                let file = carried.display();
                writeln!(
                    stdout,
                    "it carries leases of VLANs it served alone: before they are served here, \
                     `regent import kea-leases {file}`"
                )?;
            }
            Ok(ExitCode::SUCCESS)
        }
        Err(error) => {
            let code = exit_code(&error);
            report(&format!("error: {:#}", anyhow::Error::new(error)));
            Ok(code)
        }
    }
}

fn exit_code(error: &JoinError) -> ExitCode {
    match error {
        JoinError::Enrol(EnrolError::Unknown(_)) | JoinError::NotTaken(EnrolError::Unknown(_)) => {
            ExitCode::from(EXIT_UNKNOWN)
        }
        JoinError::Enrol(_)
        | JoinError::NotTaken(_)
        | JoinError::NotLetGo(..)
        | JoinError::NotCarried(..)
        | JoinError::Token(_)
        | JoinError::Hostname(..)
        | JoinError::Store(_)
        | JoinError::IsRack(_)
        | JoinError::Exposed(_)
        | JoinError::Interfaces(_)
        | JoinError::NotWritten(..) => ExitCode::FAILURE,
    }
}

fn piped_token() -> anyhow::Result<String> {
    let mut text = String::new();
    let mut stdin = std::io::stdin().take(TOKEN_BYTES_MAX);
    stdin.read_to_string(&mut text).context("the token cannot be read from standard input")?;
    Ok(text)
}

fn check(file: &Path) -> anyhow::Result<ExitCode> {
    let config = read(file)?;
    let Config { regions, state_dir, interfaces, insecure_no_auth, newcomers, test } = &config;
    let (regions, test) = (regions_line(regions), test_line(test.as_ref()));
    let mut stdout = std::io::stdout().lock();
    writeln!(stdout, "{} is valid", file.display())?;
    writeln!(stdout, "regions           {regions}")?;
    writeln!(stdout, "state_dir         {}", state_dir.display())?;
    writeln!(stdout, "interfaces        {interfaces}")?;
    writeln!(stdout, "insecure_no_auth  {insecure_no_auth}")?;
    let NewcomerLimit { at_once, per_second } = newcomers;
    writeln!(stdout, "newcomers         {at_once} at once, then {per_second} a second")?;
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

fn read_chosen(file: Option<&Path>) -> anyhow::Result<Config> {
    match file {
        Some(file) => read(file),
        None if Path::new(CONFIG_FILE).exists() => read(Path::new(CONFIG_FILE)),
        None => Ok(Config::parse("")?),
    }
}

fn read(file: &Path) -> anyhow::Result<Config> {
    Config::read(file).with_context(|| file.display().to_string())
}

/// To standard error. If nobody can read that any more, the exit code still tells.
fn report(line: &str) {
    let _ = writeln!(std::io::stderr(), "{line}");
}
