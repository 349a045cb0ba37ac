//! A network namespace that ends with the test.

use rustix::thread::{LinkNameSpaceType, move_into_link_name_space};
use std::fs::File;
use std::io::{BufRead as _, BufReader, Write as _};
use std::os::fd::AsFd as _;
use std::process::{Child, Command, Output, Stdio};
use std::time::{Duration, Instant};

const PATIENCE: Duration = Duration::from_secs(20);

/// A network of its own, held by a process that ends when nobody holds its input.
pub(crate) struct Namespace {
    holder: Child,
    network: File,
}

impl Namespace {
    /// Makes an empty one; none if this machine cannot.
    pub(crate) fn new() -> Option<Self> {
        let mut holder = Command::new("unshare")
            .args(["--net", "sh", "-c", "echo inside; exec cat"])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .ok()?;
        let mut line = String::new();
        BufReader::new(holder.stdout.take()?).read_line(&mut line).ok()?;
        let network = File::open(format!("/proc/{}/ns/net", holder.id())).ok()?;
        if line == "inside\n" { Some(Self { holder, network }) } else { None }
    }

    /// Does something in it. Threads and processes that begin meanwhile, and sockets, stay in it.
    pub(crate) fn enter<T: Send>(&self, action: impl FnOnce() -> T + Send) -> T {
        let inside = || {
            let network = self.network.as_fd();
            move_into_link_name_space(network, Some(LinkNameSpaceType::Network)).unwrap();
            action()
        };
        std::thread::scope(|scope| match scope.spawn(inside).join() {
            Ok(result) => result,
            Err(panic) => std::panic::resume_unwind(panic),
        })
    }

    /// Runs `ip` in it, which may not know how.
    pub(crate) fn can(&self, arguments: &str) -> bool {
        self.run_ip(arguments).status.success()
    }

    fn run_ip(&self, arguments: &str) -> Output {
        self.enter(|| Command::new("ip").args(arguments.split(' ')).output().unwrap())
    }

    /// Runs `ip` in it.
    pub(crate) fn ip(&self, arguments: &str) {
        let done = self.run_ip(arguments);
        assert!(done.status.success(), "ip {arguments}: {}", String::from_utf8_lossy(&done.stderr));
    }

    /// Waits until an interface carries packets, which it does a while after it was set up.
    pub(crate) fn wait_until_up(&self, interface: &str) {
        let deadline = Instant::now() + PATIENCE;
        let show = format!("-o link show dev {interface}");
        while !String::from_utf8_lossy(&self.run_ip(&show).stdout).contains("state UP") {
            assert!(Instant::now() < deadline, "{interface} does not come up");
        }
    }

    /// How a program outside names it.
    pub(crate) fn pid(&self) -> u32 {
        self.holder.id()
    }
}

impl Drop for Namespace {
    fn drop(&mut self) {
        drop(self.holder.kill());
        drop(self.holder.wait());
    }
}

/// Tells the summary of `.ci/test` that this test did not run. `print` macros would be swallowed.
pub(crate) fn skip(test: &str, reason: &str) {
    writeln!(std::io::stdout(), "SKIPPED {test}: {reason}").expect("standard output is open");
}
