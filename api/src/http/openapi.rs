//! The OpenAPI 3.1 document, made from the same table as the router.

use crate::http::actions::addresses::wish_shape;
use crate::http::actions::vlan_dhcp::standing::{DhcpRackView, DhcpRangeView, VlanDhcpView};
use crate::http::cluster::{ClusterView, MemberView};
use crate::http::gate::Condition;
use crate::http::imports::{ImportBegin, ImportCommit, ImportList, ImportView};
use crate::http::lease_imports::{LeaseImport, LeaseImported, LeaseToImport};
use crate::http::noun::{FieldInfo, Noun};
use crate::http::noun_routes::DRY_RUN_PARAMETER;
use crate::http::problem::{FailedGuard, FieldError, ProblemBody, WriteOutcome};
use crate::http::racks::{RackView, RackVlanView, RacksView, SeenVlanView};
use crate::http::record::schema_name;
use crate::http::resource::{Access, Purpose, Writes, takes};
use crate::http::route::{Answer, Route, Verb, named};
use crate::http::wire::{Shape, Wire as _, plain};
use utoipa::openapi::content::ContentBuilder;
use utoipa::openapi::path::{
    OperationBuilder, Parameter, ParameterBuilder, ParameterIn, PathItem, PathsBuilder,
};
use utoipa::openapi::request_body::RequestBodyBuilder;
use utoipa::openapi::schema::{ArrayBuilder, Components, ComponentsBuilder, ObjectBuilder, Type};
use utoipa::openapi::{
    InfoBuilder, OpenApi, OpenApiBuilder, Paths, RefOr, Required, Response, ResponseBuilder, Schema,
};

/// The status of what was made.
const CREATED: u16 = 201;

/// The document.
#[must_use]
pub fn document(routes: &[Route], nouns: &[&dyn Noun]) -> OpenApi {
    let info = InfoBuilder::new()
        .title("Regent")
        .version(env!("CARGO_PKG_VERSION"))
        .description(Some(
            "The controller's state: machines, networks, DNS, DHCP. docs/api.md tells the rest.",
        ))
        .build();
    OpenApiBuilder::new()
        .info(info)
        .paths(paths(routes))
        .components(Some(components(nouns)))
        .build()
}

fn paths(routes: &[Route]) -> Paths {
    let mut paths = Paths::new();
    for route in routes {
        let item = PathItem::new(route.verb.documented(), operation(route));
        match paths.paths.get_mut(&route.path) {
            Some(known) => known.merge_operations(item),
            None => drop(paths.paths.insert(route.path.clone(), item)),
        }
    }
    PathsBuilder::from(paths).build()
}

fn operation(route: &Route) -> OperationBuilder {
    let answer = &route.answer;
    let problem = ContentBuilder::new().schema(Some(named("ProblemBody"))).build();
    let bad = ResponseBuilder::new()
        .description("A problem; `code`, `outcome` and `next` say what it means.")
        .content("application/problem+json", problem);
    let mut operation = OperationBuilder::new()
        .operation_id(Some(route.operation.clone()))
        .summary(Some(route.about.clone()))
        .tag(route.tag.clone())
        .parameters(Some(parameters(route)))
        .response(answer.status.to_string(), good(answer, "Done."))
        .response("default", bad.build());
    if let Some(sent) = &route.request {
        let content = ContentBuilder::new().schema(Some(sent.shape.clone())).build();
        let body = RequestBodyBuilder::new().content(sent.media_type, content).build();
        operation = operation.request_body(Some(body));
    }
    let rehearsed = answer.status == CREATED && rehearses(route);
    let rehearsed = rehearsed.then_some((200, "What would come of it."));
    for (status, says) in answer.other_status.into_iter().chain(rehearsed) {
        operation = operation.response(status.to_string(), good(answer, says));
    }
    operation
}

/// A good answer, of any of its types.
fn good(answer: &Answer, says: &str) -> Response {
    let types = std::iter::once(answer.media_type).chain(answer.other_type);
    let response = ResponseBuilder::new().description(says);
    let content = || ContentBuilder::new().schema(answer.shape.clone()).build();
    types.fold(response, |response, media_type| response.content(media_type, content())).build()
}

fn parameters(route: &Route) -> Vec<Parameter> {
    let segments = route.path.split('/').filter_map(|segment| {
        let name = segment.strip_prefix('{')?.strip_suffix('}')?;
        let parameter = ParameterBuilder::new().name(name).parameter_in(ParameterIn::Path);
        Some(parameter.required(Required::True).schema(Some(plain(Type::String))).build())
    });
    let query = route.parameters.iter().map(|(name, about)| {
        let parameter = ParameterBuilder::new().name(name).parameter_in(ParameterIn::Query);
        parameter.description(Some(about)).schema(Some(plain(Type::String))).build()
    });
    segments.chain(query).chain(headers(route)).collect()
}

