//! Finds out what names of NTP servers stand for, since DHCP tells clients addresses (RFC 2132 section 8.3). As with MAAS,
//! the rack asks its own system's resolver: the region's state must not depend on what somebody else's DNS says just now.
//!
//! What was found last counts as long as nothing better is found; after a start nothing is known at first.

use regent_core::model::dns_name::DomainName;
use std::collections::{BTreeMap, BTreeSet};
use std::io;
use std::net::{IpAddr, Ipv4Addr};
use std::time::Duration;
use tokio::sync::watch;
use tokio::task::JoinHandle;
use tokio::time::sleep;

/// Names that are looked up.
pub const NAMES_MAX: usize = 64;
/// Addresses of one name that count.
pub const ADDRESSES_PER_NAME_MAX: usize = 4;
/// How long what was found counts before it is looked up again, and the same where something was not found.
const PAUSES: Pauses = Pauses { refresh: Duration::from_secs(600), retry: Duration::from_secs(30) };
/// Of NTP. Any would do: the resolver wants one.
const PORT: u16 = 123;

/// Addresses of names.
pub type Found = BTreeMap<DomainName, Vec<Ipv4Addr>>;

/// Time between two looks.
#[derive(Clone, Copy, Debug)]
struct Pauses {
    refresh: Duration,
    retry: Duration,
}

/// Looks names up, one at a time, in a task of its own.
#[derive(Debug)]
pub struct Namer {
    wanted: watch::Sender<BTreeSet<DomainName>>,
    found: watch::Receiver<Found>,
    task: JoinHandle<()>,
}

impl Namer {
    /// Begins, with the system's resolver, on the runtime that is current here.
    #[must_use]
    pub fn start() -> Self {
        Self::start_with(look_up, PAUSES)
    }

    fn start_with<F>(
        look_up: impl Fn(DomainName) -> F + Send + Sync + 'static,
        pauses: Pauses,
    ) -> Self
    where
        F: Future<Output = io::Result<Vec<Ipv4Addr>>> + Send + 'static,
    {
        let (wanted, asked) = watch::channel(BTreeSet::new());
        let (tell, found) = watch::channel(Found::new());
        let task = tokio::spawn(keep_up(asked, tell, look_up, pauses));
        Self { wanted, found, task }
    }

    /// These names are wanted from now on, and no others.
    pub fn want(&self, names: BTreeSet<DomainName>) {
        self.wanted.send_if_modified(|wanted| {
            let is_news = *wanted != names;
            *wanted = names;
            is_news
        });
    }

    /// Waits until something else is found than before. May be dropped half-way without missing anything.
    pub async fn found(&mut self) -> Found {
        if self.found.changed().await.is_err() {
            // The task has panicked: what is known counts on.
            std::future::pending::<()>().await;
        }
        self.found.borrow_and_update().clone()
    }
}

impl Drop for Namer {
    fn drop(&mut self) {
        self.task.abort();
    }
}

async fn keep_up<F: Future<Output = io::Result<Vec<Ipv4Addr>>>>(
    mut asked: watch::Receiver<BTreeSet<DomainName>>,
    tell: watch::Sender<Found>,
    look_up: impl Fn(DomainName) -> F,
    pauses: Pauses,
) {
    let (mut found, mut missing) = (Found::new(), BTreeSet::new());
    loop {
        let names = asked.borrow_and_update().clone();
        found.retain(|name, _| names.contains(name));
        tell_news(&tell, &found);
        let earlier = std::mem::take(&mut missing);
        for name in names.iter().take(NAMES_MAX) {
            match look_up(name.clone()).await {
                Ok(addresses) => {
                    found.insert(name.clone(), addresses);
                    // The next name may take its time.
                    tell_news(&tell, &found);
                }
                Err(error) => {
                    if !earlier.contains(name) {
                        tracing::warn!(%name, %error, "an NTP server's name cannot be looked up");
                    }
                    missing.insert(name.clone());
                }
            }
        }
        let pause = if missing.is_empty() { pauses.refresh } else { pauses.retry };
        tokio::select! {
            changed = asked.changed() => if changed.is_err() { return },
            () = sleep(pause), if !names.is_empty() => {}
        }
    }
}

fn tell_news(tell: &watch::Sender<Found>, found: &Found) {
    tell.send_if_modified(|told| {
        let is_news = told != found;
        told.clone_from(found);
        is_news
    });
}

