//! The end of an import: what was collected becomes the state of the site, if it is whole and sound.

use crate::apply::draft::Draft;
use crate::apply::import::stage::{chunks, decode, drop_chunks};
use crate::apply::{cut_over, dhcp_service, ring, terms, zone_serial};
use crate::command::import::ImportCommand;
use crate::id::ID_MAX;
use crate::invariant;
use crate::model::import::{
    COMMIT_MOMENT, Continues, Import, ImportChunk, ImportId, Stage, belongs_to_site,
};
use crate::model::lease::Lease;
use crate::model::serial::Serial;
use crate::model::static_ip_address::StaticIpAddress;
use crate::object::{Key, TableKey as _};
use crate::outcome::Outcome;
use crate::rejection::Rejection;
use crate::revision::Revision;
use crate::state::State;
use crate::state::digest::Digest;
use crate::state::table::{Row, Table};
use crate::state::tables::{KindVisitor, Stored, TableVisitor, visit_kind};
use crate::time::{ClusterTime, Millis};
use std::any::Any;

/// Broken rules a refusal tells.
const TOLD_MAX: usize = 5;

pub(in crate::apply::import) fn commit(
    draft: &mut Draft,
    id: &ImportId,
    count: u64,
    digest: Digest,
) -> Result<Outcome, Rejection> {
    let object = Import::object(id);
    let import = draft.row::<Import>(id)?.value.clone();
    let continues = match import.stage {
        Stage::Committed { .. } => return Ok(Outcome::Updated(object)),
        Stage::Collecting { continues, .. } => continues,
    };
    check_whole(draft, id, count, digest)?;
    let rows = collected(draft, id);
    terms::remember(draft);
    clear_site(draft.state_mut());
    put_rows(draft, &rows)?;
    go_on(draft, &continues);
    drop_chunks(draft, id);
    forget_earlier(draft, id);
    draft.modify::<Import>(id, |import| import.stage = Stage::Committed { rows: count })?;
    dhcp_service::start_anew(draft);
    cut_over::start_anew(draft);
    zone_serial::start_anew(draft);
    ring::forget_all(draft);
    check_sound(draft.state())?;
    draft.replaced();
    Ok(Outcome::Updated(object))
}

type Collected = Vec<std::sync::Arc<Row<ImportChunk>>>;

fn collected(draft: &Draft, id: &ImportId) -> Collected {
    let keys = chunks(draft, id);
    keys.iter().filter_map(|key| draft.state().get::<ImportChunk>(key)).cloned().collect()
}

fn check_whole(draft: &Draft, id: &ImportId, count: u64, digest: Digest) -> Result<(), Rejection> {
    let (mut found, mut sum) = (0, Digest::default());
    for row in collected(draft, id).iter().flat_map(|chunk| &chunk.value.rows) {
        found += 1;
        sum = sum.with(ImportCommand::digest_of(row));
    }
    if found != count {
        return Err(Rejection::invalid("count", format!("{found} rows came, not {count}")));
    }
    if sum != digest {
        return Err(Rejection::invalid("digest", format!("the rows make {sum}")));
    }
    Ok(())
}

fn check_sound(state: &State) -> Result<(), Rejection> {
    let violations = invariant::check_rows(state);
    if violations.is_empty() {
        return Ok(());
    }
    let told: Vec<_> = violations.iter().take(TOLD_MAX).map(ToString::to_string).collect();
    let reason = format!("{} rules broken, first: {}", violations.len(), told.join("; "));
    Err(Rejection::invalid("rows", reason))
}

/// Takes everything out that is the site's.
fn clear_site(state: &mut State) {
    struct Clear<'a>(&'a mut State);
    impl TableVisitor for Clear<'_> {
        type Error = std::convert::Infallible;
        fn visit<T: Stored>(&mut self, table: &Table<T::Id, T>) -> Result<(), Self::Error> {
            if belongs_to_site(T::KIND) {
                table.iter().for_each(|(id, _)| drop(self.0.take::<T>(id)));
            }
            Ok(())
        }
    }
    let tables = state.tables().clone();
    let Ok(()) = tables.visit(&mut Clear(state));
}

