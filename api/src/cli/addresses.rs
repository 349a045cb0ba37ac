//! Which nodes a command asks: the flag, else the environment, else a running dev cluster, else this host.

use crate::cli::dev_record::DevFolder;
use std::net::Ipv6Addr;

/// The port of a node's API unless configured otherwise.
const DEFAULT_PORT: u16 = 7440;

/// The nodes to ask. `given` is the flag, which clap fills from the environment where it is absent.
///
/// A dev cluster only counts if its first node is what this host's default address means anyway.
#[must_use]
pub fn resolve(given: &[String]) -> Vec<String> {
    if !given.is_empty() {
        return given.to_vec();
    }
    let dev = DevFolder::locate().the_one(Some(DEFAULT_PORT)).ok();
    match dev {
        Some(record) => record.nodes.into_iter().map(|node| node.api).collect(),
        None => vec![format!("127.0.0.1:{DEFAULT_PORT}")],
    }
}

/// Where a node's API is: `HOST`, `HOST:PORT` or `http://HOST:PORT`, with the usual port unless one is named.
#[must_use]
pub fn url(address: &str) -> String {
    let address = address.trim_end_matches('/');
    let place = address.strip_prefix("http://").unwrap_or(address);
    let host = place.split('/').next().unwrap_or_default();
    if host.parse::<Ipv6Addr>().is_ok() {
        return format!("http://[{host}]:{DEFAULT_PORT}");
    }
    let has_port = host.rsplit(']').next().is_some_and(|behind| behind.contains(':'));
    let port = if has_port || place != host { String::new() } else { format!(":{DEFAULT_PORT}") };
    format!("http://{place}{port}")
}

#[cfg(test)]
mod tests {
    use super::url;

    #[test]
    fn node_is_named_with_or_without_scheme_and_port() {
        for (given, meant) in [
            ("r1:7450", "http://r1:7450"),
            ("http://r1:7450/", "http://r1:7450"),
            ("127.0.0.1", "http://127.0.0.1:7440"),
            ("http://r1", "http://r1:7440"),
            ("[::1]:80", "http://[::1]:80"),
            ("[::1]", "http://[::1]:7440"),
            ("::1", "http://[::1]:7440"),
        ] {
            assert_eq!(url(given), meant, "{given}");
        }
    }
}
