//! The site as a whole: what it has from the start, and what new objects get where nothing else is said.

use crate::apply::draft::Draft;
use crate::apply::noun::Noun;
use crate::command::site::SiteCommand;
use crate::model::availability_zone::AvailabilityZone;
use crate::model::dns_name::DomainName;
use crate::model::domain::Domain;
use crate::model::fabric::Fabric;
use crate::model::global_defaults::{
    DEFAULT_DOMAIN, DEFAULT_FABRIC, DEFAULT_POOL, DEFAULT_VLAN, DEFAULT_ZONE, GLOBAL_DEFAULTS,
    GlobalDefaults,
};
use crate::model::resource_pool::ResourcePool;
use crate::model::vlan::Vlan;
use crate::outcome::Outcome;
use crate::rejection::Rejection;
use crate::state::tables::Stored;

pub(in crate::apply) fn run(
    draft: &mut Draft,
    command: &SiteCommand,
) -> Result<Outcome, Rejection> {
    match command {
        SiteCommand::Bootstrap { domain } => bootstrap(draft, domain),
        SiteCommand::SetDefaults { domain, zone } => {
            let old = defaults(draft)?;
            let mut new = old.clone();
            if let Some(domain) = domain {
                new.domain = draft.existing::<Domain>("domain", *domain)?;
            }
            if let Some(zone) = zone {
                new.zone = draft.existing::<AvailabilityZone>("zone", *zone)?;
            }
            // Each is shown with whether it is the default, so both of them change.
            for domain in [old.domain, new.domain].into_iter().filter(|_| old.domain != new.domain)
            {
                draft.touch::<Domain>(&domain)?;
            }
            for zone in [old.zone, new.zone].into_iter().filter(|_| old.zone != new.zone) {
                draft.touch::<AvailabilityZone>(&zone)?;
            }
            draft.modify::<GlobalDefaults>(&GLOBAL_DEFAULTS, |row| *row = new)?;
            Ok(Outcome::Updated(GlobalDefaults::object(&GLOBAL_DEFAULTS)))
        }
    }
}

/// The defaults of the site.
pub(in crate::apply) fn defaults(draft: &Draft) -> Result<GlobalDefaults, Rejection> {
    draft.row::<GlobalDefaults>(&GLOBAL_DEFAULTS).map(|row| row.value.clone())
}

fn bootstrap(draft: &mut Draft, domain: &DomainName) -> Result<Outcome, Rejection> {
    let tables = draft.state().tables();
    let untouched = tables.global_defaults.is_empty()
        && tables.domains.is_empty()
        && tables.availability_zones.is_empty()
        && tables.resource_pools.is_empty()
        && tables.fabrics.is_empty();
    if !untouched {
        return Err(Rejection::StateForbids {
            object: GlobalDefaults::object(&GLOBAL_DEFAULTS),
            state: "in use".into(),
            reason: "a site is founded once, before anything else".into(),
        });
    }
    let domain = Domain::checked(draft, None, Domain::new(domain.clone()))?;
    draft.insert_numbered(DEFAULT_DOMAIN, domain);
    let name = || "default".to_owned();
    let zone = AvailabilityZone { name: name(), description: String::new() };
    draft.insert_numbered(DEFAULT_ZONE, zone);
    let pool = ResourcePool { name: name(), description: "Default pool".into() };
    draft.insert_numbered(DEFAULT_POOL, pool);
    let fabric = Fabric { name: "fabric-0".into(), class_type: None, description: String::new() };
    draft.insert_numbered(DEFAULT_FABRIC, fabric);
    draft.insert_numbered(DEFAULT_VLAN, Vlan::new(DEFAULT_FABRIC, 0));
    let defaults = GlobalDefaults {
        domain: DEFAULT_DOMAIN,
        zone: DEFAULT_ZONE,
        pool: DEFAULT_POOL,
        fabric: DEFAULT_FABRIC,
    };
    draft.insert_numbered(GLOBAL_DEFAULTS, defaults);
    Ok(Outcome::Done)
}
