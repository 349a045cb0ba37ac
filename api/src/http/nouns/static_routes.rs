//! `/v1/static-routes`.

use crate::http::nouns::edits::{edits, missing};
use crate::http::resource::{Field, Resource, field};
use regent_core::command::Command;
use regent_core::command::static_route::StaticRoutePatch;
use regent_core::id::SubnetId;
use regent_core::model::static_route::StaticRoute;
use std::net::IpAddr;

/// Static routes over HTTP.
pub struct StaticRoutes;

impl Resource for StaticRoutes {
    type Stored = StaticRoute;
    type Draft = StaticRoutePatch;
    const PATH: &'static str = "static-routes";
    const SINGULAR: &'static str = "static-route";
    const ABOUT: &'static str = "A static route: how hosts of one subnet reach another one.";
    const FIELDS: &'static [Field<Self>] = &[
        field!(required source: SubnetId, "The subnet whose hosts use it."),
        field!(required destination: SubnetId, "The subnet it leads to; of the same family."),
        field!(required gateway_ip: IpAddr, "The router; inside the source subnet."),
        field!(metric: u32, "Its cost: the lowest wins."),
    ];

    edits!(Command::StaticRoute, |draft| {
        Ok(StaticRoute {
            source: draft.source.ok_or_else(|| missing("source"))?,
            destination: draft.destination.ok_or_else(|| missing("destination"))?,
            gateway_ip: draft.gateway_ip.ok_or_else(|| missing("gateway_ip"))?,
            metric: 0,
        })
    });
}
