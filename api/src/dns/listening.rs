//! Where a server listens itself: nothing is forwarded there, as each question would go round until nobody waits for it.

use std::net::{IpAddr, SocketAddr, UdpSocket};

/// The addresses of a server's sockets.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Listening(pub Vec<SocketAddr>);

impl Listening {
    /// Whether what is sent to `server` comes back here.
    #[must_use]
    pub fn includes(&self, server: SocketAddr) -> bool {
        let ip = server.ip().to_canonical();
        let mut same_port = self.0.iter().filter(|own| own.port() == server.port());
        same_port.any(|own| {
            own.ip().to_canonical() == ip || own.ip().is_unspecified() && is_of_this_host(ip)
        })
    }
}

/// Whether an address is one of this host's: only those can be bound. Asked anew each time, as addresses come and go.
#[must_use]
pub fn is_of_this_host(ip: IpAddr) -> bool {
    UdpSocket::bind((ip, 0)).is_ok()
}

#[cfg(test)]
mod tests {
    use super::Listening;

    #[test]
    fn own_addresses_are_those_of_the_sockets_and_behind_a_wildcard_all_of_the_host() {
        let of =
            |words: &[&str]| Listening(words.iter().map(|word| word.parse().unwrap()).collect());
        let one = of(&["127.0.0.1:5300"]);
        let all = of(&["0.0.0.0:5300"]);
        for (server, in_one, in_all) in [
            ("127.0.0.1:5300", true, true),
            ("[::ffff:127.0.0.1]:5300", true, true),
            ("127.0.0.1:53", false, false),
            ("127.7.7.7:5300", false, true),
            ("192.0.2.1:5300", false, false),
        ] {
            let server = server.parse().unwrap();
            assert_eq!((one.includes(server), all.includes(server)), (in_one, in_all), "{server}");
        }
    }
}
