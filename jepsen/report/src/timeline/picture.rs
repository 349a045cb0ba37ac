//! Everything that the page draws and says, put together: the data of the page.

use crate::report::Report;
use crate::timeline::bars::{self, Bar, Install, Led};
use crate::timeline::gaps::{self, Outages};
use crate::timeline::lanes::Lanes;
use crate::timeline::marks::{self, Mark};
use crate::timeline::scale::{Micros, Scale};
use crate::timeline::series::{self, Series};
use crate::timeline::ticks::{self, Ticks};
use regent_check::history::reader::History;
use serde::Serialize;

/// The data of a page.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Picture {
    /// Names of the lanes; the last one is nobody's.
    pub lanes: Vec<String>,
    /// How long the run is.
    pub length: Micros,
    /// What is shown first.
    pub opened: (Micros, Micros),
    /// Who led.
    pub led: Vec<Led>,
    /// What was done to nodes.
    pub faults: Vec<Bar>,
    /// Snapshots that nodes took from others.
    pub installs: Vec<Install>,
    /// What clients asked.
    pub ticks: Ticks,
    /// Answers a second, and how long they took.
    pub series: Series,
    /// Services without good answers.
    pub outages: Vec<Outages>,
    /// Violations.
    pub marks: Vec<Mark>,
}

impl Picture {
    /// The picture of a run.
    #[must_use]
    pub fn of(history: &History, report: &Report) -> Self {
        let (lanes, scale) = (Lanes::of(history), Scale::of(history));
        let marks = marks::marks(history, &report.findings, &scale);
        let opened = marks::opened(history, &marks, &scale);
        let lines = report.findings.iter().flat_map(|case| case.lines.iter().copied()).collect();
        Self {
            length: scale.length(),
            opened,
            led: bars::led(history, &lanes, &scale),
            faults: bars::faults(history, &lanes, &scale),
            installs: bars::installs(history, &lanes, &scale),
            ticks: ticks::ticks(history, &lanes, &scale, &lines, opened),
            series: series::series(history, &scale),
            outages: gaps::outages(history, &scale),
            marks,
            lanes: lanes.names(),
        }
    }
}