fn put_rows(draft: &mut Draft, chunks: &Collected) -> Result<(), Rejection> {
    let (now, revision) = (draft.now(), draft.revision());
    for row in chunks.iter().flat_map(|chunk| &chunk.value.rows) {
        let put = PutRow { state: draft.state_mut(), bytes: &row.bytes, now, revision };
        visit_kind(row.kind, put).expect("chunks with other kinds were refused")?;
    }
    Ok(())
}

struct PutRow<'a> {
    state: &'a mut State,
    bytes: &'a [u8],
    now: ClusterTime,
    revision: Revision,
}

impl KindVisitor for PutRow<'_> {
    type Output = Result<(), Rejection>;

    fn visit<T: Stored>(self) -> Self::Output {
        let mut staged = decode::<T>(self.bytes)?;
        if self.state.get::<T>(&staged.id).is_some() {
            let twice = format!("{} comes twice", T::object(&staged.id));
            return Err(Rejection::invalid("rows", twice));
        }
        count_from_commit(&mut staged.value, self.now);
        if let Key::Number(number) = staged.id.to_key() {
            if number > u64::from(ID_MAX) {
                let reason = format!("{} is above the last id, {ID_MAX}", T::object(&staged.id));
                return Err(Rejection::invalid("rows", reason));
            }
            let last = self.state.meta_mut().last_ids.entry(T::KIND).or_default();
            *last = (*last).max(u32::try_from(number).unwrap_or(u32::MAX));
        }
        let row = Row {
            created_revision: self.revision,
            revision: self.revision,
            created: staged.created,
            updated: staged.updated,
            value: staged.value,
        };
        self.state.put(staged.id, row);
        Ok(())
    }
}

/// Turns moments that count from the commit into cluster time.
fn count_from_commit<T: Stored>(value: &mut T, now: ClusterTime) {
    let moment = |staged: ClusterTime| {
        let before = staged.until(COMMIT_MOMENT);
        let after: Millis = COMMIT_MOMENT.until(staged);
        ClusterTime(now.0.saturating_sub(before.0)).after(after)
    };
    let value: &mut dyn Any = value;
    if let Some(lease) = value.downcast_mut::<Lease>() {
        lease.start = moment(lease.start);
        lease.binding.expires = moment(lease.binding.expires);
        lease.binding.foreign_until = moment(lease.binding.foreign_until);
        lease.rests_until = moment(lease.rests_until);
    } else if let Some(address) = value.downcast_mut::<StaticIpAddress>() {
        address.temp_expires_on = address.temp_expires_on.map(moment);
    }
}

/// Ids and serials go on above whatever was in use here or there.
fn go_on(draft: &mut Draft, continues: &Continues) {
    let meta = draft.state_mut().meta_mut();
    for (number, highest) in &continues.last_ids {
        let kind = visit_kind(*number, KindOf);
        if let Some(kind) = kind.filter(|kind| belongs_to_site(*kind)) {
            let last = meta.last_ids.entry(kind).or_default();
            *last = (*last).max((*highest).min(ID_MAX));
        }
    }
    let Some(serial) = continues.zone_serial.map(Serial) else { return };
    if !meta.zone_serials_start.is_newer_than(serial) {
        meta.zone_serials_start = serial.next();
    }
}

struct KindOf;

impl KindVisitor for KindOf {
    type Output = crate::object::Kind;

    fn visit<T: Stored>(self) -> Self::Output {
        T::KIND
    }
}

fn forget_earlier(draft: &mut Draft, id: &ImportId) {
    let imports = draft.state().tables().imports.iter();
    let earlier: Vec<_> = imports.map(|(other, _)| other).filter(|other| *other != id).collect();
    for other in earlier.into_iter().cloned().collect::<Vec<_>>() {
        draft.state_mut().take::<Import>(&other);
    }
}
