//! What can be asked of a run. With the defaults it takes about 15 minutes.

use crate::load::crowd::Pressure;
use crate::site::address::{LEASES_MAX, MACHINES_MAX};
use crate::site::dump::Size;
use clap::{Parser, ValueEnum};
use std::path::PathBuf;
use std::time::Duration;

/// Measures three durable nodes of Regent, beside what they replace.
#[derive(Clone, Debug, Parser)]
#[command(name = "cluster")]
pub struct Arguments {
    /// What is measured.
    #[arg(long, value_enum, value_delimiter = ',', default_values_t = Part::value_variants().to_vec())]
    pub parts: Vec<Part>,
    /// Rounds; figures are medians of them.
    #[arg(long, default_value_t = 2, value_parser = clap::value_parser!(u32).range(1..=100))]
    pub rounds: u32,
    /// Numbers of clients that write at the same time.
    #[arg(long, value_delimiter = ',', default_values_t = [1, 16, 64, 256])]
    pub clients: Vec<usize>,
    /// Seconds that are counted.
    #[arg(long, default_value_t = 10, value_parser = clap::value_parser!(u64).range(1..=3600))]
    pub seconds: u64,
    /// Seconds before that.
    #[arg(long, default_value_t = 2)]
    pub warm_up_seconds: u64,
    /// Machines of the large site.
    #[arg(long, default_value_t = 100_000, value_parser = clap::value_parser!(u32).range(1..=i64::from(MACHINES_MAX)))]
    pub machines: u32,
    /// Leases of the large site.
    #[arg(long, default_value_t = 1_000_000, value_parser = clap::value_parser!(u32).range(0..=i64::from(LEASES_MAX)))]
    pub leases: u32,
    /// Measure Regent alone.
    #[arg(long)]
    pub without_peers: bool,
    /// Print JSON at the end instead of tables on the way.
    #[arg(long)]
    pub json: bool,
    /// The executable of the nodes [default: target/release/regent].
    #[arg(long, env = "REGENT_EXE")]
    pub executable: Option<PathBuf>,
    /// Where data directories are made: on a real disk [default: beside the executable].
    #[arg(long)]
    pub folder: Option<PathBuf>,
    /// Cargo says so.
    #[arg(long, hide = true)]
    pub bench: bool,
}

/// A part of the run.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Part {
    /// Committed writes through the HTTP API.
    Writes,
    /// DNS answers of a node that holds the large site.
    Dns,
    /// Import, memory and restarts with the large site.
    Size,
}

impl Arguments {
    /// The nodes' executable.
    ///
    /// # Errors
    /// When it is not there.
    pub fn executable(&self) -> anyhow::Result<PathBuf> {
        let path = match &self.executable {
            Some(path) => path.clone(),
            // This one is in the folder `deps` beside it.
            None => std::env::current_exe()?
                .ancestors()
                .nth(2)
                .map(|folder| folder.join("regent"))
                .unwrap_or_default(),
        };
        let advice = "`cargo build --locked --release` makes it, --executable names another";
        anyhow::ensure!(path.is_file(), "{} is not there; {advice}", path.display());
        Ok(path.canonicalize()?)
    }

    /// Where data directories are made.
    ///
    /// # Errors
    /// When there is no executable to be beside of.
    pub fn folder(&self) -> anyhow::Result<PathBuf> {
        match &self.folder {
            Some(folder) => Ok(folder.clone()),
            None => Ok(self.executable()?.with_file_name("")),
        }
    }

    /// The pressure of so many clients.
    #[must_use]
    pub const fn pressure(&self, clients: usize) -> Pressure {
        Pressure {
            clients,
            warm_up: Duration::from_secs(self.warm_up_seconds),
            measured: Duration::from_secs(self.seconds),
        }
    }

    /// The large site.
    #[must_use]
    pub const fn size(&self) -> Size {
        Size { machines: self.machines, leases: self.leases }
    }

    /// Whether a part is wanted.
    #[must_use]
    pub fn wants(&self, part: Part) -> bool {
        self.parts.contains(&part)
    }
}
