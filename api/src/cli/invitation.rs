//! What the first node of a region tells to whoever started it: the commands that add the others, ready to be pasted.
//!
//! It cannot know their addresses, so that on other hosts the command asks the host.

use crate::config::FileConfig;
use std::net::{IpAddr, SocketAddr};
use std::path::Path;

/// Between the ports of two nodes on one host, as in `regent dev`.
const PORT_STEP: usize = 10;

/// A node that others are to join.
#[derive(Clone, Copy, Debug)]
pub struct Invitation<'a> {
    /// How this program was called.
    pub program: &'a str,
    /// The node's name.
    pub name: &'a str,
    /// Its data directory.
    pub data_dir: &'a Path,
    /// Its settings.
    pub config: &'a FileConfig,
    /// Voters its region wants.
    pub voters: usize,
}

impl Invitation<'_> {
    /// A line that says what for, and a command for each node that is missing; nothing if none is.
    #[must_use]
    pub fn lines(&self) -> Vec<String> {
        if self.voters < 2 {
            return Vec::new();
        }
        let stays = self.config.listen.peer.ip().is_loopback();
        let place = if stays { "in terminals of this host" } else { "on a host each" };
        let intent =
            format!("This region tolerates no failure until others have joined it, {place}:");
        let command = |number| if stays { self.beside(number) } else { self.elsewhere(number) };
        std::iter::once(intent).chain((1..self.voters).map(command)).collect()
    }

    /// A node that listens on another host as this one does here.
    fn elsewhere(&self, number: usize) -> String {
        let host = host_of(&self.config.advertise.peer);
        let (asks, own) = match host.parse() {
            Ok(address @ IpAddr::V4(_)) => (way_to(address), "$own"),
            Ok(address @ IpAddr::V6(_)) => (way_to(address), "[$own]"),
            Err(_) => ("hostname -I | cut -d' ' -f1".to_owned(), "$own"),
        };
        let command = self.command(number, &quoted(&self.data_dir.to_string_lossy()), |listens| {
            format!("{own}:{}", listens.port())
        });
        format!("  own=$({asks}); {command}")
    }

    /// A node on this host.
    fn beside(&self, number: usize) -> String {
        let data_dir = format!("{}-{}", self.data_dir.display(), self.name_of(number));
        let command = self.command(number, &quoted(&data_dir), |listens| {
            SocketAddr::new(listens.ip(), port_beside(listens.port(), number)).to_string()
        });
        format!("  {command}")
    }

    fn command(
        &self,
        number: usize,
        data_dir: &str,
        place: impl Fn(SocketAddr) -> String,
    ) -> String {
        let Self { program, config, .. } = self;
        let (name, member) = (self.name_of(number), &config.advertise.peer);
        let (api, peer) = (place(config.listen.api), place(config.listen.peer));
        let mut command = format!(
            "{} join {member} --name {name} --data-dir {data_dir} --listen-api {api} --listen-peer {peer}",
            quoted(program)
        );
        // One is enough to begin with: the others may be addresses that only this host has.
        if let Some(dns) = config.listen.dns.first() {
            command.push_str(&format!(" --listen-dns {}", place(*dns)));
        }
        if config.insecure_no_auth {
            command.push_str(" --insecure-no-auth");
        }
        command
    }

    /// r2 after r1, and region-2 after region.
    fn name_of(&self, number: usize) -> String {
        let stem = self.name.trim_end_matches(|last: char| last.is_ascii_digit());
        let digits = self.name.strip_prefix(stem).unwrap_or_default();
        match digits
            .parse::<u32>()
            .ok()
            .and_then(|own| own.checked_add(u32::try_from(number).ok()?))
        {
            Some(next) => format!("{stem}{next:0width$}", width = digits.len()),
            None => format!("{}-{}", self.name, number + 1),
        }
    }
}

/// What tells the address from which a host reaches another one.
fn way_to(address: IpAddr) -> String {
    format!(r"ip route get {address} | grep -oP 'src \K\S+'")
}

fn host_of(advertised: &str) -> &str {
    let host = advertised.rsplit_once(':').map_or(advertised, |(host, _)| host);
    host.trim_start_matches('[').trim_end_matches(']')
}

