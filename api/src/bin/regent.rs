//! The `regent` executable: region node and command line in one.

use regent_api::cli::arguments::{Command, ConfigCommand, Global, ImportCommand};
use regent_api::cli::exit::Exit;
use regent_api::cli::failure::Failure;
use regent_api::cli::import::foreign::command::Maker;
use regent_api::cli::import::{command as import, foreign, standing};
use regent_api::cli::import_arguments::LeaseFiles;
use regent_api::cli::output::{OutputFormat, pretty_json, tell};
use regent_api::cli::session::Session;
use regent_api::cli::tree::{self, Typed};
use regent_api::cli::{
    about, config_file, explain, members, node, noun, parent, racks, raw, status, token, txn,
    vlan_dhcp, watch,
};
use regent_api::{dev, telemetry};
use std::process::ExitCode;

fn main() -> ExitCode {
    let typed = Typed::read();
    let global = typed.global();
    telemetry::start(&global.log_level, global.log_format);
    match run(&typed, global) {
        Ok(exit) => exit.into(),
        Err(error) => {
            report(&error, global.output);
            node::exit_of(&error).into()
        }
    }
}

fn run(typed: &Typed, global: &Global) -> anyhow::Result<Exit> {
    #[cfg(feature = "planted-bugs")]
    plant_bug()?;
    if let Some(parent) = global.die_with_parent {
        parent::die_with(parent)?;
    }
    match typed {
        Typed::Noun { noun, verb, .. } => {
            ask(global, async |session| noun::run(noun, verb, session).await)
        }
        Typed::VlanDhcp { verb, .. } => {
            ask(global, async |session| vlan_dhcp::run(verb, session).await)
        }
        Typed::Command(arguments) => match &arguments.command {
            Command::Init(prepare) => node::init(prepare, global.log_format),
            Command::Join { member, prepare } => node::join(prepare, member),
            Command::Region { data_dir } => node::region(data_dir),
            Command::Dev(arguments) => dev::run(arguments, global),
            Command::Status { check } => {
                ask(global, async |session| status::run(*check, session).await)
            }
            Command::Node(command) => {
                ask(global, async |session| members::run(command, session).await)
            }
            Command::Rack(verb) => ask(global, async |session| racks::run(verb, session).await),
            Command::Token(command) => {
                ask(global, async |session| token::run(command, session).await)
            }
            Command::Txn(typed) => ask(global, async |session| txn::run(typed, session).await),
            Command::Watch(typed) => ask(global, async |session| watch::run(typed, session).await),
            Command::Api(request) => ask(global, async |session| raw::run(request, session).await),
            Command::Config(ConfigCommand::Check(at)) => {
                config_file::check(&at.file, global.output)
            }
            Command::Config(ConfigCommand::Show(at)) => config_file::show(&at.file, global.output),
            Command::Explain { code } => Ok(explain::run(code.as_deref(), global.output)?),
            Command::Completion { shell } => {
                Ok(about::completion(*shell, tree::command(), global.output))
            }
            Command::Version => Ok(about::version(global.output)),
            Command::Import(ImportCommand::MaasDump(arguments)) => import::run(arguments, global),
            Command::Import(ImportCommand::IscLeases(arguments)) => {
                import_leases(Maker::Isc, arguments, global)
            }
            Command::Import(ImportCommand::KeaLeases(arguments)) => {
                import_leases(Maker::Kea, arguments, global)
            }
            Command::Import(ImportCommand::Ls) => ask(global, standing::list),
            Command::Import(ImportCommand::Abandon { id }) => {
                ask(global, async |session| standing::abandon(id.as_deref(), session).await)
            }
        },
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

/// Brings leases of another DHCP server in.
fn import_leases(maker: Maker, files: &LeaseFiles, global: &Global) -> anyhow::Result<Exit> {
    let newest = foreign::command::read(maker, &files.files)?;
    ask(global, async |session| foreign::command::send(&newest, files, session).await)
}

/// Runs a command that speaks to the region.
fn ask(
    global: &Global,
    command: impl AsyncFnOnce(&Session) -> Result<Exit, Failure>,
) -> anyhow::Result<Exit> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let session = Session::new(global)?;
    let told = runtime.block_on(async {
        match command(&session).await {
            Ok(exit) => Ok(exit),
            Err(failure) => Err(status::explained(failure, &session).await),
        }
    });
    Ok(told?)
}

fn report(error: &anyhow::Error, format: OutputFormat) {
    let other;
    let failure = match error.downcast_ref::<Failure>() {
        Some(failure) => failure,
        None => {
            let (exit, next) = (node::exit_of(error), node::advice_on(error));
            other = Failure::told(exit, &format!("{error:#}"), next);
            &other
        }
    };
    match format {
        OutputFormat::Table => tell(&failure.to_string()),
        OutputFormat::Json | OutputFormat::Yaml => {
            tell(pretty_json(&failure.to_json()).trim_end());
        }
    }
}
