//! `POST /v1/txn`: several changes as one entry of the log, under conditions, all or none.
//!
//! Later steps may refer to what earlier ones made, as `"$0.id"` in a field or `/v1/machines/$0.id` as a path, and to the
//! address an earlier one took, as `"$0.address"` in a field.

use crate::http::actions::addresses::{taken, wish};
use crate::http::answer;
use crate::http::body::{Body, object};
use crate::http::consistency::ReadParameters;
use crate::http::context::Context;
use crate::http::etag::ETag;
use crate::http::fields::Fields;
use crate::http::noun::{Noun, name};
use crate::http::noun_routes::DRY_RUN_PARAMETER;
use crate::http::nouns::{ALL, of_path};
use crate::http::problem::{FailedGuard, Problem};
use crate::http::record::{any_object, list_of, one_of, record, record_with};
use crate::http::resource::Writes;
use crate::http::route::{Route, Verb, named};
use crate::http::wire::{Shape, Wire, either, step_reference};
use crate::http::write::{Asked, Written};
use crate::problem_kind::ProblemKind;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use regent_core::command::allocate_address::AddressSource;
use regent_core::command::{BATCH_STEPS_MAX, Command, Guard};
use regent_core::id::{IpRangeId, SubnetId};
use regent_core::object::{Key, Kind, ObjectRef, TableKey};
use regent_core::outcome::Outcome;
use regent_core::revision::Revision;
use regent_core::state::State as Root;
use serde_json::{Map, Value, json};

/// Conditions of one transaction.
const GUARDS_MAX: usize = 1024;

/// What a step can do.
const OPERATIONS: [&str; 5] = ["create", "update", "patch", "delete", "allocate"];

/// The routes.
pub fn routes() -> Vec<Route> {
    let about = "Does `then` if all of `if` hold, else `else`: one entry of the log, all or none. \
                 Conditions: {path, revision | etag | exists | absent}. Steps: {op: create | update | patch | delete | \
                 allocate, path, body}.";
    let route = Route::new(Verb::Post, "/v1/txn", "transact", transact);
    let route = route.about("transactions", about).takes([DRY_RUN_PARAMETER]);
    vec![route.sends(transaction_shape()).answers(200, reply_shape())]
}

fn transaction_shape() -> Shape {
    let condition = record_with(
        [("path", String::shape())],
        [
            ("revision", u64::shape()),
            ("etag", String::shape()),
            ("exists", bool::shape()),
            ("absent", bool::shape()),
        ],
    );
    let step = record_with(
        [("op", one_of(OPERATIONS)), ("path", String::shape())],
        [("body", any_object())],
    );
    let steps = || list_of(step.clone());
    record_with([("then", steps())], [("if", list_of(condition)), ("else", steps())])
}

fn reply_shape() -> Shape {
    let result = record_with(
        [("op", String::shape())],
        [
            ("id", either(u64::shape(), String::shape())),
            ("path", String::shape()),
            ("kind", String::shape()),
            ("object", any_object()),
            ("items", list_of(named("IpAddress"))),
        ],
    );
    record([
        ("branch", one_of(["then", "else"])),
        ("results", list_of(result)),
        ("revision", u64::shape()),
    ])
}

/// A condition and the path it was written with.
struct Condition {
    path: String,
    guard: Guard,
}

/// A transaction with everything it names looked up.
struct Prepared {
    conditions: Vec<Condition>,
    guards: Vec<Guard>,
    command: Command,
}

