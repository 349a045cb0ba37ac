//! What the kernel says of processes: the time they had, the memory they have. And children that end with their owner.

use anyhow::Context as _;
use std::fs::File;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::Duration;
use tokio::process::{Child, Command};

/// Ticks a second in which Linux tells processor time to programs, on every architecture.
const TICKS_PER_SECOND: f64 = 100.0;
/// Fields of `/proc/PID/stat` after the name: user and system time.
const TIME_FIELDS: [usize; 2] = [11, 12];

/// Processor time that processes had so far.
///
/// # Errors
/// When one of them is not there.
pub fn processor_time(ids: &[u32]) -> anyhow::Result<Duration> {
    let mut ticks = 0.0;
    for id in ids {
        let stat = std::fs::read_to_string(format!("/proc/{id}/stat"))?;
        // The name stands in brackets and may hold anything.
        let (_, rest) = stat.rsplit_once(')').context("a line without a name")?;
        let fields: Vec<&str> = rest.split_whitespace().collect();
        for field in TIME_FIELDS {
            let time = fields.get(field).context("a line that is too short")?;
            ticks += time.parse::<f64>()?;
        }
    }
    Ok(Duration::from_secs_f64(ticks / TICKS_PER_SECOND))
}

/// Memory of a process in MiB.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Memory {
    /// What is resident now.
    pub resident_mib: f64,
    /// The most that ever was.
    pub peak_mib: f64,
}

/// Memory of a process; `None` if it is gone.
#[must_use]
pub fn memory(id: u32) -> Option<Memory> {
    let status = std::fs::read_to_string(format!("/proc/{id}/status")).ok()?;
    let mib = |name: &str| {
        let line = status.lines().find_map(|line| line.strip_prefix(name))?;
        line.trim().strip_suffix(" kB")?.parse::<f64>().ok().map(|kib| kib / 1024.0)
    };
    Some(Memory { resident_mib: mib("VmRSS:")?, peak_mib: mib("VmHWM:")? })
}

/// A child that is killed when it is dropped.
pub struct Process {
    child: Child,
    log: PathBuf,
}

impl Process {
    /// Starts a program whose output goes to `log`.
    ///
    /// # Errors
    /// When it cannot be started.
    pub fn start(program: &Path, arguments: &[String], log: PathBuf) -> anyhow::Result<Self> {
        let file = File::create(&log)?;
        let mut command = match installed("setpriv") {
            // So it also ends when this process is killed.
            Some(setpriv) => {
                let mut command = Command::new(setpriv);
                command.args(["--pdeathsig", "KILL"]).arg(program);
                command
            }
            None => Command::new(program),
        };
        command.args(arguments).kill_on_drop(true).stdin(Stdio::null());
        command.stdout(file.try_clone()?).stderr(file);
        let child = command.spawn().with_context(|| format!("starting {}", program.display()))?;
        Ok(Self { child, log })
    }

    /// Its id; `None` once it has ended.
    #[must_use]
    pub fn id(&self) -> Option<u32> {
        self.child.id()
    }

    /// Waits for its end; an error if it failed.
    ///
    /// # Errors
    /// With what it wrote.
    pub async fn finish(mut self) -> anyhow::Result<String> {
        let status = self.child.wait().await?;
        let told = std::fs::read_to_string(&self.log)?;
        anyhow::ensure!(status.success(), "{status}: {told}");
        Ok(told)
    }

    /// Ends it.
    ///
    /// # Errors
    /// When it cannot be waited for.
    pub async fn kill(mut self) -> anyhow::Result<()> {
        Ok(self.child.kill().await?)
    }
}

/// Where a program is, if it is installed.
#[must_use]
pub fn installed(name: &str) -> Option<PathBuf> {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let own = std::env::split_paths(&path);
    // Daemons live outside the path of ordinary users.
    let all = own.chain(["/usr/sbin".into(), "/sbin".into()]);
    all.map(|folder| folder.join(name)).find(|program| program.is_file())
}

#[cfg(test)]
mod tests {
    use super::{installed, memory, processor_time};

    #[test]
    fn kernel_tells_of_this_process() {
        let memory = memory(std::process::id()).unwrap();
        assert!(memory.peak_mib >= memory.resident_mib && memory.resident_mib > 0.0);
        assert!(processor_time(&[std::process::id()]).is_ok());
        assert!(processor_time(&[u32::MAX]).is_err());
    }

    #[test]
    fn program_that_is_not_installed_is_not_found() {
        assert!(installed("sh").is_some());
        assert!(installed("no-such-program-of-regent").is_none());
    }
}
