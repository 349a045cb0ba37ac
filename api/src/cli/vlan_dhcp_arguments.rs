//! What can be typed behind `regent vlan dhcp`.

use crate::cli::noun_arguments::Write;
use crate::duration;
use clap::{Args, Subcommand};
use std::net::Ipv4Addr;
use std::str::FromStr;
use std::time::Duration;

/// What is done about DHCP on a VLAN.
#[derive(Debug, Subcommand)]
pub enum DhcpVerb {
    /// Have racks serve it: sets addresses and racks in one step, once no other server answers there.
    On(DhcpOn),
    /// Have racks serve it no more; addresses and racks stay as they are set.
    Off {
        /// Which VLAN: FABRIC:VID or number.
        vlan: String,
        /// The write.
        #[command(flatten)]
        write: Write,
    },
    /// Show who serves it, with which addresses, and how far each rack is with it.
    Show {
        /// Which VLAN: FABRIC:VID or number.
        vlan: String,
    },
}

/// How a VLAN is to be served.
#[derive(Debug, Args)]
pub struct DhcpOn {
    /// Which VLAN: FABRIC:VID or number.
    pub vlan: String,
    /// Addresses that clients get, FIRST-LAST; may be given several times [default: the dynamic ranges there are].
    #[arg(long = "range", value_name = "FIRST-LAST")]
    pub ranges: Vec<Span>,
    /// A rack that serves it, the primary first, by name, system id or number [default: those that are set].
    #[arg(long = "rack", value_name = "RACK")]
    pub racks: Vec<String>,
    /// Wait until every rack says that it serves the VLAN, for so long at most.
    #[arg(long, value_name = "TIME", num_args = 0..=1, require_equals = true)]
    #[arg(default_missing_value = "60s", value_parser = duration::parse)]
    pub wait: Option<Duration>,
    /// Although a server that is not ours answers there (foreign), or a rack has no address there (unseen).
    #[arg(long, value_name = "WHAT", value_parser = ["foreign", "unseen"])]
    pub despite: Vec<String>,
    /// The write.
    #[command(flatten)]
    pub write: Write,
}

/// Addresses from the first to the last.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Span {
    /// The first.
    pub start: Ipv4Addr,
    /// The last.
    pub end: Ipv4Addr,
}

impl FromStr for Span {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let ends = text.split_once('-').and_then(|(first, last)| {
            Some(Self { start: first.trim().parse().ok()?, end: last.trim().parse().ok()? })
        });
        ends.ok_or_else(|| "a range looks like 10.7.0.100-10.7.0.199".to_owned())
    }
}

#[cfg(test)]
mod tests {
    use super::Span;

    #[test]
    fn range_is_two_addresses_with_a_hyphen_between() {
        let span: Span = "10.7.0.100-10.7.0.199".parse().unwrap();
        assert_eq!((span.start.octets()[3], span.end.octets()[3]), (100, 199));
        for wrong in ["", "10.7.0.100", "10.7.0.100-199", "10.7.0.0/24", "a-b"] {
            assert!(wrong.parse::<Span>().is_err(), "{wrong}");
        }
    }
}