/// What may be said beside the body. A write that can be rehearsed takes an idempotency key.
fn headers(route: &Route) -> Vec<Parameter> {
    let header = |name: &str, about: &str| {
        let parameter = ParameterBuilder::new().name(name).parameter_in(ParameterIn::Header);
        parameter.description(Some(about)).schema(Some(plain(Type::String))).build()
    };
    let key = rehearses(route).then(|| {
        header("Idempotency-Key", "Repeated with the same key, the request is applied once.")
    });
    let condition = matches!(route.condition, Condition::IfMatch)
        .then(|| header("If-Match", "Only if the object still has this entity tag."));
    let known = (route.verb == Verb::Get && route.path.starts_with("/v1/"))
        .then(|| header("If-None-Match", "304 if the answer still has this entity tag."));
    key.into_iter().chain(condition).chain(known).collect()
}

fn rehearses(route: &Route) -> bool {
    route.parameters.iter().any(|(name, _)| name == DRY_RUN_PARAMETER.0)
}

fn components(nouns: &[&dyn Noun]) -> Components {
    let start = ComponentsBuilder::new()
        .schema_from::<ProblemBody>()
        .schema_from::<FieldError>()
        .schema_from::<FailedGuard>()
        .schema_from::<WriteOutcome>()
        .schema_from::<ClusterView>()
        .schema_from::<MemberView>()
        .schema_from::<RacksView>()
        .schema_from::<RackView>()
        .schema_from::<RackVlanView>()
        .schema_from::<SeenVlanView>()
        .schema_from::<VlanDhcpView>()
        .schema_from::<DhcpRackView>()
        .schema_from::<DhcpRangeView>()
        .schema_from::<LeaseImport>()
        .schema_from::<LeaseToImport>()
        .schema_from::<LeaseImported>()
        .schema_from::<ImportBegin>()
        .schema_from::<ImportCommit>()
        .schema_from::<ImportView>()
        .schema_from::<ImportList>()
        .schema("Allocation", wish_shape());
    let components = nouns.iter().fold(start, |components, noun| {
        let name = schema_name(noun.singular());
        let fields = noun.fields();
        let purposes: &[(&str, Purpose)] = match noun.writes() {
            Writes::All => &[("Create", Purpose::Create), ("Change", Purpose::Change)],
            Writes::NoCreate => &[("Change", Purpose::Change)],
            Writes::None => &[],
        };
        let bodies = purposes
            .iter()
            .map(|(word, purpose)| (format!("{name}{word}"), sent(&fields, *purpose)));
        components
            .schemas_from_iter(bodies)
            .schema(format!("{name}Page"), page(&name))
            .schema(name, shown(noun.about(), &fields))
    });
    components.build()
}

fn shown(about: &str, fields: &[FieldInfo]) -> RefOr<Schema> {
    let shown = fields.iter().filter(|field| field.shown);
    let object = ObjectBuilder::new().schema_type(Type::Object).description(Some(about));
    shown
        .fold(object, |object, field| {
            object.property(field.name, described(field)).required(field.name)
        })
        .build()
        .into()
}

fn sent(fields: &[FieldInfo], purpose: Purpose) -> RefOr<Schema> {
    let mut object = ObjectBuilder::new().schema_type(Type::Object);
    for field in fields.iter().filter(|field| takes(field.access, purpose)) {
        object = object.property(field.name, described(field));
        let needed = matches!(field.access, Access::Required | Access::RequiredOnCreate);
        if needed && purpose == Purpose::Create {
            object = object.required(field.name);
        }
    }
    object.build().into()
}

/// A field's schema with what it means.
fn described(field: &FieldInfo) -> Shape {
    match (field.shape)() {
        RefOr::T(Schema::Object(mut object)) => {
            object.description = Some(field.about.to_owned());
            RefOr::T(Schema::Object(object))
        }
        RefOr::T(Schema::Array(mut array)) => {
            array.description = Some(field.about.to_owned());
            RefOr::T(Schema::Array(array))
        }
        RefOr::T(Schema::AnyOf(mut any)) => {
            any.description = Some(field.about.to_owned());
            RefOr::T(Schema::AnyOf(any))
        }
        other => other,
    }
}

fn page(name: &str) -> RefOr<Schema> {
    ObjectBuilder::new()
        .schema_type(Type::Object)
        .property("items", ArrayBuilder::new().items(named(name)))
        .required("items")
        .property("next", plain(Type::String))
        .property("count", u64::shape())
        .property("revision", u64::shape())
        .required("revision")
        .property("start_revision", u64::shape())
        .required("start_revision")
        .build()
        .into()
}
