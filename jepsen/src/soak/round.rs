//! One of many runs: this program again, in a process group of its own, so that who interrupts the many does not
//! interrupt the one in the middle of its clearing up.

use crate::soak::arguments::SoakArguments;
use crate::soak::mix::Mix;
use crate::stop::Stop;
use anyhow::Context as _;
use rustix::process::{Pid, Signal, kill_process};
use std::fs::{self, File};
use std::time::Duration;
use tokio::process::{Child, Command};
use tokio::time::{MissedTickBehavior, interval, timeout};

/// How often it is shown how far it is.
const SHOW_EVERY: Duration = Duration::from_secs(1);
/// What an interrupted run gets to clear up.
const END_MAX: Duration = Duration::from_secs(60);

/// A run to be done.
pub struct Round<'a> {
    /// What it tries.
    pub mix: &'a Mix,
    /// Where it is done.
    pub arguments: &'a SoakArguments,
}

/// Why a run ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ended {
    /// It was over.
    ByItself,
    /// Somebody asked all runs to end.
    Asked,
}

impl Round<'_> {
    /// Has it done, and shows meanwhile how far it is.
    ///
    /// # Errors
    /// When it cannot be started, or not be ended.
    pub async fn done(&self, stop: &mut Stop, mut show: impl FnMut()) -> anyhow::Result<Ended> {
        let mut child = self.command()?.spawn().context("this program cannot be started again")?;
        let mut ticks = interval(SHOW_EVERY);
        ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        loop {
            tokio::select! {
                ended = child.wait() => {
                    // How it ended is in its verdict.
                    ended?;
                    return Ok(Ended::ByItself);
                }
                () = stop.asked() => {
                    end(&mut child).await?;
                    return Ok(Ended::Asked);
                }
                _ = ticks.tick() => show(),
            }
        }
    }

    fn command(&self) -> anyhow::Result<Command> {
        let SoakArguments { seconds, executable, rack_executable, .. } = self.arguments;
        let Mix { seed, nodes, racks, kinds } = self.mix;
        let folder = self.arguments.folder();
        let home = folder.join(seed.to_string());
        fs::create_dir_all(&home)?;
        let said = File::create(home.join("said.txt"))?;
        let mut command = Command::new(std::env::current_exe()?);
        command.process_group(0).stderr(said.try_clone()?).stdout(said);
        command.args(["netns", "--seed", &seed.to_string(), "--nodes", &nodes.to_string()]);
        command.args(["--seconds", &seconds.to_string()]).arg("--results").arg(folder);
        if *racks {
            command.arg("--racks");
        }
        if !kinds.is_empty() {
            let names: Vec<_> = kinds.iter().map(|kind| kind.name()).collect();
            command.args(["--nemeses", &names.join(",")]);
        }
        let programs = [("--executable", executable), ("--rack-executable", rack_executable)];
        for (option, program) in programs {
            if let Some(program) = program {
                command.arg(option).arg(program);
            }
        }
        Ok(command)
    }
}

/// Interrupts a run and waits until it has cleared up.
async fn end(child: &mut Child) -> anyhow::Result<()> {
    let process = child.id().and_then(|id| Pid::from_raw(i32::try_from(id).ok()?));
    if let Some(process) = process {
        // It may have ended by itself.
        let _gone = kill_process(process, Signal::INT);
    }
    if timeout(END_MAX, child.wait()).await.is_err() {
        child.kill().await?;
    }
    Ok(())
}