async fn look_up(name: DomainName) -> io::Result<Vec<Ipv4Addr>> {
    let name = spelled(&name);
    let addresses = tokio::net::lookup_host((name.as_str(), PORT)).await?;
    let addresses = servers(addresses.map(|address| address.ip()));
    if addresses.is_empty() {
        return Err(io::Error::new(io::ErrorKind::NotFound, "it has no IPv4 address of a server"));
    }
    Ok(addresses)
}

/// With the dot at the end: the domains that this machine searches in are not those of the clients.
fn spelled(name: &DomainName) -> String {
    format!("{}.", name.to_string().trim_end_matches('.'))
}

/// Addresses a client could find a server at: this machine's own loopback is none, nor is what stands for many or nobody.
fn servers(addresses: impl Iterator<Item = IpAddr>) -> Vec<Ipv4Addr> {
    let addresses: BTreeSet<Ipv4Addr> = addresses
        .filter_map(|address| match address {
            IpAddr::V4(address) => Some(address),
            IpAddr::V6(_) => None,
        })
        .filter(|address| {
            !(address.is_unspecified()
                || address.is_loopback()
                || address.is_multicast()
                || address.is_broadcast())
        })
        .collect();
    addresses.into_iter().take(ADDRESSES_PER_NAME_MAX).collect()
}

#[cfg(test)]
mod tests {
    use super::{Found, Namer, Pauses, servers, spelled};
    use regent_core::model::dns_name::DomainName;
    use std::collections::BTreeSet;
    use std::io;
    use std::net::Ipv4Addr;
    use std::sync::Arc;
    use std::sync::atomic::{AtomicU64, Ordering};
    use std::time::Duration;
    use tokio::sync::Semaphore;

    fn name(text: &str) -> DomainName {
        text.parse().unwrap()
    }

    #[tokio::test]
    async fn names_are_looked_up_again_and_what_was_found_counts_until_then() {
        let (allowed, asked) = (Arc::new(Semaphore::new(1)), AtomicU64::new(0));
        let allow = Arc::clone(&allowed);
        let look_up = move |_| {
            let (time, allowed) = (asked.fetch_add(1, Ordering::Relaxed), Arc::clone(&allowed));
            async move {
                allowed.acquire().await.unwrap().forget();
                match time {
                    // Neither no answer nor the same again is news.
                    1 | 2 => Err(io::Error::other("no resolver")),
                    0 | 3 => Ok(vec![Ipv4Addr::new(192, 0, 2, 1)]),
                    _ => Ok(vec![Ipv4Addr::new(192, 0, 2, 9)]),
                }
            }
        };
        let moment = Duration::from_millis(1);
        let pauses = Pauses { refresh: moment, retry: moment };
        let mut namer = Namer::start_with(look_up, pauses);
        let only = |last| Found::from([(name("ntp.test"), vec![Ipv4Addr::new(192, 0, 2, last)])]);
        namer.want([name("ntp.test")].into());
        assert_eq!(namer.found().await, only(1));
        allow.add_permits(4);
        assert_eq!(namer.found().await, only(9));
        namer.want(BTreeSet::new());
        allow.add_permits(1);
        assert_eq!(namer.found().await, Found::new(), "what nobody wants is forgotten");
    }

    #[tokio::test]
    async fn what_is_found_is_told_before_the_next_name_is_looked_up() {
        let look_up = |asked: DomainName| async move {
            if asked == name("a.test") {
                return Ok(vec![Ipv4Addr::new(192, 0, 2, 1)]);
            }
            std::future::pending().await
        };
        let moment = Duration::from_millis(1);
        let mut namer = Namer::start_with(look_up, Pauses { refresh: moment, retry: moment });
        namer.want([name("a.test"), name("b.test")].into());
        let first = Found::from([(name("a.test"), vec![Ipv4Addr::new(192, 0, 2, 1)])]);
        assert_eq!(namer.found().await, first);
    }

    #[test]
    fn name_is_asked_for_as_it_is_and_in_no_domain_of_this_machine() {
        assert_eq!(spelled(&name("ntp.test")), "ntp.test.");
    }

    #[test]
    fn address_that_is_no_servers_is_told_to_no_client() {
        let found = ["0.0.0.0", "127.0.1.1", "224.0.1.1", "255.255.255.255", "::1", "192.0.2.1"];
        let found = found.map(|address| address.parse().unwrap());
        assert_eq!(servers(found.into_iter()), [Ipv4Addr::new(192, 0, 2, 1)]);
    }
}