/// The port of the so manieth node beside one with this port. Port 0 stands for any that is free.
fn port_beside(port: u16, number: usize) -> u16 {
    let step = u16::try_from(number * PORT_STEP).unwrap_or_default();
    if port == 0 { 0 } else { port.checked_add(step).unwrap_or(port - step) }
}

/// A word as a shell takes it.
fn quoted(word: &str) -> String {
    let is_plain = |c: char| c.is_ascii_alphanumeric() || "/._-+:@".contains(c);
    if !word.is_empty() && word.chars().all(is_plain) {
        word.to_owned()
    } else {
        format!("'{}'", word.replace('\'', r"'\''"))
    }
}

#[cfg(test)]
mod tests {
    use super::Invitation;
    use crate::config::{Addresses, FileConfig, RaftSection};
    use crate::dns::config::DnsSection;
    use std::path::Path;

    fn config(host: &str, dns: &[&str]) -> FileConfig {
        let at = |port: u16| format!("{host}:{port}");
        let listen = |text: &str| text.parse().unwrap();
        FileConfig {
            listen: Addresses {
                api: listen(&at(7440)),
                peer: listen(&at(7441)),
                dns: dns.iter().map(|text| listen(text)).collect(),
            },
            advertise: Addresses { api: at(7440), peer: at(7441), dns: Vec::new() },
            insecure_no_auth: host != "127.0.0.1",
            raft: RaftSection::default(),
            dns: DnsSection::default(),
        }
    }

    fn commands(name: &str, config: &FileConfig, voters: usize) -> Vec<String> {
        let (program, data_dir) = ("regent", Path::new("/var/lib/regent"));
        let mut lines = Invitation { program, name, data_dir, config, voters }.lines();
        if !lines.is_empty() {
            assert!(lines.remove(0).contains("until others have joined"));
        }
        lines
    }

    #[test]
    fn nodes_on_other_hosts_listen_there_as_the_first_does_here() {
        let config = config("10.0.0.1", &["10.0.0.1:53"]);
        assert_eq!(
            commands("r1", &config, 3),
            [
                r"  own=$(ip route get 10.0.0.1 | grep -oP 'src \K\S+'); regent join 10.0.0.1:7441 --name r2 --data-dir /var/lib/regent --listen-api $own:7440 --listen-peer $own:7441 --listen-dns $own:53 --insecure-no-auth",
                r"  own=$(ip route get 10.0.0.1 | grep -oP 'src \K\S+'); regent join 10.0.0.1:7441 --name r3 --data-dir /var/lib/regent --listen-api $own:7440 --listen-peer $own:7441 --listen-dns $own:53 --insecure-no-auth",
            ]
        );
    }

    #[test]
    fn ipv6_addresses_and_host_names_are_asked_for_in_their_way() {
        let ipv6 = commands("r1", &config("[2001:db8::1]", &[]), 3);
        assert!(ipv6[0].contains("ip route get 2001:db8::1 ") && ipv6[0].contains("[$own]:7441"));
        let mut named = config("0.0.0.0", &[]);
        named.advertise.peer = "alpha.example:7441".into();
        let named = commands("r1", &named, 3);
        assert!(named[0].starts_with("  own=$(hostname -I "), "{named:?}");
        assert!(named[0].contains("join alpha.example:7441 "), "{named:?}");
    }

    #[test]
    fn nodes_on_one_host_have_other_ports_and_directories() {
        let told = commands("region", &config("127.0.0.1", &[]), 5);
        assert_eq!(told.len(), 4);
        assert_eq!(
            told[3],
            "  regent join 127.0.0.1:7441 --name region-5 --data-dir /var/lib/regent-region-5 \
             --listen-api 127.0.0.1:7480 --listen-peer 127.0.0.1:7481"
        );
    }

    #[test]
    fn region_of_one_node_invites_nobody() {
        assert!(commands("r1", &config("127.0.0.1", &[]), 1).is_empty());
    }

    #[test]
    fn words_are_quoted_where_a_shell_would_take_them_apart() {
        let (program, data_dir) = ("./regent", Path::new("/srv/it's here"));
        let config = &config("127.0.0.1", &[]);
        let lines = Invitation { program, name: "a09", data_dir, config, voters: 3 }.lines();
        assert!(lines[1].contains(r"--name a10 --data-dir '/srv/it'\''s here-a10' "), "{lines:?}");
    }
}
