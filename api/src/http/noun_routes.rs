//! The routes every noun has.

use crate::http::body::Body;
use crate::http::consistency::READ_PARAMETERS;
use crate::http::context::Context;
use crate::http::create;
use crate::http::filter::SUFFIX_NAMES;
use crate::http::list::{self, LIST_PARAMETERS};
use crate::http::noun::Noun;
use crate::http::object;
use crate::http::record::{list_of, record, schema_name};
use crate::http::resource::Writes;
use crate::http::route::{Route, Verb, named};
use crate::http::wire::{Shape, Wire as _, either};
use crate::http::write::Asked;
use axum::extract::{Path, State};

/// What every write may say.
pub const DRY_RUN_PARAMETER: (&str, &str) =
    ("dry_run", "`true`: answer what would come of it, and write nothing.");

/// List, create, show, change and delete, as far as the noun has them.
pub fn of(noun: &'static dyn Noun) -> Vec<Route> {
    let mut routes = vec![list_route(noun), show_route(noun)];
    if noun.writes() == Writes::All {
        routes.push(create_route(noun));
    }
    if object::is_written(noun) {
        routes.extend([change_route(noun), remove_route(noun)]);
    }
    routes
}

fn collection(noun: &dyn Noun) -> String {
    format!("/v1/{}", noun.path())
}

fn one(noun: &dyn Noun) -> String {
    format!("/v1/{}/{{id}}", noun.path())
}

fn list_route(noun: &'static dyn Noun) -> Route {
    let handler = move |State(context): State<Context>, asked: Asked| async move {
        list::list(noun, &context, &asked).await
    };
    let name = schema_name(noun.singular());
    let comparisons = format!("Only with this value; {SUFFIX_NAMES} compare otherwise.");
    let fields = noun.fields();
    let fields = fields.iter().filter(|field| field.shown);
    let filters: Vec<_> = fields.map(|field| (field.name, comparisons.as_str())).collect();
    Route::new(Verb::Get, collection(noun), format!("list{name}s"), handler)
        .about(noun.path(), format!("Lists {}.", noun.path()))
        .takes(LIST_PARAMETERS)
        .takes(READ_PARAMETERS)
        .takes(filters)
        .answers(200, named(&format!("{name}Page")))
}

fn create_route(noun: &'static dyn Noun) -> Route {
    let handler = move |State(context): State<Context>, asked: Asked, body: Body| async move {
        create::create(noun, &context, &asked, &body).await
    };
    let name = schema_name(noun.singular());
    let about = format!("Makes one of {}; a list makes several, all or none.", noun.path());
    Route::new(Verb::Post, collection(noun), format!("create{name}"), handler)
        .about(noun.path(), about)
        .takes([DRY_RUN_PARAMETER])
        .sends(one_or_several(named(&format!("{name}Create"))))
        .answers(201, either(named(&name), named(&format!("{name}Page"))))
}

fn show_route(noun: &'static dyn Noun) -> Route {
    let handler = move |State(context): State<Context>, Path(id): Path<String>, asked: Asked| async move {
        object::show(noun, &context, &id, &asked).await
    };
    let name = schema_name(noun.singular());
    Route::new(Verb::Get, one(noun), format!("show{name}"), handler)
        .about(noun.path(), format!("Shows one of {}.", noun.path()))
        .takes([("fields", "Only these fields, separated by commas.")])
        .takes(READ_PARAMETERS)
        .answers(200, named(&name))
}

fn change_route(noun: &'static dyn Noun) -> Route {
    let handler = move |State(context): State<Context>,
                        Path(id): Path<String>,
                        asked: Asked,
                        body: Body| async move {
        object::change(noun, &context, &id, &asked, &body).await
    };
    let name = schema_name(noun.singular());
    Route::new(Verb::Patch, one(noun), format!("change{name}"), handler)
        .about(noun.path(), format!("Changes the fields that are sent of one of {}.", noun.path()))
        .takes([DRY_RUN_PARAMETER])
        .conditional()
        .sends(named(&format!("{name}Change")))
        .answers(200, named(&name))
}

fn remove_route(noun: &'static dyn Noun) -> Route {
    let handler = move |State(context): State<Context>,
                        Path(id): Path<String>,
                        asked: Asked,
                        body: Body| async move {
        object::remove(noun, &context, &id, &asked, &body).await
    };
    let name = schema_name(noun.singular());
    Route::new(Verb::Delete, one(noun), format!("delete{name}"), handler)
        .about(noun.path(), format!("Deletes one of {}.", noun.path()))
        .takes([DRY_RUN_PARAMETER])
        .conditional()
        .answers(200, record([("revision", u64::shape()), ("deleted", bool::shape())]))
}

fn one_or_several(item: Shape) -> Shape {
    either(item.clone(), list_of(item))
}
