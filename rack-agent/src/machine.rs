//! The machine the agent runs on, as far as the region is told of it.

use crate::config::Config;
use crate::interface_choice::InterfaceChoice;
use crate::interface_limits::INTERFACES_MAX;
use crate::kernel_interface::{self, KernelInterface};
use crate::region::interface::Interface;
use regent_core::model::hostname::Hostname;
use std::io;

/// What the interface of a trial is called.
const TEST_INTERFACE: &str = "test";
/// Where the kernel says what the machine is called.
const HOSTNAME_FILE: &str = "/proc/sys/kernel/hostname";

/// What the machine is called, without its domain; none if that is no host name.
#[must_use]
pub fn hostname() -> Option<Hostname> {
    let text = std::fs::read_to_string(HOSTNAME_FILE).ok()?;
    let label = text.trim().split('.').next().unwrap_or_default();
    Hostname::new(label).ok()
}

/// What the region is told of: the chosen interfaces. A trial uses none, and several of them may run on one machine: it has
/// one of its own, without a card.
///
/// # Errors
/// The system refuses.
pub fn told_interfaces(config: &Config) -> io::Result<Vec<Interface>> {
    let Some(test) = &config.test else { return interfaces(&config.interfaces) };
    let addresses = test.addresses.iter().map(|own| (own.address, own.prefix)).collect();
    let name = TEST_INTERFACE.to_owned();
    Ok(vec![Interface { name, mac_address: None, addresses }])
}

/// Its chosen interfaces but the loopback, by name, whether they are up or not.
///
/// # Errors
/// The system refuses.
pub fn interfaces(choice: &InterfaceChoice) -> io::Result<Vec<Interface>> {
    let all = kernel_interface::list(choice)?;
    Ok(all.into_iter().map(told).take(INTERFACES_MAX).collect())
}

fn told(interface: KernelInterface) -> Interface {
    let mac_address = interface.mac();
    let KernelInterface { name, addresses, .. } = interface;
    let addresses = addresses.into_iter().map(|own| (own.address, own.prefix)).collect();
    Interface { name, mac_address, addresses }
}

#[cfg(test)]
mod tests {
    use super::interfaces;
    use crate::interface_choice::InterfaceChoice;

    #[test]
    fn loopback_and_denied_interfaces_are_not_spoken_of() {
        let all = interfaces(&InterfaceChoice::default()).unwrap();
        assert!(all.iter().all(|interface| interface.name != "lo"));
        let loopback = std::net::Ipv4Addr::LOCALHOST;
        let is_loopback = |(address, _): &(_, u8)| *address == loopback;
        assert!(!all.iter().any(|interface| interface.addresses.iter().any(is_loopback)));
        let none = InterfaceChoice { allow: Vec::new(), deny: vec!["*".into()] };
        assert_eq!(interfaces(&none).unwrap(), []);
    }
}
