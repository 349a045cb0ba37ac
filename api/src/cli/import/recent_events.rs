//! The newest events of a dump, in bounded memory, however many it has and in whatever order they come.

use crate::cli::import::tables::settings::Event;
use regent_core::time::WallTime;
use std::cmp::{Ordering, Reverse};
use std::collections::BinaryHeap;

/// Events are taken over from this long before the newest one: thirty days.
pub const EVENT_AGE_MS_MAX: i64 = 30 * 24 * 3600 * 1000;

/// At most so many events are taken over.
pub const EVENTS_MAX: usize = 100_000;

/// At most so much text in all events that are taken over.
pub const EVENT_TEXT_BYTES_MAX: usize = 128 << 20;

/// How many events stay behind, and why.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct EventsLeftOut {
    /// Older than [`EVENT_AGE_MS_MAX`].
    pub too_old: u64,
    /// Older than the newest that there is room for.
    pub too_many: u64,
}

/// Collects events and keeps the newest.
#[derive(Debug)]
pub struct RecentEvents {
    /// The oldest on top.
    kept: BinaryHeap<Reverse<ByAge>>,
    events_max: usize,
    text_bytes: usize,
    newest: WallTime,
    left_out: EventsLeftOut,
}

impl RecentEvents {
    /// An empty collection of at most `events_max` events.
    #[must_use]
    pub const fn new(events_max: usize) -> Self {
        Self {
            kept: BinaryHeap::new(),
            events_max,
            text_bytes: 0,
            newest: WallTime(i64::MIN),
            left_out: EventsLeftOut { too_old: 0, too_many: 0 },
        }
    }

    /// Takes an event, if it is recent as far as is known yet.
    pub fn push(&mut self, event: Event) {
        self.newest = self.newest.max(event.created);
        if event.created < self.horizon() {
            self.left_out.too_old += 1;
            return;
        }
        self.text_bytes += text_bytes(&event);
        self.kept.push(Reverse(ByAge(event)));
        while self.kept.len() > self.events_max || self.text_bytes > EVENT_TEXT_BYTES_MAX {
            let Some(Reverse(ByAge(oldest))) = self.kept.pop() else { break };
            self.text_bytes -= text_bytes(&oldest);
            if oldest.created < self.horizon() {
                self.left_out.too_old += 1;
            } else {
                self.left_out.too_many += 1;
            }
        }
    }

    /// The recent events, oldest first, and how many are left out.
    #[must_use]
    pub fn finish(self) -> (Vec<Event>, EventsLeftOut) {
        let horizon = self.horizon();
        let mut left_out = self.left_out;
        let mut events: Vec<Event> = Vec::with_capacity(self.kept.len());
        // Sorted descending by what is reversed, so the oldest come last.
        for Reverse(ByAge(event)) in self.kept.into_sorted_vec() {
            if event.created < horizon {
                left_out.too_old += 1;
            } else {
                events.push(event);
            }
        }
        events.reverse();
        (events, left_out)
    }

    const fn horizon(&self) -> WallTime {
        WallTime(self.newest.0.saturating_sub(EVENT_AGE_MS_MAX))
    }
}

const fn text_bytes(event: &Event) -> usize {
    event.description.len() + event.action.len() + event.user_agent.len()
}

/// An event, ordered by when it happened.
#[derive(Debug)]
struct ByAge(Event);

impl Ord for ByAge {
    fn cmp(&self, other: &Self) -> Ordering {
        (self.0.created, self.0.id).cmp(&(other.0.created, other.0.id))
    }
}

impl PartialOrd for ByAge {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl PartialEq for ByAge {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other) == Ordering::Equal
    }
}

impl Eq for ByAge {}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cli::import::tables::ids::{EventId, EventTypeId};

    const DAY_MS: i64 = 24 * 3600 * 1000;

    fn event(id: i64, created: i64) -> Event {
        Event {
            id: EventId(id),
            created: WallTime(created),
            type_id: EventTypeId(1),
            node_id: None,
            node_system_id: None,
            node_hostname: String::new(),
            username: String::new(),
            user_id: None,
            ip_address: None,
            user_agent: String::new(),
            endpoint: 0,
            action: String::new(),
            description: String::new(),
        }
    }

    fn kept(events_max: usize, days: &[i64]) -> (Vec<i64>, EventsLeftOut) {
        let mut recent = RecentEvents::new(events_max);
        for (id, day) in (0..).zip(days) {
            recent.push(event(id, day * DAY_MS));
        }
        let (events, left_out) = recent.finish();
        (events.iter().map(|event| event.created.0 / DAY_MS).collect(), left_out)
    }

    #[test]
    fn thirty_days_before_the_newest_count_in_any_order() {
        let left_out = EventsLeftOut { too_old: 2, too_many: 0 };
        assert_eq!(
            kept(10, &[1, 5, 100, 70, 69]),
            (vec![70, 100], EventsLeftOut { too_old: 3, ..left_out })
        );
        assert_eq!(kept(10, &[100, 69, 70, 1]), (vec![70, 100], left_out));
    }

    #[test]
    fn of_too_many_the_newest_stay() {
        let left_out = EventsLeftOut { too_old: 0, too_many: 2 };
        assert_eq!(kept(3, &[4, 1, 5, 2, 3]), (vec![3, 4, 5], left_out));
    }

    #[test]
    fn long_texts_take_the_room_of_several() {
        let mut recent = RecentEvents::new(10);
        for id in 0..5 {
            let mut event = event(id, id);
            event.description = "x".repeat(EVENT_TEXT_BYTES_MAX / 4);
            recent.push(event);
        }
        let (events, left_out) = recent.finish();
        assert_eq!((events.len(), left_out.too_many), (4, 1));
        assert_eq!(events.first().map(|event| event.id), Some(EventId(1)), "the oldest went");
    }
}
