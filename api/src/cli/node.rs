//! `init`, `join`, `region`: prepare a data directory, run a node on it.

use crate::cli::arguments::Prepare;
use crate::cli::exit::Exit;
use crate::cli::failure::Failure;
use crate::cli::import::error as import_error;
use crate::cli::invitation::Invitation;
use crate::cli::output::tell;
use crate::config::{Addresses, CONFIG_FILE, ConfigError, FileConfig, RaftSection};
use crate::daemon::{self, Ended};
use crate::dns::config::DnsSection;
use crate::ports::{self, PortError};
use crate::telemetry::LogFormat;
use regent_raft::config::RaftConfig;
use regent_raft::error::StartError;
use regent_raft::exclusion::Exclusion;
use regent_raft::log_store::amnesia::OpenError;
use regent_raft::region::prepare::Preparation;
use std::path::Path;

/// Makes a region and runs its first node. Tells how others join it: as text, or where `logs` go to a machine, there.
///
/// # Errors
/// When the directory cannot be prepared or the node cannot start.
pub fn init(prepare: &Prepare, logs: LogFormat) -> anyhow::Result<Exit> {
    let config = config_of(prepare);
    let RaftConfig { voters_wanted, .. } = config.validate()?;
    let preparation = Preparation::begin(&prepare.data_dir, &prepare.name)?;
    ports::probe(&config.listen)?;
    preparation.found()?;
    config.write(&prepare.data_dir.join(CONFIG_FILE))?;
    let program = std::env::args().next();
    let invitation = Invitation {
        program: program.as_deref().unwrap_or("regent"),
        name: &prepare.name,
        data_dir: &prepare.data_dir,
        config: &config,
        voters: voters_wanted,
    };
    invite(&invitation.lines(), logs);
    run(&prepare.data_dir, &config)
}

/// Joins a region and runs the new node.
///
/// # Errors
/// As for `init`, and when no place is given.
pub fn join(prepare: &Prepare, member: &str) -> anyhow::Result<Exit> {
    let config = config_of(prepare);
    config.validate()?;
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let Addresses { api, peer, .. } = &config.advertise;
    let preparation = Preparation::begin(&prepare.data_dir, &prepare.name)?;
    // Before a place is asked for: a node that got one and cannot start stands in everybody's list.
    ports::probe(&config.listen)?;
    let identity = runtime.block_on(preparation.join(member, peer, api))?;
    config.write(&prepare.data_dir.join(CONFIG_FILE))?;
    tracing::info!(node_id = identity.node_id, cluster_id = identity.cluster_id, "got a place");
    run(&prepare.data_dir, &config)
}

/// Runs the node of a prepared directory.
///
/// # Errors
/// When it cannot start.
pub fn region(data_dir: &Path) -> anyhow::Result<Exit> {
    let config = data_dir.join(CONFIG_FILE);
    if !config.try_exists()? {
        return Err(StartError::from(OpenError::Empty(data_dir.to_owned())).into());
    }
    run(data_dir, &FileConfig::read(&config)?)
}

fn run(data_dir: &Path, config: &FileConfig) -> anyhow::Result<Exit> {
    Ok(match daemon::run(data_dir, config)? {
        Ended::OnRequest => Exit::Ok,
        Ended::ByFailure => Exit::Failure,
        Ended::Excluded(exclusion) => exit_of_exclusion(exclusion),
    })
}

fn invite(lines: &[String], logs: LogFormat) {
    match logs {
        LogFormat::Text => lines.iter().for_each(|line| tell(line)),
        LogFormat::Json => lines.iter().for_each(|line| tracing::info!("{}", line.trim_start())),
    }
}

fn config_of(prepare: &Prepare) -> FileConfig {
    let own = |advertised: &Option<String>, listen: std::net::SocketAddr| {
        advertised.clone().unwrap_or_else(|| listen.to_string())
    };
    FileConfig {
        listen: Addresses {
            api: prepare.listen_api,
            peer: prepare.listen_peer,
            dns: prepare.listen_dns.clone(),
        },
        advertise: Addresses {
            api: own(&prepare.advertise_api, prepare.listen_api),
            peer: own(&prepare.advertise_peer, prepare.listen_peer),
            dns: Vec::new(),
        },
        insecure_no_auth: prepare.insecure_no_auth,
        raft: RaftSection {
            voters: prepare.voters,
            promote_after_ms: prepare.promote_after_ms,
            snapshot_entries: prepare.snapshot_entries,
            entries_kept: prepare.entries_kept,
            log_bytes_kept: prepare.log_bytes_kept,
            ..RaftSection::default()
        },
        dns: DnsSection::default(),
    }
}

const fn exit_of_exclusion(exclusion: Exclusion) -> Exit {
    match exclusion {
        Exclusion::Removed => Exit::Removed,
        Exclusion::Diverged => Exit::Unusable,
    }
}

/// The exit code a failure to start deserves: some are not cured by a restart.
#[must_use]
pub fn exit_of(error: &anyhow::Error) -> Exit {
    if let Some(failure) = error.downcast_ref::<Failure>() {
        return failure.exit();
    }
    if error.downcast_ref::<ConfigError>().is_some() {
        return Exit::BadConfig;
    }
    match error.downcast_ref::<StartError>() {
        Some(StartError::Open(OpenError::Amnesia { .. })) => Exit::Unusable,
        Some(StartError::Excluded(exclusion)) => exit_of_exclusion(*exclusion),
        Some(StartError::Config(_)) => Exit::BadConfig,
        Some(_) | None => Exit::Failure,
    }
}

/// What to do about a failure to start.
#[must_use]
pub fn advice_on(error: &anyhow::Error) -> &'static str {
    if error.downcast_ref::<ConfigError>().is_some() {
        return "correct it; `regent config check FILE` reads a file as a node does";
    }
    if error.downcast_ref::<PortError>().is_some() {
        return "stop what listens there (`ss -ltnup` tells), or listen elsewhere";
    }
    if let Some(advice) = import_error::advice_on(error) {
        return advice;
    }
    match error.downcast_ref::<StartError>() {
        Some(StartError::Open(open)) => match open {
            OpenError::Amnesia { .. } => {
                "`regent join` with an empty --data-dir, then `regent node remove` the old member"
            }
            OpenError::Empty(_) => {
                "`regent init` makes a region there, `regent join ADDR` joins one"
            }
            OpenError::Unfinished(_) => "run the same `regent init` or `regent join` again",
            OpenError::Occupied(_) => "`regent region --data-dir DIR` runs the node that is there",
            OpenError::OtherIntent { .. } => {
                "end it with that command, or name another --data-dir, or empty this one"
            }
            OpenError::InUse(_) => "stop the other process, or name another --data-dir",
            OpenError::Io(_) => "see that the disk works and the directory belongs to this user",
        },
        Some(StartError::Join { .. } | StartError::Answer { .. }) => {
            "name the peer port of a running node; `regent node ls` shows them"
        }
        Some(StartError::Excluded(_)) => {
            "`regent join` with an empty --data-dir; `regent node ls` tells whether it is a member"
        }
        Some(StartError::Config(_)) => "`regent config check FILE` reads a file as a node does",
        Some(StartError::Io { .. } | StartError::Raft(_)) => "the lines above may say more",
        None => "regent --help",
    }
}
