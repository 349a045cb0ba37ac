//! What can be asked of a run.

use clap::{Parser, ValueEnum};
use std::path::PathBuf;

/// Measures DHCP exchanges of racks, beside Kea.
#[derive(Clone, Debug, Parser)]
#[command(name = "dhcp")]
pub struct Arguments {
    /// Who is measured.
    #[arg(long, value_enum, value_delimiter = ',', default_values_t = Kind::value_variants().to_vec())]
    pub who: Vec<Kind>,
    /// Rounds, by turns; figures are medians of them.
    #[arg(long, default_value_t = 3, value_parser = clap::value_parser!(u32).range(1..=100))]
    pub rounds: u32,
    /// Seconds of each run of `perfdhcp`.
    #[arg(long, default_value_t = 4, value_parser = clap::value_parser!(u32).range(1..=600))]
    pub seconds: u32,
    /// Exchanges a second at which delays are told.
    #[arg(long, value_delimiter = ',', default_values_t = [200, 800])]
    pub rates: Vec<u32>,
    /// Do not search for the highest clean rate.
    #[arg(long)]
    pub without_climb: bool,
    /// Have racks try addresses on the wire before they offer them, as they are shipped. Kea does not by default.
    #[arg(long)]
    pub probe: bool,
    /// Print JSON at the end instead of tables.
    #[arg(long)]
    pub json: bool,
    /// The executable of the nodes [default: `regent` two folders above this one].
    #[arg(long, env = "REGENT_EXE")]
    pub executable: Option<PathBuf>,
    /// The executable of the racks [default: `rack-agent` beside that].
    #[arg(long, env = "RACK_AGENT_EXE")]
    pub rack_executable: Option<PathBuf>,
    /// Where data directories are made: on a real disk [default: beside the executable].
    #[arg(long)]
    pub folder: Option<PathBuf>,
    /// Cargo says so.
    #[arg(long, hide = true)]
    pub bench: bool,
}

/// Who serves the clients.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Kind {
    /// A rack that has each lease committed by three nodes.
    Rack,
    /// Two of them; a relay asks both.
    TwoRacks,
    /// A rack without a region, whose clients were there before: what it does by the rights it has.
    RackAlone,
    /// Kea, alone.
    Kea,
    /// Two Keas that share the clients; a relay asks both.
    KeaPair,
}

impl Kind {
    /// What it is called in tables.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Rack => "Regent, 3 nodes, 1 rack",
            Self::TwoRacks => "Regent, 3 nodes, 2 racks",
            Self::RackAlone => "Regent, 1 rack, region away",
            Self::Kea => "Kea alone",
            Self::KeaPair => "Kea HA, load-balancing",
        }
    }
}

impl Arguments {
    /// The executables of nodes and racks.
    ///
    /// # Errors
    /// When one is not there.
    pub fn executables(&self) -> anyhow::Result<(PathBuf, PathBuf)> {
        let regent = match &self.executable {
            Some(path) => path.clone(),
            // This one is in the folder `deps` beside it.
            None => std::env::current_exe()?
                .ancestors()
                .nth(2)
                .map(|folder| folder.join("regent"))
                .unwrap_or_default(),
        };
        let beside = regent.with_file_name("rack-agent");
        let rack = self.rack_executable.clone().unwrap_or(beside);
        for path in [&regent, &rack] {
            anyhow::ensure!(path.is_file(), "{} is not there: build it first", path.display());
        }
        Ok((regent.canonicalize()?, rack.canonicalize()?))
    }

    /// Where data directories are made.
    ///
    /// # Errors
    /// When there is no executable to be beside of.
    pub fn folder(&self) -> anyhow::Result<PathBuf> {
        match &self.folder {
            Some(folder) => Ok(folder.clone()),
            None => Ok(self.executables()?.0.with_file_name("")),
        }
    }
}
