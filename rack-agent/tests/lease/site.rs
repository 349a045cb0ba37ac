//! A rack, and what the region granted it.

use regent_core::lease::binding::{Client, Tenure};
use regent_core::lease::terms::Terms;
use regent_core::net::mac::MacAddr;
use regent_core::time::Millis;
use regent_rack_agent::lease::rack_time::RackTime;
use regent_rack_agent::lease::record::{ANSWER_WAIT_MAX, Granted, Record};

/// Ten minutes, an hour beyond, an hour's blocks, clocks that are wrong by a thousandth.
pub(crate) fn terms() -> Terms {
    let hour = Millis::from_secs(3_600);
    Terms::new(Millis::from_secs(600), hour, hour, 1_000)
}

pub(crate) fn client(number: u8) -> Client {
    Client::Card(MacAddr([2, 0, 0, 0, 0, number]))
}

pub(crate) fn at(secs: u64) -> RackTime {
    RackTime(0).after(Millis::from_secs(secs))
}

/// The moment before.
pub(crate) fn just_before(time: RackTime) -> RackTime {
    RackTime(time.0 - 1)
}

/// The moment after.
pub(crate) fn just_after(time: RackTime) -> RackTime {
    RackTime(time.0 + 1)
}

/// The region said yes to message `number`, which was sent then.
pub(crate) fn granted(number: u64, client: Client, sent: RackTime) -> Granted {
    let Terms { life, autonomy, .. } = terms();
    let (tenure, wait_max) = (Tenure::Leased, ANSWER_WAIT_MAX);
    Granted { client, life, tenure, autonomy, number, sent, wait_max }
}

/// The first client got the address in answer to message 1, sent at 100 and answered at 101.
pub(crate) fn held() -> Record {
    Record::committed(None, &granted(1, client(1), at(100)), at(101), &terms())
        .expect("the answer is in time")
}
