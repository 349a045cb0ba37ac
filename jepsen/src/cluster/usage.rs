//! What a process uses of its machine, as the kernel counts it (`/proc`).

use anyhow::Context as _;
use std::time::Duration;

/// The kernel counts processor time for `/proc` in hundredths of a second (`USER_HZ`).
const TICKS_PER_SECOND: u32 = 100;
/// Where the two counters of processor time stand behind the name of the program in `/proc/PID/stat` (proc(5)).
const USER_TICKS_AT: usize = 11;
const SYSTEM_TICKS_AT: usize = 12;

/// What a process uses.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Usage {
    /// Processor time since it began.
    pub processor: Duration,
    /// Memory it has now, in KiB.
    pub resident_kib: u64,
    /// The most it ever had, in KiB.
    pub peak_kib: u64,
}

/// What the process with this id uses.
///
/// # Errors
/// If there is none.
pub fn of(process: u32) -> anyhow::Result<Usage> {
    let read = |file: &str| std::fs::read_to_string(format!("/proc/{process}/{file}"));
    let (stat, status) = (read("stat")?, read("status")?);
    let usage = parse(&stat, &status);
    usage.with_context(|| format!("process {process} is told of in another way: {stat}"))
}

fn parse(stat: &str, status: &str) -> Option<Usage> {
    // The name may hold anything, a closing bracket too.
    let (_, behind_name) = stat.rsplit_once(')')?;
    let fields: Vec<&str> = behind_name.split_whitespace().collect();
    let ticks = |at: usize| fields.get(at)?.parse::<u32>().ok();
    let all = ticks(USER_TICKS_AT)?.checked_add(ticks(SYSTEM_TICKS_AT)?)?;
    let processor = Duration::from_secs(1) * all / TICKS_PER_SECOND;
    let kib = |name: &str| {
        let line = status.lines().find_map(|line| line.strip_prefix(name))?;
        line.split_whitespace().next()?.parse().ok()
    };
    Some(Usage { processor, resident_kib: kib("VmRSS:")?, peak_kib: kib("VmHWM:")? })
}

#[cfg(test)]
mod tests {
    use super::{Usage, of, parse};
    use std::time::Duration;

    #[test]
    fn time_and_memory_are_found_behind_a_name_with_brackets_and_blanks() {
        let stat = "7 (a) b) S 1 7 7 0 -1 4194560 1 2 3 4 150 50 0 0 20 0";
        let status = "Name:\ta) b\nVmHWM:\t    90 kB\nVmRSS:\t    80 kB\n";
        let usage = Usage { processor: Duration::from_secs(2), resident_kib: 80, peak_kib: 90 };
        assert_eq!(parse(stat, status), Some(usage));
        assert_eq!(parse("7 (a) S 1", status), None);
    }

    #[test]
    fn own_process_uses_memory_and_one_that_is_not_there_is_told() {
        assert!(of(std::process::id()).is_ok_and(|usage| usage.resident_kib > 0));
        assert!(of(u32::MAX).is_err());
    }
}
