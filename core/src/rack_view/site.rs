//! What the clients of all VLANs are told alike: the site's domains and servers.

use crate::model::dns_name::DomainName;
use crate::model::domain::Domain;
use crate::model::global_defaults::{GLOBAL_DEFAULTS, GlobalDefaults};
use crate::model::setting::SettingName;
use crate::query::setting::{flag, words};
use crate::query::terms::TermSetting;
use crate::rack_view::setting::Settings;
use crate::rack_view::snippets::of_site;
use crate::rack_view::vlan::Probing;
use crate::state::State;
use std::net::{IpAddr, Ipv4Addr};

/// Domains of a search list: more have no room in a reply.
pub const SEARCH_DOMAINS_MAX: usize = 8;
/// Servers of one kind that clients are told, and names that racks look up for some.
pub const SERVERS_MAX: usize = 8;
/// Domains looked at for those of a search list.
const DOMAINS_LOOKED_AT_MAX: usize = 1024;

/// The addresses at which hosts reach the region's DNS servers. The state knows of no others.
pub const REGION_DNS_SERVERS: &str = "region_dns_servers";
/// Whether racks try an address on the wire before they offer it (rule R14). They do unless it is `false`.
pub const DHCP_PROBE: &str = "dhcp_probe";
/// MAAS's setting with the servers the region forwards questions to.
const UPSTREAM_DNS: &str = "upstream_dns";
/// MAAS's setting with the NTP servers. Racks of ours run none, so it counts whatever `ntp_external_only` says.
const NTP_SERVERS: &str = "ntp_servers";

/// What all clients are told.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::rack_view) struct Site {
    pub(in crate::rack_view) domain: Option<DomainName>,
    pub(in crate::rack_view) search: Vec<DomainName>,
    /// Of those that may ask our name servers.
    pub(in crate::rack_view) dns_servers: Vec<Ipv4Addr>,
    pub(in crate::rack_view) ntp_servers: Vec<Ipv4Addr>,
    pub(in crate::rack_view) ntp_names: Vec<DomainName>,
    /// What admins set.
    pub(in crate::rack_view) settings: Settings,
    pub(in crate::rack_view) probing: Probing,
}

impl Site {
    pub(in crate::rack_view) fn of(state: &State) -> Self {
        let domain = state
            .get::<GlobalDefaults>(&GLOBAL_DEFAULTS)
            .and_then(|row| state.get::<Domain>(&row.value.domain))
            .map(|row| row.value.name.clone());
        let ours = addresses(state, REGION_DNS_SERVERS);
        let dns_servers = if ours.is_empty() { addresses(state, UPSTREAM_DNS) } else { ours };
        Self {
            search: search(state, domain.as_ref()),
            domain,
            dns_servers,
            ntp_servers: addresses(state, NTP_SERVERS),
            ntp_names: names(state, NTP_SERVERS),
            settings: of_site(state),
            probing: match flag(state, DHCP_PROBE) {
                Some(false) => Probing::Off,
                Some(true) | None => Probing::On,
            },
        }
    }
}

/// Whether a change of this setting changes what racks or their clients are told.
pub(in crate::rack_view) fn is_told(setting: &SettingName) -> bool {
    let name = setting.0.as_str();
    [REGION_DNS_SERVERS, UPSTREAM_DNS, NTP_SERVERS, DHCP_PROBE].contains(&name)
        || TermSetting::named(name).is_some()
}

/// The default domain, then the others the region answers for.
fn search(state: &State, default: Option<&DomainName>) -> Vec<DomainName> {
    let domains = state.tables().domains.iter().take(DOMAINS_LOOKED_AT_MAX);
    let ours = domains.filter(|(_, row)| row.value.authoritative).map(|(_, row)| &row.value.name);
    let others = ours.filter(|name| Some(*name) != default);
    default.into_iter().chain(others).take(SEARCH_DOMAINS_MAX).cloned().collect()
}

/// The names in a setting. What they stand for the state does not know.
fn names(state: &State, setting: &str) -> Vec<DomainName> {
    let words = words(state, setting);
    let names = words.iter().filter(|word| word.parse::<IpAddr>().is_err());
    names.filter_map(|word| word.parse().ok()).take(SERVERS_MAX).collect()
}

/// The IPv4 addresses in a setting. DHCP has no place for names of servers.
fn addresses(state: &State, setting: &str) -> Vec<Ipv4Addr> {
    let words = words(state, setting);
    words.iter().filter_map(|word| word.parse().ok()).take(SERVERS_MAX).collect()
}