async fn transact(
    State(context): State<Context>,
    asked: Asked,
    body: Body,
) -> Result<Response, Problem> {
    // Asked first, so that a wrong query is not hidden behind a wrong body.
    asked.dry_run()?;
    let mut fields = Fields(body.object()?);
    let mut list = |name| take_list(&mut fields, name);
    let (conditions, then, otherwise) = (list("if")?, list("then")?, list("else")?);
    fields.finish()?;
    let published = ReadParameters::default().load(&context).await?;
    let state = &published.state;
    let prepared = Prepared::read(state, conditions.unwrap_or_default(), then, otherwise);
    let written = match prepared {
        Ok(Prepared { conditions, guards, command }) => {
            let failed = |problem: Problem| refused(&context, problem, &conditions);
            asked.propose(&context, &body, guards, command).await.map_err(failed)?
        }
        // What its paths named may be gone because the same request was applied before.
        Err(problem) => asked.kept(&context, &body).await?.ok_or(problem)?,
    };
    Ok(reply(&written))
}

impl Prepared {
    fn read(
        state: &Root,
        conditions: Vec<Value>,
        then: Option<Vec<Value>>,
        otherwise: Option<Vec<Value>>,
    ) -> Result<Self, Problem> {
        let conditions = read_conditions(state, conditions)?;
        let then = then.ok_or_else(|| Problem::invalid("/then", "is missing"))?;
        let then = read_steps(state, "/then", then)?;
        let guards = conditions.iter().map(|condition| condition.guard.clone()).collect();
        let Some(otherwise) = otherwise else {
            return Ok(Self { conditions, guards, command: Command::Batch(then) });
        };
        let otherwise = read_steps(state, "/else", otherwise)?;
        let command = Command::Either { guards, then, otherwise };
        Ok(Self { conditions, guards: Vec::new(), command })
    }
}

fn take_list(fields: &mut Fields, name: &str) -> Result<Option<Vec<Value>>, Problem> {
    match fields.0.remove(name) {
        None | Some(Value::Null) => Ok(None),
        Some(Value::Array(items)) => Ok(Some(items)),
        Some(_) => Err(Problem::invalid(&format!("/{name}"), "wants a list")),
    }
}

fn read_conditions(state: &Root, items: Vec<Value>) -> Result<Vec<Condition>, Problem> {
    if items.len() > GUARDS_MAX {
        let message = format!("{} conditions, {GUARDS_MAX} are allowed", items.len());
        return Err(Problem::invalid("/if", message));
    }
    let numbered = items.into_iter().enumerate();
    let read = |(number, item)| {
        let place = format!("/if/{number}");
        read_condition(state, object(item, &place)?).map_err(|problem| problem.within(&place))
    };
    numbered.map(read).collect()
}

fn read_condition(state: &Root, fields: Map<String, Value>) -> Result<Condition, Problem> {
    let mut fields = Fields(fields);
    let path: String = fields.need("path")?;
    let (revision, etag) = (fields.take::<u64>("revision")?, fields.take::<String>("etag")?);
    let (exists, absent) = (fields.take::<bool>("exists")?, fields.take::<bool>("absent")?);
    fields.finish()?;
    let (noun, segment) = of_one(&path)?;
    let key = noun.find(state, segment).or_else(|| noun.numbered(segment));
    // What nobody has cannot be pointed at; number 0 of the internal session table never exists either.
    let nobody = ObjectRef { kind: Kind::Session, key: Key::Number(0) };
    let object = key.map_or(nobody, |key| noun.object(key));
    let guard = match (revision, etag, exists, absent) {
        (Some(revision), None, None, None) => Guard::Revision(object, Revision(revision)),
        (None, Some(etag), None, None) => match ETag::parse(&etag) {
            Some(tag) if tag.epoch == state.meta().epoch => Guard::Revision(object, tag.revision),
            Some(_) | None => {
                return Err(Problem::invalid("/etag", "is none this API gave out in this epoch"));
            }
        },
        (None, None, Some(true), None) | (None, None, None, Some(false)) => Guard::Exists(object),
        (None, None, None, Some(true)) | (None, None, Some(false), None) => {
            match noun.numbered(segment) {
                Some(key) => Guard::Absent(noun.object(key)),
                // Who has a name is judged where the entry is applied: another may have taken it meanwhile.
                None => Guard::NameAbsent { kind: noun.kind(), name: name(segment).to_owned() },
            }
        }
        _ => {
            let message = "wants exactly one of revision, etag, exists and absent";
            return Err(Problem::invalid("", message));
        }
    };
    Ok(Condition { path, guard })
}

