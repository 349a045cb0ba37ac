//! A node's configuration file: what is in it, what may not be, and what the daemon makes of it.
//!
//! `regent init` and `regent join` write one into the data directory; `regent region` reads it from there.

use crate::dns::config::DnsSection;
use regent_raft::config::{RaftConfig, RaftConfigError};
use regent_raft::durable;
use serde::de::Error as _;
use serde::{Deserialize, Deserializer, Serialize};
use std::io;
use std::net::{IpAddr, SocketAddr};
use std::path::{Path, PathBuf};
use std::time::Duration;

/// Name of the file in a data directory.
pub const CONFIG_FILE: &str = "region.toml";

/// The file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FileConfig {
    /// The ports this node listens on.
    pub listen: Addresses<SocketAddr>,
    /// Where others reach those ports.
    pub advertise: Addresses<String>,
    /// Whether it may listen beyond this host although there is no authentication yet (DESIGN D16).
    #[serde(default)]
    pub insecure_no_auth: bool,
    /// Consensus.
    #[serde(default)]
    pub raft: RaftSection,
    /// Name service.
    #[serde(default, skip_serializing_if = "DnsSection::is_default")]
    pub dns: DnsSection,
}

/// One address a port.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Addresses<A> {
    /// The HTTP API.
    pub api: A,
    /// Region nodes among themselves.
    pub peer: A,
    /// Name service, over UDP and TCP; none where there is none.
    #[serde(default = "Vec::new", skip_serializing_if = "Vec::is_empty")]
    pub dns: Vec<A>,
}

/// Settings of consensus; what is absent is as shipped.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RaftSection {
    /// Milliseconds between two heartbeats.
    pub heartbeat_ms: Option<u64>,
    /// Shortest and longest wait before an election, in milliseconds.
    #[serde(default, deserialize_with = "two_numbers")]
    pub election_ms: Option<[u64; 2]>,
    /// Applied entries between two snapshots.
    pub snapshot_entries: Option<u64>,
    /// Entries kept behind the older snapshot.
    pub entries_kept: Option<u64>,
    /// Bytes of entries kept behind the older snapshot, also if fewer entries are kept then.
    pub log_bytes_kept: Option<u64>,
    /// Milliseconds a learner must keep up before it votes.
    pub promote_after_ms: Option<u64>,
    /// Voters wanted: 1, 3 or 5.
    pub voters: Option<usize>,
}

/// Why a configuration cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum ConfigError {
    /// The file cannot be read or written.
    #[error("configuration file {path}")]
    Io {
        /// Which.
        path: PathBuf,
        /// Why.
        #[source]
        source: io::Error,
    },
    /// It is not TOML as we read it.
    #[error("configuration file {path}: {message}")]
    Syntax {
        /// Which.
        path: PathBuf,
        /// Where and why.
        message: String,
    },
    /// It would be reachable from other hosts without authentication.
    #[error(
        "listen.{port} is {address}: there is no authentication yet, so only loopback is allowed; \
         in a trusted network start with --insecure-no-auth"
    )]
    Exposed {
        /// Which port.
        port: &'static str,
        /// Where it would listen.
        address: SocketAddr,
    },
    /// Two ports cannot be one.
    #[error("listen.{first} and listen.{second} are both {address}: give each a port of its own")]
    SamePort {
        /// One of them.
        first: &'static str,
        /// The other.
        second: &'static str,
        /// What both have.
        address: SocketAddr,
    },
    /// Nobody could be sent there.
    #[error(
        "advertise.{port} is {text:?}: write HOST:PORT as others reach this node, \
         such as 10.0.0.1:7440"
    )]
    Advertise {
        /// Which port.
        port: &'static str,
        /// What is written there.
        text: String,
    },
    /// Settings of consensus cannot work.
    #[error(transparent)]
    Raft(#[from] RaftConfigError),
}

impl FileConfig {
    /// Reads a file; unknown keys are errors.
    ///
    /// # Errors
    /// [`ConfigError`].
    pub fn read(path: &Path) -> Result<Self, ConfigError> {
        let text = std::fs::read_to_string(path)
            .map_err(|source| ConfigError::Io { path: path.to_owned(), source })?;
        toml::from_str(&text).map_err(|error| ConfigError::Syntax {
            path: path.to_owned(),
            message: error.to_string(),
        })
    }

    /// Writes a file, durably: a node whose data survives a power cut must find its settings, too.
    ///
    /// # Errors
    /// [`ConfigError`].
    pub fn write(&self, path: &Path) -> Result<(), ConfigError> {
        let text = toml::to_string(self).map_err(|error| ConfigError::Syntax {
            path: path.to_owned(),
            message: error.to_string(),
        })?;
        durable::replace(path, text.as_bytes())
            .map_err(|source| ConfigError::Io { path: path.to_owned(), source })
    }

    /// Refuses what would be reachable by strangers, and settings that cannot work.
    ///
    /// # Errors
    /// [`ConfigError`].
    pub fn validate(&self) -> Result<RaftConfig, ConfigError> {
        for (port, address) in [("api", self.listen.api), ("peer", self.listen.peer)] {
            if !address.ip().is_loopback() && !self.insecure_no_auth {
                return Err(ConfigError::Exposed { port, address });
            }
        }
        self.check_ports()?;
        for (port, text) in [("api", &self.advertise.api), ("peer", &self.advertise.peer)] {
            if !is_reachable(text) {
                return Err(ConfigError::Advertise { port, text: text.clone() });
            }
        }
        let config = self.raft.merged();
        config.validate()?;
        Ok(config)
    }

