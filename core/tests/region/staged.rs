//! Rows on their way into a region by import: the way to what the API does not let anybody make.
#![allow(clippy::unwrap_used, dead_code, reason = "tests may fail loudly; not each uses all")]

use regent_core::codec::to_bare;
use regent_core::command::Command;
use regent_core::command::import::{ImportCommand, ImportGuard};
use regent_core::model::import::{Continues, ImportId, StagedRow, StagedValue, belongs_to_site};
use regent_core::state::State;
use regent_core::state::digest::Digest;
use regent_core::state::table::Table;
use regent_core::state::tables::{Stored, TableVisitor};
use regent_core::time::WallTime;
use std::convert::Infallible;

/// A row of the other site.
pub(crate) fn staged<T: Stored>(id: T::Id, value: T) -> StagedRow {
    let staged = StagedValue { id, created: WallTime(1), updated: WallTime(2), value };
    StagedRow { kind: T::KIND as u8, bytes: to_bare(&staged) }
}

/// The commands that import a state's own rows, and some more. It has no machines yet.
pub(crate) fn import_with(state: &State, more: &[StagedRow]) -> [Command; 3] {
    let mut site = Site(Vec::new());
    let Ok(()) = state.tables().visit(&mut site);
    let Site(mut rows) = site;
    rows.extend_from_slice(more);
    let (id, source, guard) = (ImportId("own".into()), [0; 32], ImportGuard::NoMachines);
    let continues = Continues::default();
    let (count, digest) = (rows.len() as u64, digest_of(&rows));
    [
        ImportCommand::Begin { id: id.clone(), source, guard, continues },
        ImportCommand::Chunk { id: id.clone(), number: 0, rows },
        ImportCommand::Commit { id, count, digest },
    ]
    .map(Command::Import)
}

/// What the commit of an import of these rows has to say of them.
pub(crate) fn digest_of(rows: &[StagedRow]) -> Digest {
    rows.iter().fold(Digest::default(), |sum, row| sum.with(ImportCommand::digest_of(row)))
}

/// The rows of a state that are the site's.
struct Site(Vec<StagedRow>);

impl TableVisitor for Site {
    type Error = Infallible;

    fn visit<T: Stored>(&mut self, table: &Table<T::Id, T>) -> Result<(), Infallible> {
        if belongs_to_site(T::KIND) {
            self.0.extend(table.iter().map(|(id, row)| staged(id.clone(), row.value.clone())));
        }
        Ok(())
    }
}
