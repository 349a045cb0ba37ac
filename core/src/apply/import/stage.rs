//! Collecting the rows of an import, and letting them go.

use crate::apply::draft::Draft;
use crate::apply::import::standing::collecting;
use crate::codec;
use crate::model::import::{
    CHUNK_BYTES_MAX, CHUNKS_MAX, Continues, ID_BYTES_MAX, IDLE_MAX, Import, ImportChunk,
    ImportChunkId, ImportId, Stage, StagedRow, StagedValue, belongs_to_site,
};
use crate::outcome::Outcome;
use crate::rejection::Rejection;
use crate::state::tables::{KindVisitor, Stored, visit_kind};

/// Bytes a row takes in a chunk beside its own.
const ROW_OVERHEAD_BYTES: usize = 8;

pub(in crate::apply::import) fn begin(
    draft: &mut Draft,
    id: &ImportId,
    source: &[u8; 32],
    continues: &Continues,
) -> Result<Outcome, Rejection> {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-';
    if id.0.is_empty() || id.0.len() > ID_BYTES_MAX || !id.0.bytes().all(plain) {
        let reason = format!("wants 1 to {ID_BYTES_MAX} letters, digits and hyphens");
        return Err(Rejection::invalid("id", reason));
    }
    if continues.last_ids.len() > usize::from(u8::MAX) {
        return Err(Rejection::invalid("last_ids", "more than there are kinds"));
    }
    let running = collecting(draft.state()).cloned();
    let object = Import::object(id);
    let started = draft.state().get::<Import>(id).map(|row| row.value.source);
    match (running, started) {
        (Some(running), Some(started)) if running == *id && started == *source => {
            keep_alive(draft, id, 0)?;
            Ok(Outcome::Updated(object))
        }
        (Some(running), _) => Err(Rejection::ImportRunning(Import::object(&running))),
        (None, Some(_)) => {
            let (field, value) = ("id".to_owned(), id.0.clone());
            Err(Rejection::NotUnique { field, value, holder: object })
        }
        (None, None) => {
            let expires = draft.now().after(IDLE_MAX);
            let stage = Stage::Collecting { expires, chunks: 0, continues: continues.clone() };
            draft.insert(id.clone(), Import { source: *source, stage });
            Ok(Outcome::Created(object))
        }
    }
}

pub(in crate::apply::import) fn add(
    draft: &mut Draft,
    id: &ImportId,
    number: u32,
    rows: &[StagedRow],
) -> Result<Outcome, Rejection> {
    let object = Import::object(id);
    let key = ImportChunkId { import: id.clone(), number };
    let chunk = ImportChunk { rows: rows.to_vec() };
    if let Stage::Committed { .. } = draft.row::<Import>(id)?.value.stage {
        let (state, reason) = ("committed".to_owned(), "nothing more can come in".to_owned());
        return Err(Rejection::StateForbids { object, state, reason });
    }
    if number >= CHUNKS_MAX {
        return Err(Rejection::Limit {
            what: format!("number of chunks of {object}"),
            max: u64::from(CHUNKS_MAX),
        });
    }
    if let Some(there) = draft.state().get::<ImportChunk>(&key) {
        if there.value == chunk {
            return Ok(Outcome::Updated(object));
        }
        return Err(Rejection::invalid("number", "another chunk came under this number"));
    }
    check(rows)?;
    draft.insert(key, chunk);
    keep_alive(draft, id, 1)?;
    Ok(Outcome::Updated(object))
}

/// Whoever goes on with an import puts off its end.
fn keep_alive(draft: &mut Draft, id: &ImportId, more: u32) -> Result<(), Rejection> {
    let later = draft.now().after(IDLE_MAX);
    draft.modify::<Import>(id, |import| match &mut import.stage {
        Stage::Collecting { expires, chunks, .. } => {
            *expires = later;
            *chunks += more;
        }
        Stage::Committed { .. } => {}
    })
}

/// Lets the pieces of an import go.
pub(in crate::apply::import) fn drop_chunks(draft: &mut Draft, id: &ImportId) {
    for key in chunks(draft, id) {
        draft.state_mut().take::<ImportChunk>(&key);
    }
}

/// The pieces of an import, in order.
pub(in crate::apply::import) fn chunks(draft: &Draft, id: &ImportId) -> Vec<ImportChunkId> {
    let first = ImportChunkId { import: id.clone(), number: 0 };
    let keys = draft.state().tables().import_chunks.range(first..).map(|(key, _)| key);
    keys.take_while(|key| key.import == *id).cloned().collect()
}

fn check(rows: &[StagedRow]) -> Result<(), Rejection> {
    let bytes: usize = rows.iter().map(|row| row.bytes.len() + ROW_OVERHEAD_BYTES).sum();
    if bytes > CHUNK_BYTES_MAX {
        let reason = format!("{bytes} bytes of rows, {CHUNK_BYTES_MAX} are allowed");
        return Err(Rejection::invalid("rows", reason));
    }
    rows.iter().try_for_each(|row| {
        let unknown = || Rejection::invalid("kind", format!("there is no table {}", row.kind));
        visit_kind(row.kind, CheckRow(&row.bytes)).ok_or_else(unknown)?
    })
}

struct CheckRow<'a>(&'a [u8]);

impl KindVisitor for CheckRow<'_> {
    type Output = Result<(), Rejection>;

    fn visit<T: Stored>(self) -> Self::Output {
        decode::<T>(self.0).map(drop)
    }
}

/// The row in these bytes, if it is one that a site has.
pub(in crate::apply::import) fn decode<T: Stored>(
    bytes: &[u8],
) -> Result<StagedValue<T::Id, T>, Rejection> {
    let noun = T::KIND.noun();
    if !belongs_to_site(T::KIND) {
        return Err(Rejection::invalid("kind", format!("a {noun} is not imported")));
    }
    codec::from_bare(bytes)
        .map_err(|error| Rejection::invalid("rows", format!("a {noun} does not decode: {error}")))
}
