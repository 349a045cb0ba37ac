//! What is written, as a function of its number, so that what must be there can be told from how far it got.

use regent_core::lease::binding::{Client, Tenure};
use regent_core::lease::server::Incarnation;
use regent_core::net::address_range::AddressRange;
use regent_core::net::mac::MacAddr;
use regent_core::time::Millis;
use regent_rack_agent::dhcp::holding::OwnBlock;
use regent_rack_agent::lease::rack_time::RackTime;
use regent_rack_agent::lease::record::Record;
use regent_rack_agent::remembered::{Identity, Remembered, Write};
use std::net::Ipv4Addr;

/// Addresses in use.
const ADDRESSES: u64 = 700;
const VIEW_BYTES: u64 = 60_000;

/// Numbers that look random and are the same every time.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Dice(u64);

impl Dice {
    pub(crate) const fn new(seed: u64) -> Self {
        Self(seed)
    }

    /// A number below `bound` (SplitMix64).
    pub(crate) fn below(&mut self, bound: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        (z ^ (z >> 31)) % bound
    }
}

/// Who writes.
pub(crate) fn identity() -> Identity {
    Identity { cluster_id: "rig".into(), system_id: "rack".into(), key: vec![1; 32] }
}

/// The writes of send `number`. That number is one of them.
pub(crate) fn send(number: u64) -> Vec<Write> {
    let mut dice = Dice::new(number);
    let mut writes = Vec::new();
    if dice.below(300) == 0 {
        writes.push(Write::Life(Incarnation(low(number))));
    }
    if dice.below(40) == 0 {
        writes.push(Write::View(vec![number.to_le_bytes()[0]; size(dice.below(VIEW_BYTES))]));
    }
    if dice.below(20) == 0 {
        writes.push(Write::Blocks(vec![block(number); size(dice.below(4))]));
    }
    for _ in 0..dice.below(8) {
        let address = Ipv4Addr::from_bits(0x0A00_0000 + low(dice.below(ADDRESSES)));
        let is_gone = dice.below(3) == 0;
        let record = Write::Record(address, record(number));
        writes.push(if is_gone { Write::NoRecord(address) } else { record });
    }
    writes.push(Write::NumbersUntil(number));
    writes
}

/// What is remembered after all sends up to this one.
pub(crate) fn after(number: u64) -> Remembered {
    let mut remembered = Remembered::default();
    (1..=number).flat_map(send).for_each(|write| take(&mut remembered, write));
    remembered
}

fn take(remembered: &mut Remembered, write: Write) {
    match write {
        Write::Record(address, record) => drop(remembered.records.insert(address, record)),
        Write::NoRecord(address) => drop(remembered.records.remove(&address)),
        Write::Blocks(blocks) => remembered.blocks = blocks,
        Write::NumbersUntil(number) => remembered.numbers_until = number,
        Write::Life(life) => {
            let view = remembered.view.take();
            *remembered = Remembered { life: Some(life), view, ..Remembered::default() };
        }
        Write::Epoch(epoch) => remembered.epoch = Some(epoch),
        Write::Boot(boot) => remembered.boot = Some(boot),
        Write::Clocks(mark) => remembered.clocks = Some(mark),
        Write::View(view) => remembered.view = Some(view),
    }
}

fn record(number: u64) -> Record {
    Record {
        client: Client::Card(MacAddr([
            2,
            0,
            0,
            0,
            number.to_le_bytes()[1],
            number.to_le_bytes()[0],
        ])),
        acked_until: RackTime(number),
        is_certain: true,
        tenure: Tenure::Leased,
        life: Millis::from_secs(600),
        alone_until: None,
        given_up_in: 0,
    }
}

fn block(number: u64) -> OwnBlock {
    let start = Ipv4Addr::from_bits(0x0A01_0000 + low(number % 1000));
    let range = AddressRange::new(start.into(), start.into()).expect("one address is a range");
    OwnBlock { range, deadline: RackTime(number) }
}

fn low(number: u64) -> u32 {
    u32::try_from(number).expect("a rig does not write that much")
}

fn size(number: u64) -> usize {
    usize::try_from(number).expect("sizes are small")
}
