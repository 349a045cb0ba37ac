//! The site's settings about forwarding, as the state has them: read once for each revision, not for each packet.

use crate::dns::access::Networks;
use crate::dns::config::DNS_PORT;
use regent_core::model::subnet::Subnet;
use regent_core::query::network::subnet_of;
use regent_core::query::setting::words;
use regent_core::revision::Revision;
use regent_core::state::State;
use regent_core::state::table::Row;
use std::net::{IpAddr, SocketAddr};
use std::sync::{Arc, Mutex, MutexGuard};

/// MAAS's setting with the servers to forward to.
const UPSTREAM_DNS: &str = "upstream_dns";
/// MAAS's setting with further networks whose questions are forwarded.
const TRUSTED_ACL: &str = "dns_trusted_acl";

/// The settings of the revision asked about last.
#[derive(Default)]
pub struct Sites(Mutex<Option<Arc<Site>>>);

/// The settings at one revision.
pub struct Site {
    revision: Revision,
    trusted: Networks,
    /// The servers the site forwards to.
    pub upstreams: Vec<SocketAddr>,
}

impl Sites {
    /// The settings of a state.
    #[must_use]
    pub fn of(&self, state: &State) -> Arc<Site> {
        let revision = state.meta().revision;
        if let Some(site) = self.lock().as_ref().filter(|site| site.revision == revision) {
            return Arc::clone(site);
        }
        let site = Arc::new(Site::read(state));
        *self.lock() = Some(Arc::clone(&site));
        site
    }

    fn lock(&self) -> MutexGuard<'_, Option<Arc<Site>>> {
        self.0.lock().expect("nothing panics under this lock")
    }
}

impl Site {
    fn read(state: &State) -> Self {
        let upstreams = words(state, UPSTREAM_DNS);
        let upstreams = upstreams.iter().filter_map(|word| word.parse::<IpAddr>().ok());
        Self {
            revision: state.meta().revision,
            trusted: Networks::lenient(words(state, TRUSTED_ACL).iter().map(String::as_str)),
            upstreams: upstreams.map(|address| SocketAddr::new(address, DNS_PORT)).collect(),
        }
    }

    /// Whether the site lets this client ask others: hosts of subnets with `allow_dns`, and what it trusts beside.
    #[must_use]
    pub fn trusts(&self, state: &State, client: IpAddr) -> bool {
        let subnet: Option<(_, Arc<Row<Subnet>>)> = subnet_of(state, client);
        subnet.is_some_and(|(_, row)| row.value.allow_dns) || self.trusted.contain(client)
    }
}
