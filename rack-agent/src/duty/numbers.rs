//! The numbers of a rack's messages: they only grow, also across restarts, because what may be used is reserved on disk
//! ahead (docs/lease-protocol.md).

/// Numbers reserved at a time.
const RESERVED_NUMBERS: u64 = 65_536;
/// When fewer are left, more are reserved. One event never takes so many.
const LEFT_NUMBERS_MIN: u64 = RESERVED_NUMBERS / 2;

/// Where the counting stands.
#[derive(Clone, Copy, Debug)]
pub struct Numbers {
    next: u64,
    reserved_until: u64,
    durable_until: u64,
}

impl Numbers {
    /// Goes on after a life in which no number from `until` on was used. Nothing has the number 0.
    #[must_use]
    pub fn from(until: u64) -> Self {
        Self { next: until.max(1), reserved_until: until, durable_until: until }
    }

    /// Reserves more if few are left. Returns the bound to write.
    pub fn reserve(&mut self) -> Option<u64> {
        if self.reserved_until.saturating_sub(self.next) >= LEFT_NUMBERS_MIN {
            return None;
        }
        Some(self.reserve_anew())
    }

    /// Reserves more whether few are left or not. Returns the bound to write.
    pub fn reserve_anew(&mut self) -> u64 {
        self.reserved_until = self.next.saturating_add(RESERVED_NUMBERS);
        self.reserved_until
    }

    /// This bound is on disk.
    pub fn durable(&mut self, until: u64) {
        self.durable_until = self.durable_until.max(until);
    }

    /// Whether so many numbers may be sent at once: the reservation is on disk.
    #[must_use]
    pub fn may_send(&self, count: usize) -> bool {
        let left = self.durable_until.saturating_sub(self.next);
        usize::try_from(left).is_ok_and(|left| left >= count)
    }

    /// The next number, for what is written to disk before it is sent: the reservation is written before that. None if
    /// all that were reserved are used up.
    pub fn take(&mut self) -> Option<u64> {
        self.below(self.reserved_until)
    }

    /// The next number, for what is sent at once; none if the reservation is not on disk yet.
    pub fn take_to_send(&mut self) -> Option<u64> {
        self.below(self.durable_until)
    }

    fn below(&mut self, bound: u64) -> Option<u64> {
        let number = (self.next < bound).then_some(self.next)?;
        self.next += 1;
        Some(number)
    }
}

#[cfg(test)]
mod tests {
    use super::{Numbers, RESERVED_NUMBERS};

    #[test]
    fn nothing_is_sent_under_a_number_that_a_restart_could_use_again() {
        let mut numbers = Numbers::from(0);
        assert_eq!(numbers.take_to_send(), None);
        let until = numbers.reserve().expect("none are left");
        assert_eq!(numbers.take_to_send(), None, "the bound is not on disk");
        assert_eq!(numbers.take(), Some(1), "what is written comes after the bound");
        numbers.durable(until);
        assert_eq!(numbers.take_to_send(), Some(2));
        assert_eq!(numbers.reserve(), None);
        let mut again = Numbers::from(until);
        again.reserve();
        assert_eq!(again.take(), Some(1 + RESERVED_NUMBERS));
    }
}
