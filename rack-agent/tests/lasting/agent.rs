//! The process that dies: writes, and prints how far everything is durable.

use crate::ledger;
use regent_rack_agent::store::open::Store;
use regent_rack_agent::store::writer::{Progress, Writer};
use std::path::Path;

/// So many sends are on their way at most.
const ON_THEIR_WAY_MAX: u64 = 64;

/// When the process says that something is durable.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Telling {
    /// When the store says so.
    WhenDurable,
    /// Control: when it was sent.
    WhenSent,
}

impl Telling {
    const NAMES: [(&'static str, Self); 2] =
        [("when-durable", Self::WhenDurable), ("when-sent", Self::WhenSent)];

    pub(crate) fn named(name: &str) -> Option<Self> {
        Self::NAMES.iter().find(|(known, _)| *known == name).map(|(_, telling)| *telling)
    }

    pub(crate) fn name(self) -> &'static str {
        let found = Self::NAMES.iter().find(|(_, telling)| *telling == self);
        found.map(|(name, _)| *name).expect("every way has a name")
    }
}

/// Writes until it dies.
pub(crate) fn write(folder: &Path, telling: Telling) -> ! {
    let (mut store, remembered) = Store::open(folder).unwrap_or_else(|error| panic!("{error}"));
    assert_eq!(store.losses(), []);
    if store.identity().is_none() {
        store.enrolled(&ledger::identity()).expect("the disk works");
    }
    println!("enrolled 0");
    let (writer, progress) = store.writer().expect("there is a thread");
    let runtime = tokio::runtime::Builder::new_current_thread().build().expect("a runtime");
    runtime.block_on(write_on(&writer, progress, remembered.numbers_until, telling))
}

async fn write_on(writer: &Writer, mut progress: Progress, last: u64, telling: Telling) -> ! {
    let (mut sent, mut durable) = (last, last);
    loop {
        while sent < durable + ON_THEIR_WAY_MAX {
            sent += 1;
            writer.send(sent, ledger::send(sent)).expect("the writer has room");
            if telling == Telling::WhenSent {
                println!("durable {sent}");
            }
        }
        durable = match progress.further().await {
            Ok(durable) => durable,
            Err(error) => {
                println!("failed {durable}");
                panic!("{error}");
            }
        };
        if telling == Telling::WhenDurable {
            println!("durable {durable}");
        }
    }
}
