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
/// Where dhcpcd remembers what it had, by interface, on the host.
const DHCPCD_MEMORY: &str = "/var/lib/dhcpcd";
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
    /// The host name it tells, which is its own unless somebody changes it before it starts.
    pub hostname: String,
    /// For how many seconds it asks for its address; whatever the server likes if it does not say.
    pub wish_secs: Option<u32>,
    folder: PathBuf,
    process: Option<Process>,
}

impl Client {
    /// A machine on a network. Its client does not run yet.
    ///
    /// # Errors
    /// If it cannot be made.
    pub fn new(name: &str, kind: Kind, lan: &Lan, folder: &Path) -> anyhow::Result<Self> {
        let machine = lan.machine(name)?;
        let cable = lan.connect(&machine, name, None)?;
        let folder = folder.join(name);
        fs::create_dir_all(&folder)?;
        let (hostname, name) = (name.to_owned(), name.to_owned());
        let (wish_secs, process) = (None, None);
        let client = Self { name, kind, machine, cable, hostname, wish_secs, folder, process };
        client.forget();
        let log = client.events_file().display().to_string();
        let script = SCRIPT.replace("'LOG'", &format!("'{log}'"));
        fs::write(client.script(), script.replace("IFACE", &client.name))?;
        fs::set_permissions(client.script(), fs::Permissions::from_mode(0o755))?;
        Ok(client)
    }

    /// Starts the client, with arguments of its own beside those it needs here.
    ///
    /// # Errors
    /// If it cannot be started.
    pub fn start(&mut self, arguments: &[&str]) -> anyhow::Result<()> {
        let mut all = match self.kind {
            Kind::Udhcpc => self.udhcpc(),
            Kind::Dhclient => self.dhclient()?,
            Kind::Dhcpcd => self.dhcpcd()?,
        };
        all.extend(arguments.iter().map(|argument| (*argument).to_owned()));
        match self.kind {
            Kind::Udhcpc => all.push("-i".into()),
            Kind::Dhclient | Kind::Dhcpcd => {}
        }
        all.push(self.name.clone());
        let (program, log) = (Path::new(self.kind.program()), self.folder.join("log"));
        let all = all.iter().map(String::as_str);
        self.process = Some(Process::start(&self.machine, program, all, &log)?);
        Ok(())
    }

    /// Its hardware address, as `02:00:00:00:00:01`.
    ///
    /// # Errors
    /// If it has none.
    pub fn mac(&self) -> anyhow::Result<String> {
        self.machine.mac(&self.name)
    }

    /// Puts another card in, so that it is another client to a server.
    ///
    /// # Errors
    /// If that cannot be done.
    pub fn set_mac(&self, mac: &str) -> anyhow::Result<()> {
        self.machine.run(&format!("ip link set dev {} address {mac}", self.name)).map(drop)
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
        self.awaits_one_of(&[what], seen, patience).await
    }

    /// The same, whichever of these happens first.
    ///
    /// # Errors
    /// If none does in time.
    pub async fn awaits_one_of(
        &self,
        what: &[Happening],
        seen: usize,
        patience: Duration,
    ) -> anyhow::Result<ClientEvent> {
        let until = Instant::now() + patience;
        loop {
            let mut events = self.events()?.into_iter().skip(seen);
            if let Some(event) = events.find(|event| what.contains(&event.what)) {
                return Ok(event);
            }
            let late = Instant::now() >= until;
            anyhow::ensure!(
                !late,
                "{}: {what:?} not within {patience:?}: {}",
                self.name,
                self.said()
            );
            sleep(LOOK_PAUSE).await;
        }
    }

    /// What it wrote since it was started first.
    #[must_use]
    pub fn said(&self) -> String {
        fs::read_to_string(self.folder.join("log")).unwrap_or_default()
    }

    /// Has it renew its lease now. dhclient knows no such order.
    ///
    /// # Errors
    /// If it does not run, or cannot.
    pub fn renew(&self) -> anyhow::Result<()> {
        let process = self.process.as_ref().context("the client does not run")?;
        match self.kind {
            Kind::Udhcpc => process.signal(Signal::USR1),
            // It has helpers, which the signal would end.
            Kind::Dhcpcd => self.machine.run(&format!("dhcpcd -4 -N {}", self.name)).map(drop),
            Kind::Dhclient => anyhow::bail!("dhclient renews when it is time to"),
        }
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
                let (script, leases) = (self.script().display().to_string(), self.file("leases"));
                let (pid, conf) = (self.file("pid"), self.file("dhclient.conf"));
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

    fn udhcpc(&self) -> Vec<String> {
        let script = self.script().display().to_string();
        let mut all: Vec<String> = vec!["-f".into(), "-R".into(), "-s".into(), script];
        all.extend(["-x".into(), format!("hostname:{}", self.hostname)]);
        all.extend(self.wish_secs.iter().flat_map(|wish| ["-x".into(), format!("lease:{wish}")]));
        all
    }

    fn dhclient(&self) -> anyhow::Result<Vec<String>> {
        let wish = self.wish_secs.map(|wish| format!("send dhcp-lease-time {wish};\n"));
        let name = &self.hostname;
        let settings = format!(
            "timeout 30; retry 1; initial-interval 1;\nsend host-name \"{name}\";\n{}",
            wish.unwrap_or_default()
        );
        fs::write(self.file("dhclient.conf"), settings)?;
        let script = self.script().display().to_string();
        let mut all: Vec<String> = vec!["-4".into(), "-d".into(), "-sf".into(), script];
        all.extend(["-cf".into(), self.file("dhclient.conf")]);
        all.extend(["-lf".into(), self.file("leases"), "-pf".into(), self.file("pid")]);
        Ok(all)
    }

    fn dhcpcd(&self) -> anyhow::Result<Vec<String>> {
        let wish = self.wish_secs.map(|wish| format!("leasetime {wish}\n")).unwrap_or_default();
        let name = &self.hostname;
        let settings = format!("hostname {name}\nclientid\noption classless_static_routes\n{wish}");
        fs::write(self.file("dhcpcd.conf"), settings)?;
        let script = self.script().display().to_string();
        let mut all: Vec<String> = vec!["-4".into(), "-B".into()];
        all.extend(["-f".into(), self.file("dhcpcd.conf"), "-c".into(), script]);
        Ok(all)
    }

    /// Takes away what a client of that name, in this run or another, left on the host.
    fn forget(&self) {
        match self.kind {
            // Most left nothing there.
            Kind::Dhcpcd => {
                drop(fs::remove_file(format!("{DHCPCD_MEMORY}/{}.lease", self.name)));
            }
            Kind::Udhcpc | Kind::Dhclient => {}
        }
    }

    fn file(&self, name: &str) -> String {
        self.folder.join(name).display().to_string()
    }

    fn script(&self) -> PathBuf {
        self.folder.join("happens.sh")
    }

    fn events_file(&self) -> PathBuf {
        self.folder.join("events")
    }
}

impl Drop for Client {
    fn drop(&mut self) {
        self.forget();
    }
}
