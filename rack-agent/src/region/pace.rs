//! How long the agent waits for its region, and between two tries. One value, so that tests can be quicker.

use std::time::Duration;

/// Waits and pauses.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Pace {
    /// For a connection.
    pub connect: Duration,
    /// Between two signs of life of a connection, below what is said on it: a node that stands still, or is gone without a
    /// word, is told from one that is slow.
    pub ping: Duration,
    /// For the answer to one.
    pub pong: Duration,
    /// From the `Hello` to the `Welcome`: longer than a node gives its region to agree. A rack that left before that might
    /// find its next session ended by this one.
    pub welcome: Duration,
    /// For the answer to an enrolment.
    pub enrol: Duration,
    /// For the answer to an `Ask`. Then it counts as unknown.
    pub answer: Duration,
    /// After a round of failures: at least this, ...
    pub backoff_min: Duration,
    /// ... and twice as much after each further one, up to this.
    pub backoff_max: Duration,
    /// A session that held so long was a good one: what comes after it is no further failure.
    pub steady: Duration,
    /// For how long the same news of how the rack is may be repeated: a rack that stands still must be seen to.
    pub beat_age_max: Duration,
    /// Before a rack comes back that another process has pushed out: it may have been a session of its own, opened late.
    pub replaced: Duration,
    /// The same when it was pushed out a short time ago already: two that push each other would serve nobody.
    pub replaced_again: Duration,
    /// Before a node that does not know the rack is asked again: it may have been told of it only now.
    pub verdict: Duration,
}

impl Default for Pace {
    fn default() -> Self {
        Self {
            connect: Duration::from_secs(2),
            ping: Duration::from_secs(1),
            pong: Duration::from_secs(2),
            welcome: Duration::from_secs(6),
            enrol: Duration::from_secs(10),
            answer: Duration::from_secs(5),
            backoff_min: Duration::from_millis(50),
            backoff_max: Duration::from_secs(5),
            steady: Duration::from_secs(2),
            beat_age_max: Duration::from_secs(3),
            replaced: Duration::from_secs(1),
            replaced_again: Duration::from_secs(30),
            verdict: Duration::from_secs(1),
        }
    }
}
