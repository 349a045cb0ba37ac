//! What happened to a DHCP client, as the script it runs noted it.

use std::net::Ipv4Addr;
use std::str::FromStr;
use std::time::Duration;

/// What happened.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Happening {
    /// It got an address.
    Bound,
    /// It may keep it.
    Renewed,
    /// It has none any more.
    Lost,
    /// It got none.
    Failed,
}

/// Something that happened to a client.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ClientEvent {
    /// When, since 1970.
    pub at: Duration,
    /// What.
    pub what: Happening,
    /// The address it has.
    pub address: Option<Ipv4Addr>,
    /// For how long.
    pub life: Option<Duration>,
    /// The server that gave it.
    pub server: Option<Ipv4Addr>,
    /// The server it is to boot from.
    pub boot_server: Option<Ipv4Addr>,
    /// What it is to boot.
    pub boot_file: Option<String>,
}

/// A line that is no event.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("no event of a client: {0:?}")]
pub struct NoEvent(String);

impl FromStr for ClientEvent {
    type Err = NoEvent;

    fn from_str(line: &str) -> Result<Self, NoEvent> {
        let read = || {
            let words: Vec<&str> = line.split(' ').collect();
            let &[at, what, address, life, server, boot_server, boot_file] = words.as_slice()
            else {
                return None;
            };
            let (seconds, nanos) = at.split_once('.')?;
            let what = match what {
                "bound" => Happening::Bound,
                "renewed" => Happening::Renewed,
                "lost" => Happening::Lost,
                "failed" => Happening::Failed,
                _ => return None,
            };
            let seconds_of_lease = told(life).map(str::parse).transpose().ok()?;
            Some(Self {
                at: Duration::new(seconds.parse().ok()?, nanos.parse().ok()?),
                what,
                address: told(address).map(str::parse).transpose().ok()?,
                life: seconds_of_lease.map(Duration::from_secs),
                server: told(server).map(str::parse).transpose().ok()?,
                boot_server: told(boot_server).map(str::parse).transpose().ok()?,
                boot_file: told(boot_file).map(str::to_owned),
            })
        };
        read().ok_or_else(|| NoEvent(line.to_owned()))
    }
}

fn told(word: &str) -> Option<&str> {
    (word != "-").then_some(word)
}

#[cfg(test)]
mod tests {
    use super::{ClientEvent, Happening};
    use std::time::Duration;

    #[test]
    fn lines_of_the_script_are_read() {
        let line = "1700000000.000000001 bound 10.0.0.9 600 10.0.0.2 - -";
        let event: ClientEvent = line.parse().unwrap();
        assert_eq!(event.at, Duration::new(1_700_000_000, 1));
        assert_eq!((event.what, event.address), (Happening::Bound, Some([10, 0, 0, 9].into())));
        assert_eq!(event.life, Some(Duration::from_secs(600)));
        assert_eq!((event.boot_server, event.boot_file), (None, None));
        for line in ["", "1.0 bound", "1.0 eaten - - - - -", "x.0 lost - - - - -"] {
            assert!(line.parse::<ClientEvent>().is_err(), "{line}");
        }
    }
}
