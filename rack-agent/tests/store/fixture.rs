//! What the tests write and how they write it.

use regent_core::lease::binding::{Client, Tenure};
use regent_core::lease::server::Incarnation;
use regent_core::net::address_range::AddressRange;
use regent_core::net::mac::MacAddr;
use regent_core::time::Millis;
use regent_rack_agent::clock::mark::Mark;
use regent_rack_agent::clock::sample::{BootId, WallTime};
use regent_rack_agent::dhcp::holding::OwnBlock;
use regent_rack_agent::lease::rack_time::RackTime;
use regent_rack_agent::lease::record::Record;
use regent_rack_agent::remembered::{Identity, Remembered, Write};
use regent_rack_agent::store::open::Store;
use std::net::Ipv4Addr;
use std::path::Path;

pub(crate) fn address(last: u8) -> Ipv4Addr {
    Ipv4Addr::new(192, 0, 2, last)
}

pub(crate) fn record(last: u8) -> Record {
    Record {
        client: Client::Card(MacAddr([2, 0, 0, 0, 0, last])),
        acked_until: RackTime(60_000 + u64::from(last)),
        is_certain: true,
        tenure: Tenure::Leased,
        life: Millis::from_secs(600),
        alone_until: Some(RackTime(4_200_000)),
        given_up_in: 7,
    }
}

pub(crate) fn identity(system_id: &str) -> Identity {
    Identity { cluster_id: "c1".into(), system_id: system_id.into(), key: vec![7; 32] }
}

/// What clocks may show.
pub(crate) const CLOCKS: Mark = Mark { boot: RackTime(7_000), wall: WallTime(1_700_000_000_000) };

pub(crate) fn boot(name: &str) -> BootId {
    BootId(name.into())
}

pub(crate) fn block() -> OwnBlock {
    let range = AddressRange::new(address(100).into(), address(131).into()).unwrap();
    OwnBlock { range, deadline: RackTime(3_600_000) }
}

/// One of everything.
pub(crate) fn a_bit_of_all() -> Vec<Write> {
    let records = (1..=40).map(|last| Write::Record(address(last), record(last)));
    [
        Write::Life(Incarnation(3)),
        Write::Epoch(5),
        Write::Boot(boot("b1")),
        Write::Clocks(CLOCKS),
        Write::NumbersUntil(1000),
        Write::Blocks(vec![block()]),
        Write::View(vec![9; 3000]),
    ]
    .into_iter()
    .chain(records)
    .collect()
}

/// What the store then has to remember.
pub(crate) fn all_of_it() -> Remembered {
    Remembered {
        life: Some(Incarnation(3)),
        epoch: Some(5),
        boot: Some(boot("b1")),
        clocks: Some(CLOCKS),
        numbers_until: 1000,
        records: (1..=40).map(|last| (address(last), record(last))).collect(),
        blocks: vec![block()],
        view: Some(vec![9; 3000]),
    }
}

/// Opens a store that nothing is wrong with.
pub(crate) fn open(directory: &Path) -> (Store, Remembered) {
    let (store, remembered) = Store::open(directory).unwrap();
    assert_eq!(store.losses(), []);
    (store, remembered)
}

/// What a fresh process would find.
pub(crate) fn remembered(directory: &Path) -> Remembered {
    open(directory).1
}

/// Writes this as one send, waits until it is durable, and closes the store.
pub(crate) fn write(directory: &Path, writes: Vec<Write>) {
    let (writer, mut progress) = open(directory).0.writer().unwrap();
    writer.send(1, writes).unwrap();
    assert_eq!(block_on(progress.further()).unwrap(), 1);
}

pub(crate) fn block_on<T>(future: impl Future<Output = T>) -> T {
    tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(future)
}

/// The text of an error and all its sources.
pub(crate) fn told(error: &dyn std::error::Error) -> String {
    let sources = std::iter::successors(error.source(), |error| error.source());
    sources.fold(error.to_string(), |told, source| format!("{told}: {source}"))
}
