//! Whether a cluster answers at all. A write that is asked after some moment must be acknowledged: what came later of
//! earlier ones proves nothing.

use crate::judge::violation::Violation;
use crate::load::meter::Meter;
use std::time::{Duration, Instant};
use tokio::time::sleep;

/// How long writes may stay away while a majority is up and nothing else is done to the nodes.
pub const ANSWERS_AGAIN_MAX: Duration = Duration::from_secs(20);
/// Pause between two looks.
const LOOK_PAUSE: Duration = Duration::from_millis(20);

/// Waits until a write asked from now on is acknowledged, through any node.
pub async fn through_any(meter: &Meter, patience: Duration) -> Option<Violation> {
    let since = meter.now();
    let answers = || (0..meter.doors()).any(|door| meter.answers_since(door, since));
    let stuck = || Violation::Stuck { door: "any node".into(), patience };
    (!come_true(patience, answers).await).then(stuck)
}

/// Waits until a write asked from now on is acknowledged through each node; tells those through which none was.
pub async fn through_each(meter: &Meter, names: &[String], patience: Duration) -> Vec<Violation> {
    let since = meter.now();
    let answers = |door| meter.answers_since(door, since);
    come_true(patience, || (0..meter.doors()).all(answers)).await;
    let silent = names.iter().enumerate().filter(|(door, _)| !answers(*door));
    silent.map(|(_, name)| Violation::Stuck { door: name.clone(), patience }).collect()
}

/// Looks again and again; whether it came true.
async fn come_true(patience: Duration, is_true: impl Fn() -> bool) -> bool {
    let until = Instant::now() + patience;
    while !is_true() {
        if Instant::now() >= until {
            return false;
        }
        sleep(LOOK_PAUSE).await;
    }
    true
}

#[cfg(test)]
mod tests {
    use super::{through_any, through_each};
    use crate::judge::violation::Violation;
    use crate::load::meter::{Entrance, Meter};
    use std::time::Duration;

    const SHORT: Duration = Duration::from_millis(60);

    #[tokio::test]
    async fn node_through_which_nothing_new_is_acknowledged_is_stuck() {
        let (meter, names) = (Meter::start(2), ["r1".to_owned(), "r2".to_owned()]);
        let early = meter.now();
        let writes = async {
            tokio::task::yield_now().await;
            meter.acknowledged(0, Entrance::Leader, meter.now());
            // Asked before the demand: that the answer comes now says nothing of the node.
            meter.acknowledged(1, Entrance::Follower, early);
        };
        let (violations, ()) = tokio::join!(through_each(&meter, &names, SHORT), writes);
        assert_eq!(violations, [Violation::Stuck { door: "r2".into(), patience: SHORT }]);
    }

    #[tokio::test]
    async fn one_new_acknowledgement_anywhere_shows_that_the_group_lives() {
        let meter = Meter::start(2);
        assert!(through_any(&meter, SHORT).await.is_some());
        let write = async {
            tokio::task::yield_now().await;
            meter.acknowledged(1, Entrance::Leader, meter.now());
        };
        let (stuck, ()) = tokio::join!(through_any(&meter, SHORT), write);
        assert_eq!(stuck, None);
    }
}
