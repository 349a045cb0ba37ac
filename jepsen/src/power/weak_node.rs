//! A node whose log leaves out some of its care. Exists for the controls, in this executable only: the one that is
//! shipped has no such switch.

use crate::power::arguments::WeakNodeArguments;
use regent_api::cli::parent;
use regent_api::config::{CONFIG_FILE, FileConfig};
use regent_api::daemon::{self, Ended};
use regent_api::telemetry::{self, LogFormat};

/// Runs it until it is asked to stop.
///
/// # Errors
/// When it cannot start, or did not end as it should.
pub fn run(arguments: &WeakNodeArguments) -> anyhow::Result<()> {
    telemetry::start("info", LogFormat::Text);
    parent::die_with(arguments.die_with_parent)?;
    let WeakNodeArguments { weakness, data_dir, .. } = arguments;
    let config = FileConfig::read(&data_dir.join(CONFIG_FILE))?;
    let ended = daemon::run_on(data_dir, &config, weakness.log_options())?;
    anyhow::ensure!(ended == Ended::OnRequest, "it ended by itself: {ended:?}");
    Ok(())
}
