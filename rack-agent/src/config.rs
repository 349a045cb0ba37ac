//! The configuration file of a rack agent, read once and checked in full before anything starts.
//!
//! Unknown keys are errors: a mistyped key must not silently mean the default. Nothing here looks at the
//! network or creates the state directory.

use crate::endpoint::Endpoint;
use crate::interface_choice::{InterfaceChoice, InterfaceChoiceError};
use crate::newcomer_limit::{NewcomerLimit, NewcomerLimitError};
use crate::test_section::{TestSection, TestSectionError};
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
    /// Region nodes to try when none of those that the region told of answers, none twice. May be empty: an agent that has
    /// joined knows nodes.
    pub regions: Vec<Endpoint>,
    /// Where the agent keeps what it must remember while no region answers. Absolute.
    pub state_dir: PathBuf,
    /// Which network interfaces it uses.
    pub interfaces: InterfaceChoice,
    /// Whether it may speak to region nodes beyond this host although nothing protects what is said there yet (DESIGN D16):
    /// whoever listens can take the rack's place.
    pub insecure_no_auth: bool,
    /// How many clients nobody knows are heard.
    pub newcomers: NewcomerLimit,
    /// A port of the loopback instead of network interfaces; none but for trials.
    pub test: Option<TestSection>,
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
    /// There is no authentication of nodes yet, and the rack's key would be sent in the clear.
    #[error(
        "names region node {0}, which is not on this host: nothing protects what is said to it yet; \
         in a trusted network set `insecure_no_auth = true`"
    )]
    Exposed(Endpoint),
    /// More than [`REGIONS_MAX`] region nodes.
    #[error("names {0} region nodes, at most {REGIONS_MAX} are allowed")]
    TooManyRegions(usize),
    /// The same address twice would look like two nodes.
    #[error("names region node {0} twice")]
    RegionTwice(Endpoint),
    /// A relative path would depend on where the agent was started.
    #[error("has a `state_dir` that is not absolute: {0}")]
    RelativeStateDir(PathBuf),
    /// There could be no such interfaces.
    #[error("has `interfaces` that cannot be used")]
    Interfaces(#[from] InterfaceChoiceError),
    /// Nobody new would be served, or everybody.
    #[error("has a section `[newcomers]` that cannot be used")]
    Newcomers(#[from] NewcomerLimitError),
    /// There could be no such port for trials.
    #[error("has a section `[test]` that cannot be used")]
    Test(#[from] TestSectionError),
    /// A trial uses no interface, so that a choice would mean nothing.
    #[error("has both `[interfaces]` and `[test]`, and a trial uses no network interface")]
    InterfacesInTest,
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
        let file: ConfigFile = toml::from_str(text)?;
        let ConfigFile { regions, state_dir, interfaces, insecure_no_auth, newcomers, test } = file;
        if regions.len() > REGIONS_MAX {
            return Err(ConfigError::TooManyRegions(regions.len()));
        }
        if let Some(twice) = first_repeated(&regions) {
            return Err(ConfigError::RegionTwice(twice.clone()));
        }
        if !state_dir.is_absolute() {
            return Err(ConfigError::RelativeStateDir(state_dir));
        }
        interfaces.check()?;
        newcomers.check()?;
        if let Some(test) = &test {
            test.check()?;
            if !interfaces.takes_all() {
                return Err(ConfigError::InterfacesInTest);
            }
        }
        let config = Self { regions, state_dir, interfaces, insecure_no_auth, newcomers, test };
        let permits = config.permits();
        match config.regions.iter().find(|region| !permits(region)) {
            Some(exposed) => Err(ConfigError::Exposed(exposed.clone())),
            None => Ok(config),
        }
    }

    /// Which region nodes the agent may speak to, wherever it heard of them.
    #[must_use]
    pub fn permits(&self) -> fn(&Endpoint) -> bool {
        if self.insecure_no_auth { |_| true } else { Endpoint::is_loopback }
    }
}

/// The file as it is written, before its values are judged together.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ConfigFile {
    #[serde(default)]
    regions: Vec<Endpoint>,
    #[serde(default = "default_state_dir")]
    state_dir: PathBuf,
    #[serde(default)]
    interfaces: InterfaceChoice,
    #[serde(default)]
    insecure_no_auth: bool,
    #[serde(default)]
    newcomers: NewcomerLimit,
    test: Option<TestSection>,
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
    use crate::newcomer_limit::NewcomerLimit;
    use std::error::Error;
    use std::path::Path;

    const TRUSTED: &str = "insecure_no_auth = true\n";

    fn refusal(text: &str) -> ConfigError {
        Config::parse(text).expect_err("this text must be refused")
    }

    #[test]
    fn an_empty_file_means_all_defaults() {
        let config = Config::parse("").unwrap();
        assert_eq!(config.state_dir, Path::new("/var/lib/regent-rack"));
        assert!(config.regions.is_empty() && config.interfaces.takes_all());
        assert!(!config.insecure_no_auth && config.test.is_none());
    }

    #[test]
    fn every_key_is_read_and_regions_keep_their_order() {
        let text = "\
            regions = ['r2:7440', '192.0.2.1:7440']\n\
            state_dir = '/srv/rack'\n\
            insecure_no_auth = true\n\
            [interfaces]\nallow = ['br-*']\ndeny = ['br-lab']\n\
            [newcomers]\nper_second = 7\n";
        let config = Config::parse(text).unwrap();
        let regions: Vec<String> = config.regions.iter().map(ToString::to_string).collect();
        assert_eq!(regions, ["r2:7440", "192.0.2.1:7440"]);
        assert_eq!(config.state_dir, Path::new("/srv/rack"));
        assert_eq!(config.interfaces.to_string(), "br-* but br-lab");
        assert_eq!(config.newcomers, NewcomerLimit { per_second: 7, ..NewcomerLimit::default() });
        let test = "[test]\nlisten = '127.0.0.1:7561'\naddresses = ['10.0.0.2/24']";
        assert_eq!(Config::parse(test).unwrap().test.unwrap().listen.port(), 7561);
    }

    #[test]
    fn an_unknown_key_is_refused_by_its_name_and_line() {
        for (text, key) in [
            ("regions = ['localhost:7440']\nstate_dri = '/tmp/x'", "state_dri"),
            ("[interfaces]\nalow = ['eth0']", "alow"),
            ("[test]\nlissen = '127.0.0.1:7561'", "lissen"),
        ] {
            let error = refusal(text);
            let detail = error.source().expect("the parser says where").to_string();
            assert!(detail.contains(&format!("unknown field `{key}`")), "{detail}");
            assert!(detail.contains("line 2"), "{detail}");
        }
    }

    #[test]
    fn a_bad_address_is_refused_by_its_text_and_reason() {
        let error = refusal("regions = ['r1:7440', 'r2']");
        let detail = error.source().expect("the parser says where").to_string();
        assert!(detail.contains("`r2` is no address of a region node: it has no port"), "{detail}");
    }

    #[test]
    fn regions_are_given_once_each_and_within_the_limit() {
        let twice = format!("{TRUSTED}regions = ['r1:1', 'R1:1']");
        assert!(matches!(refusal(&twice), ConfigError::RegionTwice(_)));
        let many: Vec<String> = (0..=REGIONS_MAX).map(|n| format!("'r{n}:7440'")).collect();
        let error = refusal(&format!("{TRUSTED}regions = [{}]", many.join(",")));
        assert!(matches!(error, ConfigError::TooManyRegions(17)));
    }

    #[test]
    fn nodes_beyond_this_host_are_spoken_to_only_on_request() {
        let regions = "regions = ['127.0.0.1:7440', '[::1]:7440', 'localhost:7440', 'r1:7440']";
        let ConfigError::Exposed(exposed) = refusal(regions) else { panic!("it is exposed") };
        assert_eq!(exposed.to_string(), "r1:7440");
        let careful = Config::parse("").unwrap().permits();
        let trusting = Config::parse(&format!("{TRUSTED}{regions}")).unwrap().permits();
        assert!(!careful(&exposed) && trusting(&exposed));
    }

    #[test]
    fn a_relative_state_directory_is_refused() {
        assert!(matches!(refusal("state_dir = 'state'"), ConfigError::RelativeStateDir(_)));
    }

    #[test]
    fn interfaces_that_cannot_be_and_a_choice_without_effect_are_refused() {
        assert!(matches!(refusal("[interfaces]\nallow = ['a b']"), ConfigError::Interfaces(_)));
        let test = "[test]\nlisten = '127.0.0.1:7561'\naddresses = ['10.0.0.2/24']\n";
        let both = format!("{test}[interfaces]\ndeny = ['eth0']");
        assert!(matches!(refusal(&both), ConfigError::InterfacesInTest));
        assert!(matches!(refusal("[test]\nlisten = '0.0.0.0:7561'"), ConfigError::Test(_)));
    }

    #[test]
    fn a_limit_that_lets_nobody_new_in_is_refused() {
        for text in ["[newcomers]\nat_once = 0", "[newcomers]\nper_second = 0"] {
            assert!(matches!(refusal(text), ConfigError::Newcomers(_)), "{text}");
        }
    }

    #[test]
    fn a_file_that_is_too_large_is_refused_before_it_is_parsed() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("rack.toml");
        let comment = "#".repeat(usize::try_from(CONFIG_BYTES_MAX).unwrap());
        std::fs::write(&file, format!("state_dir = '/x'\n{comment}")).unwrap();
        assert!(matches!(Config::read(&file), Err(ConfigError::TooLarge)));
    }
}
