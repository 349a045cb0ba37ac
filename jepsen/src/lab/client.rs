//! Real DHCP clients, each on a machine of its own.

use crate::lab::client_event::{ClientEvent, Happening};
use crate::lab::lan::{Cable, Lan};
use crate::lab::namespace::Namespace;
use crate::lab::process::Process;
use anyhow::Context as _;
use rustix::process::Signal;
use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};
use tokio::time::sleep;

const SCRIPT: &str = include_str!("client_event.sh");
/// Pause between two looks at what a client noted.
const LOOK_PAUSE: Duration = Duration::from_millis(20);

/// Which program.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Busybox's.
    Udhcpc,
    /// ISC's.
    Dhclient,
    /// Roy Marples'.
    Dhcpcd,
}

impl Kind {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Udhcpc, Self::Dhclient, Self::Dhcpcd];

    /// The program's name.
    #[must_use]
    pub const fn program(self) -> &'static str {
        match self {
            Self::Udhcpc => "udhcpc",
            Self::Dhclient => "dhclient",
            Self::Dhcpcd => "dhcpcd",
        }
    }
}

/// A machine with one interface and a DHCP client for it.
#[derive(Debug)]
pub struct Client {
    /// What it is called, which is its interface's name, too: at most 15 octets.
    pub name: String,
    /// Which program.
    pub kind: Kind,
    /// The machine.
    pub machine: Namespace,
    /// Its cable.
    pub cable: Cable,
    folder: PathBuf,
    process: Option<Process>,
}

impl Client {
    /// A machine on a network. Its client does not run yet.
    ///
    /// # Errors
    /// If it cannot be made.
    pub fn new(name: &str, kind: Kind, lan: &Lan, folder: &Path) -> anyhow::Result<Self> {
        let machine = Namespace::new(name)?;
        let cable = lan.connect(&machine, name, None)?;
        let folder = folder.join(name);
        fs::create_dir_all(&folder)?;
        let client = Self { name: name.to_owned(), kind, machine, cable, folder, process: None };
        let log = client.events_file().display().to_string();
        let script = SCRIPT.replace("'LOG'", &format!("'{log}'"));
        fs::write(client.script(), script.replace("IFACE", name))?;
        fs::set_permissions(client.script(), fs::Permissions::from_mode(0o755))?;
        Ok(client)
    }

    /// Starts the client, with arguments of its own beside those it needs here.
    ///
    /// # Errors
    /// If it cannot be started.
    pub fn start(&mut self, arguments: &[&str]) -> anyhow::Result<()> {
        let script = self.script().display().to_string();
        let file = |name: &str| self.folder.join(name).display().to_string();
        let mut all: Vec<String> = match self.kind {
            Kind::Udhcpc => vec!["-f".into(), "-R".into(), "-s".into(), script],
            Kind::Dhclient => {
                fs::write(file("dhclient.conf"), "timeout 30; retry 1; initial-interval 1;\n")?;
                let lists = ["-lf".into(), file("leases"), "-pf".into(), file("pid")];
                let mut all: Vec<String> = vec!["-4".into(), "-d".into(), "-sf".into(), script];
                all.extend(["-cf".into(), file("dhclient.conf")]);
                all.extend(lists);
                all
            }
            Kind::Dhcpcd => {
                fs::write(
                    file("dhcpcd.conf"),
                    "hostname\nclientid\noption classless_static_routes\n",
                )?;
                let settings = ["-f".into(), file("dhcpcd.conf"), "-c".into(), script];
                let mut all: Vec<String> = vec!["-4".into(), "-B".into()];
                all.extend(settings);
                all
            }
        };
        all.extend(arguments.iter().map(|argument| (*argument).to_owned()));
        if self.kind == Kind::Udhcpc {
            all.push("-i".into());
        }
        all.push(self.name.clone());
        let (program, log) = (Path::new(self.kind.program()), self.folder.join("log"));
        let all = all.iter().map(String::as_str);
        self.process = Some(Process::start(&self.machine, program, all, &log)?);
        Ok(())
    }

    /// All that has happened to it.
    ///
    /// # Errors
    /// If that cannot be read.
    pub fn events(&self) -> anyhow::Result<Vec<ClientEvent>> {
        let lines = match fs::read_to_string(self.events_file()) {
            Ok(lines) => lines,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => String::new(),
            Err(error) => return Err(error.into()),
        };
        // The last line may not be whole yet.
        let whole = lines.rsplit_once('\n').map_or("", |(whole, _)| whole);
        whole.lines().map(|line| Ok(line.parse()?)).collect()
    }

    /// Waits until something happens to it for the first time after its first `seen` events.
    ///
    /// # Errors
    /// If it does not in time.
    pub async fn awaits(
        &self,
        what: Happening,
        seen: usize,
        patience: Duration,
    ) -> anyhow::Result<ClientEvent> {
        let until = Instant::now() + patience;
        loop {
            let events = self.events()?;
            if let Some(event) = events.into_iter().skip(seen).find(|event| event.what == what) {
                return Ok(event);
            }
            let said = || self.process.as_ref().map(Process::said).unwrap_or_default();
            let late = Instant::now() >= until;
            anyhow::ensure!(!late, "{}: {what:?} not within {patience:?}: {}", self.name, said());
            sleep(LOOK_PAUSE).await;
        }
    }

    /// Has it renew its lease now. dhclient knows no such order.
    ///
    /// # Errors
    /// If it does not run, or cannot.
    pub fn renew(&self) -> anyhow::Result<()> {
        let signal = match self.kind {
            Kind::Udhcpc => Signal::USR1,
            Kind::Dhcpcd => Signal::ALARM,
            Kind::Dhclient => anyhow::bail!("dhclient renews when it is time to"),
        };
        self.process.as_ref().context("the client does not run")?.signal(signal)
    }

    /// Has it give its address back and end.
    ///
    /// # Errors
    /// If it does not.
    pub async fn release(&mut self) -> anyhow::Result<()> {
        let process = self.process.take().context("the client does not run")?;
        match self.kind {
            // With -R it does when it is asked to stop.
            Kind::Udhcpc => process.stop().await,
            Kind::Dhclient => {
                let file = |name: &str| self.folder.join(name).display().to_string();
                let (script, leases) = (self.script().display().to_string(), file("leases"));
                let (pid, conf) = (file("pid"), file("dhclient.conf"));
                let name = &self.name;
                self.machine.run(&format!(
                    "dhclient -4 -r -sf {script} -cf {conf} -lf {leases} -pf {pid} {name}"
                ))?;
                process.kill().await
            }
            Kind::Dhcpcd => {
                self.machine.run(&format!("dhcpcd -4 -k {}", self.name))?;
                process.kill().await
            }
        }
    }

    /// Kills it: it forgets nothing it wrote down.
    ///
    /// # Errors
    /// If it cannot be waited for.
    pub async fn kill(&mut self) -> anyhow::Result<()> {
        match self.process.take() {
            Some(process) => process.kill().await,
            None => Ok(()),
        }
    }

    fn script(&self) -> PathBuf {
        self.folder.join("happens.sh")
    }

    fn events_file(&self) -> PathBuf {
        self.folder.join("events")
    }
}
