//! `/v1/imports`: another site's state comes in, piece by piece, and is committed as a whole. For our own command line:
//! pieces are in the sealed form of the log, not in JSON. Every step may be repeated.

use crate::http::body::{Body, SealedBody};
use crate::http::consistency::READ_PARAMETERS;
use crate::http::context::Context;
use crate::http::problem::Problem;
use crate::http::record::bytes;
use crate::http::route::{Route, Verb, named};
use crate::http::write::{Asked, PRINCIPAL};
use crate::problem_kind::ProblemKind;
use axum::Json;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use regent_core::apply::Reply;
use regent_core::codec;
use regent_core::command::Command;
use regent_core::command::import::{ImportCommand, ImportGuard};
use regent_core::model::import::{Continues, Import, ImportId, Stage, StagedRow};
use regent_core::object::{ObjectRef, TableKey as _};
use regent_core::outcome::Outcome;
use regent_core::revision::Revision;
use regent_core::state::digest::Digest;
use regent_raft::region::propose::Write;
use serde::{Deserialize, Serialize};
use std::time::{Duration, Instant};
use utoipa::ToSchema;

/// A commit builds a whole site before it is answered.
const COMMIT_TIMEOUT: Duration = Duration::from_secs(300);
/// What its answer may take: the outcome is known before.
const COMMIT_ANSWER_TIME_MAX: Duration = Duration::from_secs(305);

/// A new import.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ImportBegin {
    /// Its name: 1 to 64 letters, digits and hyphens.
    pub id: String,
    /// 64 hexadecimal digits that tell the imported content from any other.
    pub source: String,
    /// Whether it may replace what an earlier import brought.
    #[serde(default)]
    pub replace: bool,
    /// The highest zone serial that was in use.
    #[serde(default)]
    pub zone_serial: Option<u32>,
    /// The highest ids that were given out, by number of kind.
    #[serde(default)]
    pub last_ids: Vec<(u8, u32)>,
}

/// What must have come.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ImportCommit {
    /// How many rows.
    pub count: u64,
    /// 64 hexadecimal digits: the sum of their digests.
    pub digest: String,
}

/// How far an import is.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct ImportView {
    /// Its name; that of an earlier one if that brought the same content.
    pub id: String,
    /// What tells its content from any other; null if it is gone.
    pub source: Option<String>,
    /// Whether it is the state of the site now.
    pub committed: bool,
    /// Revision of the last step.
    pub revision: u64,
}

/// The imports there are: the one under way, and the last that was committed.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct ImportList {
    /// At most two.
    pub items: Vec<ImportView>,
}

/// The routes.
pub fn routes() -> Vec<Route> {
    let view = || named("ImportView");
    vec![
        Route::new(Verb::Get, "/v1/imports", "listImports", list)
            .about("imports", "The import under way, and the last that was committed.")
            .takes(READ_PARAMETERS)
            .answers(200, named("ImportList")),
        Route::new(Verb::Post, "/v1/imports", "beginImport", begin)
            .about(
                "imports",
                "Begins to bring another site in; while it runs nothing else is written.",
            )
            .sends(named("ImportBegin"))
            .answers(201, view())
            .or_status(200, "It had begun before, or its content is there already."),
        Route::new(Verb::Delete, "/v1/imports/{id}", "abandonImport", abandon)
            .about("imports", "Drops what has come so far.")
            .answers(200, view()),
        Route::new(Verb::Post, "/v1/imports/{id}/chunks/{number}", "sendImportChunk", chunk)
            .about("imports", "Takes a piece in the sealed form of the log.")
            .sends_as("application/octet-stream", bytes())
            .answers(200, view()),
        Route::new(Verb::Post, "/v1/imports/{id}/commit", "commitImport", commit)
            .about("imports", "Checks everything that came and makes it the state of the site.")
            .within(COMMIT_ANSWER_TIME_MAX)
            .sends(named("ImportCommit"))
            .answers(200, view()),
    ]
}

async fn list(State(context): State<Context>, asked: Asked) -> Result<Json<ImportList>, Problem> {
    let read = asked.read_parameters()?;
    let published = read.load(&context).await?;
    let imports = published.state.tables().imports.iter();
    let items = imports.map(|(id, row)| show(id, Some(&row.value), row.revision)).collect();
    Ok(Json(ImportList { items }))
}