    /// No two services listen at one address. Port 0 stands for any that is free.
    fn check_ports(&self) -> Result<(), ConfigError> {
        let dns = self.listen.dns.iter().map(|address| ("dns", *address));
        let all: Vec<_> =
            [("api", self.listen.api), ("peer", self.listen.peer)].into_iter().chain(dns).collect();
        for (number, (first, address)) in all.iter().enumerate() {
            let others = all.iter().skip(number + 1);
            let same = others.filter(|(_, other)| other == address && address.port() != 0);
            if let Some((second, address)) = same.into_iter().next() {
                return Err(ConfigError::SamePort { first, second, address: *address });
            }
        }
        Ok(())
    }
}

/// An array would take the first two of more numbers and say nothing of the rest.
fn two_numbers<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<[u64; 2]>, D::Error> {
    let numbers: Vec<u64> = Vec::deserialize(deserializer)?;
    let found = numbers.len();
    let two = numbers.try_into().map_err(|_| D::Error::invalid_length(found, &"two numbers"))?;
    Ok(Some(two))
}

/// Whether a text names a host and a port that can be connected to.
fn is_reachable(text: &str) -> bool {
    let Some((host, port)) = text.rsplit_once(':') else { return false };
    let address = host.trim_start_matches('[').trim_end_matches(']').parse::<IpAddr>();
    let is_host = match address {
        Ok(IpAddr::V6(_)) if !host.starts_with('[') => false,
        Ok(address) => !address.is_unspecified(),
        Err(_) => {
            let is_part = |c: char| c.is_ascii_alphanumeric() || ['-', '.', '_'].contains(&c);
            !host.is_empty() && host.chars().all(is_part)
        }
    };
    is_host && port.parse::<u16>().is_ok_and(|port| port > 0)
}

impl RaftSection {
    fn merged(&self) -> RaftConfig {
        let shipped = RaftConfig::default();
        let millis = |value: Option<u64>, default| value.map_or(default, Duration::from_millis);
        let (min, max) = self.election_ms.map_or((None, None), |[min, max]| (Some(min), Some(max)));
        RaftConfig {
            heartbeat: millis(self.heartbeat_ms, shipped.heartbeat),
            election_min: millis(min, shipped.election_min),
            election_max: millis(max, shipped.election_max),
            snapshot_entries: self.snapshot_entries.unwrap_or(shipped.snapshot_entries),
            entries_kept: self.entries_kept.unwrap_or(shipped.entries_kept),
            log_bytes_kept: self.log_bytes_kept.unwrap_or(shipped.log_bytes_kept),
            promote_after: millis(self.promote_after_ms, shipped.promote_after),
            voters_wanted: self.voters.unwrap_or(shipped.voters_wanted),
            ..shipped
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Addresses, ConfigError, FileConfig, RaftSection};
    use crate::dns::config::DnsSection;

    fn config(api: &str) -> FileConfig {
        FileConfig {
            listen: Addresses {
                api: api.parse().unwrap(),
                peer: "127.0.0.1:7441".parse().unwrap(),
                dns: vec!["127.0.0.1:7443".parse().unwrap()],
            },
            advertise: Addresses {
                api: "region.example:7440".into(),
                peer: "127.0.0.1:7441".into(),
                dns: Vec::new(),
            },
            insecure_no_auth: false,
            raft: RaftSection::default(),
            dns: DnsSection::default(),
        }
    }

    #[test]
    fn file_is_read_as_it_was_written() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("region.toml");
        config("127.0.0.1:7440").write(&path).unwrap();
        assert_eq!(FileConfig::read(&path).unwrap(), config("127.0.0.1:7440"));
    }

    #[test]
    fn unknown_key_is_named() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("region.toml");
        config("127.0.0.1:7440").write(&path).unwrap();
        let text = std::fs::read_to_string(&path).unwrap() + "\n[raft]\nhartbeat_ms = 5\n";
        std::fs::write(&path, text.replace("[raft]\n\n[raft]", "[raft]")).unwrap();
        let error = FileConfig::read(&path).unwrap_err().to_string();
        assert!(error.contains("hartbeat_ms"), "{error}");
    }

    #[test]
    fn other_hosts_are_let_in_only_on_request() {
        let exposed = config("0.0.0.0:7440");
        assert!(matches!(exposed.validate(), Err(ConfigError::Exposed { port: "api", .. })));
        let wanted = FileConfig { insecure_no_auth: true, ..exposed };
        assert!(wanted.validate().is_ok());
    }

    #[test]
    fn dns_section_names_what_is_wrong_in_it() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("region.toml");
        config("127.0.0.1:7440").write(&path).unwrap();
        let plain = std::fs::read_to_string(&path).unwrap();
        let with = |section: &str| {
            std::fs::write(&path, format!("{plain}\n[dns]\n{section}\n")).unwrap();
            FileConfig::read(&path)
        };
        let good =
            with("upstreams = [\"10.0.0.53\", \"[::1]:5353\"]\nallow_transfer = [\"10.0.0.0/8\"]");
        assert_eq!(good.unwrap().dns.upstreams.len(), 2);
        for (section, told) in [
            ("upstreams = [\"dns.example\"]", "dns.example"),
            ("allow_transfer = [\"10.0.0.1/8\"]", "10.0.0.1/8"),
            ("allow_tranfser = []", "allow_tranfser"),
        ] {
            let error = with(section).unwrap_err().to_string();
            assert!(error.contains(told), "{error}");
        }
    }
}
