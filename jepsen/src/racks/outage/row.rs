//! What came of a fault at a moment, over all passes: least, middle and most of how long clients waited.

use crate::lab::client::Kind;
use crate::racks::outage::moment::{Fault, Moment};
use crate::racks::outage::pass::Sample;
use serde_json::{Value, json};
use std::time::Duration;

/// Nobody who begins is to wait for longer.
pub const OUTAGE_MAX: Duration = Duration::from_secs(5);
/// Who renews keeps its address for so long after it asked its server first, and asks everybody before that.
pub const KEPT_AFTER_T1: Duration = Duration::from_secs(60);

/// A line of the table.
#[derive(Clone, Debug)]
pub struct Row {
    /// Whose servers.
    pub servers: &'static str,
    /// What befell one of them.
    pub fault: Fault,
    /// When.
    pub moment: Moment,
    /// Of each client in each pass.
    pub samples: Vec<Sample>,
}

/// Of one kind of client.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Spread {
    /// How many.
    pub clients: usize,
    /// Who were never served, or lost their address.
    pub lost: usize,
    /// Who waited for longer than they should, these included.
    pub misses: usize,
    /// Least, middle and most of those that were served.
    pub waits: Option<[Duration; 3]>,
}

impl Row {
    /// How long a client may wait.
    #[must_use]
    pub fn bar(&self) -> Duration {
        match self.moment {
            Moment::BeforeDiscover | Moment::AfterOffer => OUTAGE_MAX,
            Moment::BeforeRenewal => KEPT_AFTER_T1,
        }
    }

    /// Of one kind of client, or of all.
    #[must_use]
    pub fn spread(&self, kind: Option<Kind>) -> Spread {
        let of_kind = |sample: &&Sample| kind.is_none_or(|kind| kind == sample.kind);
        let samples: Vec<&Sample> = self.samples.iter().filter(of_kind).collect();
        let is_lost = |sample: &&&Sample| sample.is_lost();
        let bar = self.bar();
        let is_miss =
            |sample: &&&Sample| is_lost(sample) || sample.waited.is_some_and(|waited| waited > bar);
        let mut waits: Vec<Duration> = samples.iter().filter_map(|sample| sample.waited).collect();
        waits.sort();
        let spread = |first: &Duration, last: &Duration| [*first, waits[waits.len() / 2], *last];
        Spread {
            clients: samples.len(),
            lost: samples.iter().filter(is_lost).count(),
            misses: samples.iter().filter(is_miss).count(),
            waits: waits.first().zip(waits.last()).map(|(first, last)| spread(first, last)),
        }
    }

    /// For people.
    #[must_use]
    pub fn line(&self) -> String {
        let of_kind =
            |kind: &Kind| format!("{} {}", kind.program(), told(self.spread(Some(*kind))));
        let kinds: Vec<String> = Kind::ALL.iter().map(of_kind).collect();
        let (fault, moment) = (self.fault.name(), self.moment.name());
        format!("{:6} {fault:7} {moment:19}: {}", self.servers, kinds.join("; "))
    }

    /// For programs.
    #[must_use]
    pub fn json(&self) -> Value {
        let of_kind = |kind: &Kind| {
            let Spread { clients, lost, misses, waits } = self.spread(Some(*kind));
            let [least, middle, most] =
                waits.map_or([None; 3], |waits| waits.map(|it| Some(it.as_secs_f64())));
            json!({
                "client": kind.program(), "clients": clients, "lost": lost, "misses": misses,
                "seconds_min": least, "seconds_median": middle, "seconds_max": most,
            })
        };
        json!({
            "servers": self.servers, "fault": self.fault.name(), "moment": self.moment.name(),
            "bar_seconds": self.bar().as_secs(), "kinds": Kind::ALL.iter().map(of_kind).collect::<Vec<_>>(),
        })
    }
}

/// How much longer clients of theirs waited than clients of ours, in the middle and at most.
#[must_use]
pub fn ratio(ours: &Row, theirs: &Row) -> String {
    let (fault, moment) = (ours.fault.name(), ours.moment.name());
    let waits = ours.spread(None).waits.zip(theirs.spread(None).waits);
    let Some(([_, middle, most], [_, their_middle, their_most])) = waits else {
        return format!("{fault:7} {moment:19}: nothing to compare");
    };
    let times = |their: Duration, our: Duration| their.as_secs_f64() / our.as_secs_f64();
    let lost = theirs.spread(None).lost;
    format!(
        "{fault:7} {moment:19}: {} waits {:.1} times as long in the middle, {:.1} times at most; {lost} lost or unserved",
        theirs.servers,
        times(their_middle, middle),
        times(their_most, most),
    )
}

fn told(spread: Spread) -> String {
    let Spread { clients, lost, misses, waits } = spread;
    let waits = match waits {
        Some(waits) => waits.map(|wait| format!("{:.2}", wait.as_secs_f64())).join("/"),
        None => "-".to_owned(),
    };
    let lost = if lost > 0 { format!(", {lost} lost or unserved") } else { String::new() };
    format!("{waits} s, {misses} of {clients} too late{lost}")
}

#[cfg(test)]
mod tests {
    use super::Row;
    use crate::lab::client::Kind;
    use crate::racks::outage::moment::{Fault, Moment};
    use crate::racks::outage::pass::Sample;
    use std::time::Duration;

    fn sample(waited: Option<u64>, has_lost: bool) -> Sample {
        Sample { kind: Kind::Dhclient, waited: waited.map(Duration::from_secs), has_lost }
    }

    #[test]
    fn client_that_waited_too_long_lost_its_address_or_was_never_served_is_a_miss() {
        let late = [sample(Some(5), false), sample(Some(6), false)];
        let gone = [sample(Some(1), true), sample(None, false)];
        let samples = late.into_iter().chain(gone).collect();
        let (servers, fault, moment) = ("regent", Fault::Cut, Moment::AfterOffer);
        let row = Row { servers, fault, moment, samples };
        let spread = row.spread(Some(Kind::Dhclient));
        assert_eq!((spread.clients, spread.lost, spread.misses), (4, 2, 3));
        assert_eq!(spread.waits, Some([1, 5, 6].map(Duration::from_secs)));
        assert_eq!(row.spread(Some(Kind::Udhcpc)).clients, 0);
    }
}