async fn begin(
    State(context): State<Context>,
    body: Body,
) -> Result<(StatusCode, Json<ImportView>), Problem> {
    let ImportBegin { id, source, replace, zone_serial, last_ids } = body.read()?;
    let source = hex("source", &source)?;
    let guard = if replace { ImportGuard::EarlierImport } else { ImportGuard::NoMachines };
    let continues = Continues { zone_serial, last_ids };
    let step = ImportCommand::Begin { id: ImportId(id), source, guard, continues };
    let reply = propose(&context, step, context.deadline()).await?;
    let status = match &reply.result {
        Ok(Outcome::Created(_)) => StatusCode::CREATED,
        Ok(_) | Err(_) => StatusCode::OK,
    };
    Ok((status, view(&context, &reply)))
}

async fn chunk(
    State(context): State<Context>,
    Path((id, number)): Path<(String, u32)>,
    SealedBody(bytes): SealedBody,
) -> Result<Json<ImportView>, Problem> {
    let rows: Vec<StagedRow> = codec::open(&bytes)
        .map_err(|error| Problem::new(ProblemKind::Malformed, format!("the chunk: {error}")))?;
    let step = ImportCommand::Chunk { id: ImportId(id), number, rows };
    let reply = propose(&context, step, context.deadline()).await?;
    Ok(view(&context, &reply))
}

async fn commit(
    State(context): State<Context>,
    Path(id): Path<String>,
    body: Body,
) -> Result<Json<ImportView>, Problem> {
    let ImportCommit { count, digest } = body.read()?;
    let digest = Digest::from_bytes(hex("digest", &digest)?);
    let step = ImportCommand::Commit { id: ImportId(id), count, digest };
    let reply = propose(&context, step, Instant::now() + COMMIT_TIMEOUT).await?;
    Ok(view(&context, &reply))
}

async fn abandon(
    State(context): State<Context>,
    Path(id): Path<String>,
    body: Body,
) -> Result<Json<ImportView>, Problem> {
    body.nothing()?;
    let step = ImportCommand::Abandon { id: ImportId(id) };
    let reply = propose(&context, step, context.deadline()).await?;
    Ok(view(&context, &reply))
}

async fn propose(
    context: &Context,
    step: ImportCommand,
    deadline: Instant,
) -> Result<Reply, Problem> {
    let command = Command::Import(step);
    let write = Write { principal: PRINCIPAL.into(), key: None, guards: Vec::new(), command };
    let reply = context.region.propose(write, deadline).await?;
    match &reply.result {
        Ok(_) => Ok(reply),
        Err(rejection) => Err(rejection.clone().into()),
    }
}

fn view(context: &Context, reply: &Reply) -> Json<ImportView> {
    let id = match &reply.result {
        Ok(
            Outcome::Created(ObjectRef { key, .. })
            | Outcome::Updated(ObjectRef { key, .. })
            | Outcome::Deleted(ObjectRef { key, .. }),
        ) => ImportId::from_key(key),
        Ok(
            Outcome::Done
            | Outcome::SessionOpened(_)
            | Outcome::Batch(_)
            | Outcome::Otherwise(_)
            | Outcome::Allocated(_)
            | Outcome::RackSession(_)
            | Outcome::Enrolled { .. }
            | Outcome::Leases(_)
            | Outcome::ForeignLeases(_),
        )
        | Err(_) => None,
    };
    let id = id.unwrap_or_else(|| ImportId(String::new()));
    let published = context.region.published();
    let import = published.state.get::<Import>(&id).map(|row| &row.value);
    Json(show(&id, import, reply.revision))
}

fn show(id: &ImportId, import: Option<&Import>, revision: Revision) -> ImportView {
    let stage = import.map(|import| &import.stage);
    ImportView {
        id: id.0.clone(),
        source: import.map(|import| text(&import.source)),
        committed: matches!(stage, Some(Stage::Committed { .. })),
        revision: revision.0,
    }
}

fn text(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

fn hex(field: &str, text: &str) -> Result<[u8; 32], Problem> {
    let wrong = || Problem::invalid(field, "wants 64 hexadecimal digits");
    let mut bytes = [0; 32];
    let (pairs, rest) = text.as_bytes().as_chunks::<2>();
    if pairs.len() != bytes.len() || !rest.is_empty() {
        return Err(wrong());
    }
    for (byte, pair) in bytes.iter_mut().zip(pairs) {
        let digits = std::str::from_utf8(pair).map_err(|_| wrong())?;
        let plain = pair.iter().all(u8::is_ascii_hexdigit);
        *byte = u8::from_str_radix(digits, 16).ok().filter(|_| plain).ok_or_else(wrong)?;
    }
    Ok(bytes)
}
