//! Choices that a seed determines, and the few ids, names and addresses that random commands are made of.

use regent_core::id::{Id, VlanId, step_number};
use regent_core::model::static_ip_address::AllocType;
use regent_core::net::mac::MacAddr;
use regent_core::net::step_address::step_address;
use std::net::IpAddr;

/// A source of choices that its seed determines (SplitMix64).
#[derive(Clone, Debug)]
pub(crate) struct Choices(pub(crate) u64);

impl Choices {
    pub(crate) fn below(&mut self, bound: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        (mixed ^ (mixed >> 31)) % bound
    }

    pub(crate) fn small(&mut self, bound: u32) -> u32 {
        u32::try_from(self.below(u64::from(bound))).unwrap()
    }

    pub(crate) fn once_in(&mut self, bound: u64) -> bool {
        self.below(bound) == 0
    }

    pub(crate) fn of<T: Clone>(&mut self, choices: &[T]) -> T {
        choices[usize::try_from(self.below(choices.len() as u64)).unwrap()].clone()
    }

    pub(crate) fn maybe<T>(&mut self, make: impl FnOnce(&mut Self) -> T) -> Option<T> {
        if self.once_in(2) { Some(make(self)) } else { None }
    }

    /// A small id; now and then one that stands for a step of the batch.
    pub(crate) fn id<I: Id>(&mut self) -> I {
        let number = if self.once_in(12) { step_number(0) } else { self.small(5) };
        I::from_number(number)
    }

    pub(crate) fn vlan(&mut self) -> VlanId {
        let number = if self.once_in(12) { step_number(0) } else { 5000 + self.small(5) };
        VlanId(number)
    }

    pub(crate) fn name(&mut self) -> String {
        self.of(&["a", "b", "c", "-", "", "fabric-1"]).to_owned()
    }

    pub(crate) fn address(&mut self) -> IpAddr {
        let host = u8::try_from(self.below(16)).unwrap();
        if self.once_in(20) {
            return step_address(0);
        }
        match self.below(8) {
            0 => IpAddr::from([10, 0, 0, 16 + host]),
            1 => IpAddr::from([10, 0, 1, host]),
            2 => format!("2001:db8::1:0:{host:x}00").parse().unwrap(),
            _ => IpAddr::from([10, 0, 0, host]),
        }
    }

    /// An address of 10.0.0.8/29.
    pub(crate) fn inner_address(&mut self) -> IpAddr {
        IpAddr::from([10, 0, 0, 9 + u8::try_from(self.below(6)).unwrap()])
    }

    pub(crate) fn mac(&mut self) -> MacAddr {
        MacAddr([0x52, 0x54, 0, 0, 0, u8::try_from(self.below(5)).unwrap()])
    }

    pub(crate) fn alloc_type(&mut self) -> AllocType {
        self.of(AllocType::ALL)
    }
}
