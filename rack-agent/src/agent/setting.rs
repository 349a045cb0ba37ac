//! What the parts of an agent are to be like: from the configuration and what is remembered to what wires and link want.

use crate::clock::sample::now;
use crate::config::Config;
use crate::duty::event::WireAddress;
use crate::duty::machine::Duty;
use crate::region::interface::Interface;
use crate::region::link::Setting;
use crate::region::pace::Pace;
use crate::region::situation::{Possessions, Situation, ViewPlace};
use crate::remembered::Identity;
use crate::store::nodes;
use crate::test_section::TestAddress;
use crate::wire::wires::WireConfig;

/// The wires that the configuration wants.
#[must_use]
pub fn wires(config: &Config) -> WireConfig {
    match &config.test {
        None => WireConfig::Interfaces(config.interfaces.clone()),
        Some(test) => {
            let address =
                |own: &TestAddress| WireAddress { address: own.address, prefix: own.prefix };
            let addresses = test.addresses.iter().map(address).collect();
            WireConfig::Test { listen: test.listen, addresses }
        }
    }
}

/// The line to the region: to whom, and what is said of the rack at first.
#[must_use]
pub fn link(
    config: &Config,
    interfaces: Vec<Interface>,
    identity: &Identity,
    duty: &Duty,
) -> Setting {
    let version = env!("CARGO_PKG_VERSION").to_owned();
    let situation = Situation::new(identity.clone(), version, possessions(duty), interfaces);
    Setting {
        situation,
        configured: config.regions.clone(),
        remembered: nodes::read(&config.state_dir),
        permits: config.permits(),
        pace: Pace::default(),
        clock: now,
        seed: rand::random(),
    }
}

/// What the rack has, as it says when it opens a session.
#[must_use]
pub fn possessions(duty: &Duty) -> Possessions {
    let place = duty.place();
    let view = place.map(|place| ViewPlace { epoch: place.epoch, revision: place.revision });
    Possessions { life: duty.life(), view }
}