fn read_steps(state: &Root, place: &str, items: Vec<Value>) -> Result<Vec<Command>, Problem> {
    if items.len() > BATCH_STEPS_MAX {
        let message = format!("{} steps, {BATCH_STEPS_MAX} are allowed", items.len());
        return Err(Problem::invalid(place, message));
    }
    let numbered = items.into_iter().enumerate();
    let read = |(number, item)| {
        let place = format!("{place}/{number}");
        read_step(state, object(item, &place)?).map_err(|problem| problem.within(&place))
    };
    numbered.map(read).collect()
}

fn read_step(state: &Root, fields: Map<String, Value>) -> Result<Command, Problem> {
    let mut fields = Fields(fields);
    let operation: String = fields.need("op")?;
    let path: String = fields.need("path")?;
    let body = object(fields.0.remove("body").unwrap_or_else(|| json!({})), "/body")?;
    fields.finish()?;
    let inside = |problem: Problem| problem.within("/body");
    match operation.as_str() {
        "create" => {
            let noun = of_collection(&path)?;
            if noun.writes() != Writes::All {
                return Err(Problem::invalid("/path", format!("{} are not made so", noun.path())));
            }
            noun.create(body).map_err(inside)
        }
        "update" | "patch" => {
            let (noun, key) = target(state, &path)?;
            noun.change(&key, body).map_err(inside)
        }
        "delete" if body.is_empty() => {
            let (noun, key) = target(state, &path)?;
            noun.delete(&key)
        }
        "delete" => Err(Problem::invalid("/body", "does not go with delete")),
        "allocate" => allocate(state, &path, body),
        other => {
            let message = format!("{other:?} is none of {}", OPERATIONS.join(", "));
            Err(Problem::invalid("/op", message))
        }
    }
}

fn allocate(state: &Root, path: &str, body: Map<String, Value>) -> Result<Command, Problem> {
    let (noun, key) = target(state, path.strip_suffix("/allocations").unwrap_or(path))?;
    let from = if noun.kind() == Kind::Subnet {
        SubnetId::from_key(&key).map(AddressSource::Subnet)
    } else if noun.kind() == Kind::IpRange {
        IpRangeId::from_key(&key).map(AddressSource::Range)
    } else {
        None
    };
    let from = from.ok_or_else(|| Problem::invalid("/path", "is no subnet and no IP range"))?;
    let wish = wish(from, body).map_err(|problem| problem.within("/body"))?;
    Ok(Command::AllocateAddress(wish))
}

fn segments(path: &str) -> Vec<&str> {
    path.strip_prefix("/v1/").map(|rest| rest.splitn(2, '/').collect()).unwrap_or_default()
}

fn of_collection(path: &str) -> Result<&'static dyn Noun, Problem> {
    match segments(path).as_slice() {
        [collection] => of_path(collection).ok_or_else(|| no_path(path)),
        _ => Err(no_path(path)),
    }
}

fn of_one(path: &str) -> Result<(&'static dyn Noun, &str), Problem> {
    match segments(path).as_slice() {
        [collection, segment] if !segment.is_empty() => {
            of_path(collection).map(|noun| (noun, *segment)).ok_or_else(|| no_path(path))
        }
        _ => Err(no_path(path)),
    }
}

fn no_path(path: &str) -> Problem {
    let known: Vec<&str> = ALL.iter().map(|noun| noun.path()).collect();
    let message = format!("{path:?} does not fit; collections are {}", known.join(", "));
    Problem::invalid("/path", message)
}

