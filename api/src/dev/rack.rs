//! One rack agent of a dev cluster, a process of its own that serves DHCP at a port of the loopback.
//!
//! The supervisor enrols it before its process is started, with a token as an operator would.

use crate::cli::client::{Call, Client};
use crate::cli::dev_record::DevRack;
use crate::dev::process::Process;
use crate::dev::stop_signals::StopSignals;
use anyhow::Context as _;
use regent_rack_agent::agent::running;
use regent_rack_agent::config::Config;
use regent_rack_agent::join::{Farewell, JoinError, Standing, Wish, join};
use regent_rack_agent::leaving::PATIENCE;
use reqwest::Method;
use serde::Serialize;
use serde_json::json;
use std::io;
use std::path::{Path, PathBuf};

/// How long a token is good, in seconds; it is used at once.
const TOKEN_LIFE_S: u64 = 60;

/// A rack agent, running or not.
#[derive(Debug)]
pub struct Rack {
    /// Where it lives.
    pub place: DevRack,
    /// Its process.
    pub process: Process,
}

/// Its configuration, as `docs/rack-agent.md` describes it.
#[derive(Serialize)]
struct ConfigFile<'a> {
    regions: &'a [String],
    state_dir: &'a Path,
    test: TestSection<'a>,
}

#[derive(Serialize)]
struct TestSection<'a> {
    listen: &'a str,
    addresses: [&'a str; 1],
}

impl Rack {
    /// A rack agent that does not run yet.
    #[must_use]
    pub fn new(place: DevRack) -> Self {
        let process = Process::new(&place.name, &place.directory);
        Self { place, process }
    }

    /// What others are told of it.
    #[must_use]
    pub fn record(&self) -> DevRack {
        DevRack { pid: self.process.pid(), ..self.place.clone() }
    }

    /// Whether it has a configuration, and need only be started.
    #[must_use]
    pub fn is_ready(&self) -> bool {
        self.config_file().exists()
    }

    /// What it is to be started with: the region of `nodes`, and an address (`ADDRESS/PREFIX`) of its own.
    ///
    /// # Errors
    /// When that cannot be written.
    pub fn config(&self, nodes: &[String], address: &str) -> anyhow::Result<String> {
        let test = TestSection { listen: &self.place.dhcp, addresses: [address] };
        let file = ConfigFile { regions: nodes, state_dir: &self.place.directory, test };
        Ok(toml::to_string(&file)?)
    }

    /// Makes it a rack of the region, unless it is one already; its `system_id`.
    ///
    /// # Errors
    /// When the region does not take it, or its folder cannot be written.
    pub async fn enrol(&self, client: &Client, config: &str) -> anyhow::Result<String> {
        let config = Config::parse(config)?;
        let wish = json!({ "expires_in_s": TOKEN_LIFE_S });
        let call = Call::write(Method::POST, "/v1/rack-tokens", Some(wish));
        let made = client.call(&call).await?.body;
        let wish = Wish {
            token: made["token"].as_str().context("a new token has a text")?.to_owned(),
            hostname: Some(self.place.name.clone()),
            regions: Vec::new(),
            standing: Standing::Keep,
            farewell: Farewell::Orderly,
            patience: PATIENCE,
        };
        match join(&config, wish).await {
            Ok(joined) => Ok(joined.identity.system_id),
            // A supervisor before us was ended before it had prepared everything.
            Err(JoinError::IsRack(system_id)) => Ok(system_id),
            Err(error) => Err(error.into()),
        }
    }

    /// Keeps its configuration: everything else is prepared.
    ///
    /// # Errors
    /// I/O.
    pub fn make_ready(&self, config: &str) -> io::Result<()> {
        std::fs::write(self.config_file(), config)
    }

    /// Starts the process.
    ///
    /// # Errors
    /// When it runs already, or cannot be started.
    pub fn start(&mut self) -> anyhow::Result<()> {
        let config = self.config_file();
        self.process.start(|command| {
            command.args(["dev", "rack-agent"]).arg(config);
        })
    }

    fn config_file(&self) -> PathBuf {
        self.place.directory.with_extension("toml")
    }
}

/// Is a rack agent: what the process does.
///
/// # Errors
/// When the configuration cannot be used, or the agent cannot go on.
pub async fn run(config: &Path) -> anyhow::Result<()> {
    let config = Config::read(config).with_context(|| config.display().to_string())?;
    let mut stop = StopSignals::catch()?;
    Ok(running::run(&config, stop.received()).await?)
}
