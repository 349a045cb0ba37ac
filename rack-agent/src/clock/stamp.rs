//! From when the kernel took a packet, by the wall clock, to when that was by the clock of deadlines (rule R12).

use crate::clock::sample::{Sample, WallTime};
use crate::lease::rack_time::RackTime;
use regent_core::time::Millis;

/// When a packet came in that the kernel stamped with `stamp` and that is read at `now`.
///
/// `not_before` is when the socket was last found empty: the packet is no older than that, whatever the wall clock
/// did. It is taken for the moment where the stamp says nothing: there is none, or the wall clock was set back since.
#[must_use]
pub fn received(stamp: Option<WallTime>, now: &Sample, not_before: RackTime) -> RackTime {
    let age = stamp.and_then(|stamp| now.wall.0.checked_sub(stamp.0)).map(Millis);
    let by_stamp = age.map_or(0, |age| now.boot.0.saturating_sub(age.0));
    RackTime(by_stamp.clamp(not_before.0.min(now.boot.0), now.boot.0))
}

#[cfg(test)]
mod tests {
    use super::received;
    use crate::clock::sample::{Sample, WallTime};
    use crate::lease::rack_time::RackTime;

    const NOW: Sample = Sample { boot: RackTime(10_000), raw_ms: 0, wall: WallTime(900_000) };

    #[test]
    fn a_packet_is_as_old_as_its_stamp() {
        let found = received(Some(WallTime(899_700)), &NOW, RackTime(9000));
        assert_eq!(found, RackTime(9700));
    }

    #[test]
    fn a_wall_clock_that_was_set_forward_makes_no_packet_older_than_the_last_empty_queue() {
        let found = received(Some(WallTime(10)), &NOW, RackTime(9000));
        assert_eq!(found, RackTime(9000));
    }

    #[test]
    fn a_packet_from_the_future_or_without_stamp_is_as_old_as_it_can_be() {
        for stamp in [Some(WallTime(900_001)), None] {
            assert_eq!(received(stamp, &NOW, RackTime(9000)), RackTime(9000));
        }
    }

    #[test]
    fn no_packet_is_received_after_it_was_read() {
        let found = received(None, &NOW, RackTime(10_500));
        assert_eq!(found, RackTime(10_000));
    }
}