/// What a step is about: something that is there, or what an earlier step made.
fn target(state: &Root, path: &str) -> Result<(&'static dyn Noun, Key), Problem> {
    let (noun, segment) = of_one(path)?;
    if noun.writes() == Writes::None {
        return Err(Problem::invalid("/path", format!("{} are not written", noun.path())));
    }
    let made = step_reference(segment).and_then(|_| noun.numbered(segment));
    let key = made.or_else(|| noun.find(state, segment));
    key.map(|key| (noun, key)).ok_or_else(|| noun.missing(segment))
}

/// A refusal, with all conditions that do not hold if that was the reason.
fn refused(context: &Context, problem: Problem, conditions: &[Condition]) -> Problem {
    if problem.kind() != ProblemKind::PreconditionFailed || conditions.is_empty() {
        return problem;
    }
    let state = &context.region.published().state;
    let failed = conditions.iter().filter_map(|Condition { path, guard }| {
        let (noun, segment) = of_one(path).ok()?;
        let key = match guard {
            Guard::Revision(object, _) | Guard::Exists(object) | Guard::Absent(object) => {
                Some(object.key.clone()).filter(|_| noun.kind() == object.kind)
            }
            Guard::NameAbsent { .. } => noun.find(state, segment),
        };
        let current = key.and_then(|key| noun.view(state, &key)).map(|view| view.revision);
        let holds = match guard {
            Guard::Revision(_, wanted) => current == Some(wanted.0),
            Guard::Exists(_) => current.is_some(),
            Guard::Absent(_) | Guard::NameAbsent { .. } => current.is_none(),
        };
        (!holds).then(|| FailedGuard { path: path.clone(), current_revision: current })
    });
    problem.as_kind(ProblemKind::ConditionFailed).with_guards(failed.collect())
}

fn reply(written: &Written) -> Response {
    let (branch, outcomes) = match &written.reply.result {
        Ok(Outcome::Otherwise(outcomes)) => ("else", outcomes.as_slice()),
        Ok(Outcome::Batch(outcomes)) => ("then", outcomes.as_slice()),
        Ok(_) | Err(_) => ("then", [].as_slice()),
    };
    let results: Vec<Value> = outcomes.iter().map(|outcome| result(written, outcome)).collect();
    let revision = written.reply.revision;
    let body = json!({ "branch": branch, "results": results, "revision": revision });
    answer::stamp(answer::json_of(StatusCode::OK, &body), written)
}

fn result(written: &Written, outcome: &Outcome) -> Value {
    let state = &written.state;
    let (op, object) = match outcome {
        Outcome::Created(object) => ("create", object),
        Outcome::Updated(object) => ("update", object),
        Outcome::Deleted(object) => ("delete", object),
        Outcome::Allocated(addresses) => {
            return json!({ "op": "allocate", "items": taken(state, addresses) });
        }
        Outcome::Done
        | Outcome::SessionOpened(_)
        | Outcome::Batch(_)
        | Outcome::Otherwise(_)
        | Outcome::RackSession(_)
        | Outcome::Enrolled { .. }
        | Outcome::Leases(_)
        | Outcome::ForeignLeases(_) => {
            return json!({ "op": "done" });
        }
    };
    let mut shown = ALL.iter().filter(|noun| noun.kind() == object.kind);
    let is_new = matches!(outcome, Outcome::Created(_)) && !written.dry_run;
    let view = |noun: &dyn Noun| match is_new {
        true => noun.view_of_new(state, &object.key),
        false => noun.view(state, &object.key),
    };
    let found = shown.find_map(|noun| Some((noun.path(), view(*noun)?)));
    let id = object.key.show();
    match found {
        Some((path, view)) => {
            let path = format!("/v1/{path}/{}", answer::segment(&object.key));
            json!({ "op": op, "id": id, "path": path, "object": view.into_value() })
        }
        None => json!({ "op": op, "id": id, "kind": object.kind.noun() }),
    }
}
