//! What can be asked of many runs.

use clap::Args;
use std::path::PathBuf;
use std::time::Duration;

const SECONDS_PER_HOUR: f64 = 3600.0;
/// A year.
const HOURS_MAX: f64 = 8766.0;

/// For how long, and where to.
#[derive(Clone, Debug, Args)]
pub struct SoakArguments {
    /// How long to go on beginning runs, in hours.
    #[arg(long, value_parser = hours)]
    pub hours: f64,
    /// Folder for what is left: `runs/SEED` of each run, and the book.
    #[arg(long, default_value = "target/soak")]
    pub out: PathBuf,
    /// Seconds of faults of each run.
    #[arg(long, default_value_t = 90)]
    pub seconds: u64,
    /// The first seed; those of the runs follow each other [default: one that nobody has had].
    #[arg(long)]
    pub from: Option<u64>,
    /// The book of runs that gets a line about each run [default: RUNS.md in that folder].
    #[arg(long)]
    pub runs: Option<PathBuf>,
    /// The executable of the nodes [default: `regent` beside this one].
    #[arg(long, env = "REGENT_EXE")]
    pub executable: Option<PathBuf>,
    /// The executable of the racks [default: `rack-agent` beside that of the nodes].
    #[arg(long, env = "RACK_AGENT_EXE")]
    pub rack_executable: Option<PathBuf>,
}

impl SoakArguments {
    /// How long to go on beginning runs.
    #[must_use]
    pub fn length(&self) -> Duration {
        Duration::from_secs_f64(self.hours * SECONDS_PER_HOUR)
    }

    /// Where runs leave what they leave.
    #[must_use]
    pub fn folder(&self) -> PathBuf {
        self.out.join("runs")
    }

    /// The book of runs.
    #[must_use]
    pub fn book(&self) -> PathBuf {
        self.runs.clone().unwrap_or_else(|| self.out.join("RUNS.md"))
    }
}

fn hours(text: &str) -> Result<f64, String> {
    let hours = text.parse().ok().filter(|hours| *hours > 0.0 && *hours <= HOURS_MAX);
    hours.ok_or_else(|| "a number of hours, at most a year".to_owned())
}
