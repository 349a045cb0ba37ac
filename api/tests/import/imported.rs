//! A dump with what the importer makes of it, on the way that the command takes, up to the region.

use crate::expected::{Expected, moment};
use regent_api::cli::import::dump::Dump;
use regent_api::cli::import::mapping::{self, Mapped};
use regent_api::cli::import::source::Source;
use regent_api::cli::import::summary;
use regent_api::cli::import::transfer::Transfer;
use regent_core::state::State;
use regent_core::time::WallTime;
use std::path::Path;

/// A dump with what is made of it.
pub(crate) struct Imported {
    pub(crate) dump: Dump,
    pub(crate) mapped: Mapped,
    pub(crate) transfer: Transfer,
    pub(crate) state: State,
}

impl Imported {
    /// Reads and maps a dump as of the moment its facts are told for.
    pub(crate) fn of(path: &Path, facts: &Expected) -> Self {
        let source = Source::open(path).expect("the dump opens");
        let dump = Dump::read(source, &mut |_| {}).expect("the dump is whole");
        let mapped = mapping::map(&dump, WallTime(moment(facts.now())));
        let transfer = Transfer::pack(&mapped, dump.digest).expect("it is not too large");
        let state = transfer.rehearse().expect("the region takes it");
        Self { dump, mapped, transfer, state }
    }

    /// The report that the command would write.
    pub(crate) fn report(&mut self) -> String {
        let mut text = Vec::new();
        summary::write_report(&mut text, &mut self.dump, &mut self.mapped)
            .expect("written to memory");
        String::from_utf8(text).expect("reports are text")
    }
}
