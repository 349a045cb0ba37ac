//! The work in hand: the dump on one side, what comes of it on the other.

use crate::cli::import::dump::Dump;
use crate::cli::import::mapping::report::{Place, Report};
use crate::cli::import::mapping::site::{Arrival, Arrivals, Site, id};
use regent_core::id::Id;
use regent_core::model::import::COMMIT_MOMENT;
use regent_core::state::tables::Stored;
use regent_core::time::{ClusterTime, WallTime};

/// What every noun's mapping works on.
pub struct Mapper<'a> {
    /// What was read.
    pub dump: &'a Dump,
    /// The moment that counts as now.
    pub as_of: WallTime,
    /// What comes in.
    pub site: Site,
    /// What is to be told.
    pub report: Report,
    /// Leases that are left out because they had run out.
    pub leases_run_out: u64,
}

/// When a row was created and changed.
pub type Dates = (WallTime, WallTime);

impl<'a> Mapper<'a> {
    /// Nothing done yet.
    #[must_use]
    pub fn new(dump: &'a Dump, as_of: WallTime) -> Self {
        let (site, report) = (Site::default(), Report::default());
        Self { dump, as_of, site, report, leases_run_out: 0 }
    }

    /// Takes a numbered object in, or tells why its number forbids it.
    pub fn insert<T: Stored<Id: Id>>(
        &mut self,
        table: impl FnOnce(&mut Site) -> &mut Arrivals<T>,
        place: Place<'_>,
        number: i64,
        dates: Dates,
        value: T,
    ) {
        let (created, updated) = dates;
        match id::<T::Id>(number) {
            None => self.report.skip(place, "the id is out of range"),
            Some(id) => {
                let arrival = Arrival { created, updated, value };
                if let Err(refusal) = table(&mut self.site).insert(id, arrival) {
                    self.report.skip(place, refusal);
                }
            }
        }
    }

    /// A free text, cut if it is too long.
    pub fn text(&mut self, place: Place<'_>, field: &str, text: &str) -> String {
        self.report.text(place, field, text)
    }

    /// A name, cut if it is too long.
    pub fn name(&mut self, place: Place<'_>, field: &str, text: &str) -> String {
        self.report.name(place, field, text)
    }

    /// A wall-clock moment as cluster time that counts from the commit.
    #[must_use]
    pub const fn cluster_time(&self, wall: WallTime) -> ClusterTime {
        let from_now = wall.0.saturating_sub(self.as_of.0);
        ClusterTime(COMMIT_MOMENT.0.saturating_add_signed(from_now))
    }
}
