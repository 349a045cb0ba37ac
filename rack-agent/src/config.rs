//! The configuration file of a rack agent, read once and checked in full before anything starts.
//!
//! Unknown keys are errors: a mistyped key must not silently mean the default. Nothing here looks at the
//! network or creates the state directory.

use crate::endpoint::Endpoint;
use serde::Deserialize;
use std::fs::File;
use std::io::Read;
use std::path::{Path, PathBuf};

/// Largest configuration file that is read, in bytes.
pub const CONFIG_BYTES_MAX: u64 = 64 << 10;
/// Most region nodes a file may name. A region has three or five; the rest is room for a move.
pub const REGIONS_MAX: usize = 16;

/// A valid configuration.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Config {
    /// Region nodes to try, in this order. At least one, none twice.
    pub regions: Vec<Endpoint>,
    /// Where the agent keeps what it must remember while no region answers. Absolute.
    pub state_dir: PathBuf,
}

/// Why a configuration cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum ConfigError {
    /// The file is not there or not readable.
    #[error("cannot be read")]
    Read(#[from] std::io::Error),
    /// The file is far larger than any configuration.
    #[error("is larger than {CONFIG_BYTES_MAX} bytes")]
    TooLarge,
    /// Not TOML, an unknown key, or a value of the wrong kind; the source says which and where.
    #[error("is not a valid configuration")]
    Syntax(#[from] toml::de::Error),
    /// An agent without a region has nobody to follow.
    #[error("names no region node in `regions`")]
    NoRegion,
    /// More than [`REGIONS_MAX`] region nodes.
    #[error("names {0} region nodes, at most {REGIONS_MAX} are allowed")]
    TooManyRegions(usize),
    /// The same address twice would look like two nodes.
    #[error("names region node {0} twice")]
    RegionTwice(Endpoint),
    /// A relative path would depend on where the agent was started.
    #[error("has a `state_dir` that is not absolute: {0}")]
    RelativeStateDir(PathBuf),
}

impl Config {
    /// Reads and checks the file at `path`.
    ///
    /// # Errors
    /// Whatever keeps the agent from starting with this file.
    pub fn read(path: &Path) -> Result<Self, ConfigError> {
        let mut text = String::new();
        let read = File::open(path)?.take(CONFIG_BYTES_MAX + 1).read_to_string(&mut text)?;
        if read as u64 > CONFIG_BYTES_MAX {
            return Err(ConfigError::TooLarge);
        }
        Self::parse(&text)
    }

    /// Checks the text of a configuration file.
    ///
    /// # Errors
    /// Whatever keeps the agent from starting with this text.
    pub fn parse(text: &str) -> Result<Self, ConfigError> {
        let ConfigFile { regions, state_dir } = toml::from_str(text)?;
        if regions.is_empty() {
            return Err(ConfigError::NoRegion);
        }
        if regions.len() > REGIONS_MAX {
            return Err(ConfigError::TooManyRegions(regions.len()));
        }
        if let Some(twice) = first_repeated(&regions) {
            return Err(ConfigError::RegionTwice(twice.clone()));
        }
        if !state_dir.is_absolute() {
            return Err(ConfigError::RelativeStateDir(state_dir));
        }
        Ok(Self { regions, state_dir })
    }
}

/// The file as it is written, before its values are judged together.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ConfigFile {
    regions: Vec<Endpoint>,
    #[serde(default = "default_state_dir")]
    state_dir: PathBuf,
}

fn default_state_dir() -> PathBuf {
    PathBuf::from("/var/lib/regent-rack")
}

fn first_repeated(regions: &[Endpoint]) -> Option<&Endpoint> {
    regions.iter().enumerate().find(|(at, region)| regions[..*at].contains(region)).map(|(_, r)| r)
}

#[cfg(test)]
mod tests {
    use super::{CONFIG_BYTES_MAX, Config, ConfigError, REGIONS_MAX};
    use std::error::Error;
    use std::path::Path;

    fn refusal(text: &str) -> ConfigError {
        Config::parse(text).expect_err("this text must be refused")
    }

    #[test]
    fn regions_keep_their_order_and_the_state_directory_has_a_default() {
        let config = Config::parse("regions = ['r2:7440', '192.0.2.1:7440']").unwrap();
        let regions: Vec<String> = config.regions.iter().map(ToString::to_string).collect();
        assert_eq!(regions, ["r2:7440", "192.0.2.1:7440"]);
        assert_eq!(config.state_dir, Path::new("/var/lib/regent-rack"));
    }

    #[test]
    fn an_unknown_key_is_refused_by_its_name_and_line() {
        let error = refusal("regions = ['r1:7440']\nstate_dri = '/tmp/x'");
        let detail = error.source().expect("the parser says where").to_string();
        assert!(detail.contains("unknown field `state_dri`"), "{detail}");
        assert!(detail.contains("line 2"), "{detail}");
    }

    #[test]
    fn a_bad_address_is_refused_by_its_text_and_reason() {
        let error = refusal("regions = ['r1:7440', 'r2']");
        let detail = error.source().expect("the parser says where").to_string();
        assert!(detail.contains("`r2` is no address of a region node: it has no port"), "{detail}");
    }

    #[test]
    fn regions_must_be_given_once_each_and_within_the_limit() {
        assert!(matches!(refusal("state_dir = '/x'"), ConfigError::Syntax(_)));
        assert!(matches!(refusal("regions = []"), ConfigError::NoRegion));
        assert!(matches!(refusal("regions = ['r1:1', 'R1:1']"), ConfigError::RegionTwice(_)));
        let many: Vec<String> = (0..=REGIONS_MAX).map(|n| format!("'r{n}:7440'")).collect();
        let error = refusal(&format!("regions = [{}]", many.join(",")));
        assert!(matches!(error, ConfigError::TooManyRegions(17)));
    }

    #[test]
    fn a_relative_state_directory_is_refused() {
        let error = refusal("regions = ['r1:7440']\nstate_dir = 'state'");
        assert!(matches!(error, ConfigError::RelativeStateDir(_)));
    }

    #[test]
    fn a_file_that_is_too_large_is_refused_before_it_is_parsed() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("rack.toml");
        let comment = "#".repeat(usize::try_from(CONFIG_BYTES_MAX).unwrap());
        std::fs::write(&file, format!("regions = ['r1:7440']\n{comment}")).unwrap();
        assert!(matches!(Config::read(&file), Err(ConfigError::TooLarge)));
    }
}
