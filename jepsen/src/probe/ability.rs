//! One thing a machine can or cannot do, found out by doing it.

use crate::lab::namespace::Namespace;
use crate::lab::packet_queue::{Manner, PacketQueue};
use crate::lab::shim;
use crate::lab::tool::{self, run};
use regent_power::disk;
use std::fs;
use std::path::{Path, PathBuf};

/// Where distributions put libfaketime, the one for programs with threads.
const FAKETIME: [&str; 3] = [
    "/usr/lib/x86_64-linux-gnu/faketime/libfaketimeMT.so.1",
    "/usr/lib/aarch64-linux-gnu/faketime/libfaketimeMT.so.1",
    "/usr/lib64/faketime/libfaketimeMT.so.1",
];
/// A rule like those cuts are made of.
const RULES: &str = "table bridge probe { set cut { type ifname . ifname; }
chain through { type filter hook forward priority 0; iifname . oifname @cut tcp dport 7441 drop; }; }
";

/// A fault, or what one needs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Ability {
    /// Machines with networks of their own.
    Namespaces,
    /// Packets that are dropped by where they come from and go to.
    Cuts,
    /// File systems that lose power.
    Disks,
    /// Cables that carry little.
    Narrow,
    /// A wall clock that jumps.
    Clocks,
    /// Packets that are held back.
    Delay,
    /// A disk that lies, by a library of our own in front of it.
    Shim,
}

impl Ability {
    /// All of them.
    pub const ALL: [Self; 7] = [
        Self::Namespaces,
        Self::Cuts,
        Self::Disks,
        Self::Narrow,
        Self::Clocks,
        Self::Delay,
        Self::Shim,
    ];

    /// Its name, for programs.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Namespaces => "namespaces",
            Self::Cuts => "cuts",
            Self::Disks => "disks",
            Self::Narrow => "narrow",
            Self::Clocks => "clocks",
            Self::Delay => "delay",
            Self::Shim => "shim",
        }
    }

    /// What it is, for people.
    #[must_use]
    pub const fn about(self) -> &'static str {
        match self {
            Self::Namespaces => "network namespaces, bridges and cables",
            Self::Cuts => "nftables in the bridge family",
            Self::Disks => "ext4 on loop devices that loses power",
            Self::Narrow => "token buckets (tc tbf)",
            Self::Clocks => "libfaketime",
            Self::Delay => "packets given to us by NFQUEUE",
            Self::Shim => "cc, for a library before the disk",
        }
    }

    /// Why this machine does not have it; `None` if it has. To be asked inside a room of our own.
    #[must_use]
    pub fn missing(self, work: &Path) -> Option<String> {
        let tried = match self {
            Self::Namespaces => namespaces(),
            Self::Cuts => cuts(work),
            Self::Disks => disk::probe(work).map_err(anyhow::Error::from),
            Self::Narrow => narrow(),
            Self::Clocks => faketime().map(drop),
            Self::Delay => delay(),
            Self::Shim => shim::compile(work).map(drop),
        };
        tried.err().map(|error| format!("{error:#}"))
    }
}

/// The library that changes the wall clock of a program.
///
/// # Errors
/// If it is not where it should be.
pub fn faketime() -> anyhow::Result<PathBuf> {
    let there = FAKETIME.map(PathBuf::from).into_iter().find(|path| path.is_file());
    there.ok_or_else(|| anyhow::anyhow!("libfaketime is absent (package faketime)"))
}

fn program(name: &str) -> anyhow::Result<()> {
    anyhow::ensure!(tool::exists(name), "{name} is absent");
    Ok(())
}

fn namespaces() -> anyhow::Result<()> {
    ["ip", "ethtool", "nsenter", "setpriv"].into_iter().try_for_each(program)?;
    let machine = Namespace::new("probe")?;
    machine.run("ip link add lan type bridge").map(drop)
}

fn cuts(work: &Path) -> anyhow::Result<()> {
    program("nft")?;
    let (switch, rules) = (Namespace::new("probe")?, work.join("probe.nft"));
    fs::write(&rules, RULES)?;
    run(&format!("nsenter --net={} nft -f {}", switch.path().display(), rules.display())).map(drop)
}

fn narrow() -> anyhow::Result<()> {
    program("tc")?;
    let machine = Namespace::new("probe")?;
    machine.run("tc qdisc add dev lo root tbf rate 1mbit burst 16kb latency 400ms").map(drop)
}

fn delay() -> anyhow::Result<()> {
    ["iptables", "iptables-restore"].into_iter().try_for_each(program)?;
    let machine = Namespace::new("probe")?;
    let rule = "iptables -A INPUT -j NFQUEUE --queue-num 0 --queue-bypass";
    run(&format!("nsenter --net={} {rule}", machine.path().display()))?;
    PacketQueue::open(&machine.path(), 0, Manner::default())?.close().map(drop)
}
