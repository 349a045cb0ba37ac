//! Static routes: from one subnet to another of the same family, by a router inside the first.

use crate::apply::draft::Draft;
use crate::apply::fixed_address::check_not_dynamic;
use crate::apply::noun::Noun;
use crate::id::StaticRouteId;
use crate::model::static_route::StaticRoute;
use crate::model::subnet::Subnet;
use crate::rejection::Rejection;
use crate::state::tables::Stored;
use std::net::IpAddr;

impl Noun for StaticRoute {
    fn addresses(&mut self) -> Vec<&mut IpAddr> {
        vec![&mut self.gateway_ip]
    }

    fn checked(
        draft: &Draft,
        id: Option<StaticRouteId>,
        mut route: Self,
    ) -> Result<Self, Rejection> {
        route.source = draft.existing::<Subnet>("source", route.source)?;
        route.destination = draft.existing::<Subnet>("destination", route.destination)?;
        if route.source == route.destination {
            return Err(Rejection::invalid("destination", "is the source itself"));
        }
        let source = draft.row::<Subnet>(&route.source)?.value.cidr;
        let destination = draft.row::<Subnet>(&route.destination)?.value.cidr;
        if source.family() != destination.family() {
            let reason = format!("{destination} is not {} as {source}", source.family());
            return Err(Rejection::invalid("destination", reason));
        }
        if !source.contains(route.gateway_ip) {
            let reason = format!("{} is not within {source}", route.gateway_ip);
            return Err(Rejection::invalid("gateway_ip", reason));
        }
        check_unique(draft, id, &route)?;
        let before = id.and_then(|id| draft.state().get::<Self>(&id)).map(|row| &row.value);
        if before.is_none_or(|b| (b.source, b.gateway_ip) != (route.source, route.gateway_ip)) {
            check_not_dynamic(draft, "gateway_ip", route.gateway_ip)?;
        }
        Ok(route)
    }
}

fn check_unique(
    draft: &Draft,
    id: Option<StaticRouteId>,
    route: &StaticRoute,
) -> Result<(), Rejection> {
    for other in draft.state().referrers::<StaticRoute>(&Subnet::object(&route.source)) {
        let value = &draft.row::<StaticRoute>(&other)?.value;
        let same = (value.source, value.destination, value.gateway_ip)
            == (route.source, route.destination, route.gateway_ip);
        if same && Some(other) != id {
            let holder = StaticRoute::object(&other);
            let value = route.gateway_ip.to_string();
            return Err(Rejection::NotUnique { field: "gateway_ip".into(), value, holder });
        }
    }
    Ok(())
}
