//! The line to the region: the session, the one question that is open in it, and how long nothing was heard.

use crate::duty::errand::Errand;
use crate::lease::rack_time::RackTime;
use crate::session::Opened;
use regent_core::time::{ClusterTime, Millis};
use std::net::Ipv4Addr;

/// A question that is not answered for so long counts as unanswered, and the rack as cut off. Longer than a region takes to
/// find a new leader (0.8 s at worst), and short enough that a client that waits is still served alone, from a block or a
/// right, within the 4 s of rule R1.
pub const ANSWER_MILLIS_MAX: Millis = Millis(2_000);
/// A session in which a question is not answered for so long is given up for another one.
pub const SILENCE_MILLIS_MAX: Millis = Millis(5_000);
/// After a question that came to nothing, the next one waits for so long.
pub const PAUSE_MILLIS: Millis = Millis(250);
/// What the region did not take is told again after this.
pub const RETELL_MILLIS: Millis = Millis(2_000);

/// What the rack does in a session.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Phase {
    /// It tells what it gave alone, in the order of addresses; it has come this far.
    Telling(Option<Ipv4Addr>),
    /// It says that it has told all.
    Concluding,
    /// It asks what clients want. What the region did not take is told again then.
    Serving(Option<RackTime>),
}

/// A session.
#[derive(Clone, Copy, Debug)]
pub struct Session {
    /// How it began.
    pub opened: Opened,
    /// The latest cluster time heard of.
    pub heard: ClusterTime,
    /// What the rack does.
    pub phase: Phase,
    /// Nothing is asked before this.
    pub resumes: RackTime,
    /// Since when questions have come to nothing; none while they are answered.
    pub failing_since: Option<RackTime>,
}

/// A step that was asked.
#[derive(Clone, Debug)]
pub struct Asked {
    /// What for.
    pub errand: Errand,
    /// Under which number; 0 if it has none.
    pub number: u64,
}

/// The question that is open.
#[derive(Clone, Debug)]
pub struct Question {
    /// Its id.
    pub id: u64,
    /// When it was sent.
    pub sent: RackTime,
    /// Its steps. None of them is heeded any more once the rack counts as cut off.
    pub asked: Vec<Asked>,
}

/// The line.
#[derive(Clone, Debug, Default)]
pub struct Line {
    /// The session, if one is open.
    pub session: Option<Session>,
    /// What was asked in it and is not answered.
    pub question: Option<Question>,
    last_id: u64,
}

impl Line {
    /// The session has begun.
    pub fn open(&mut self, opened: Opened, now: RackTime) {
        self.question = None;
        self.session = Some(Session {
            opened,
            heard: opened.now,
            phase: Phase::Telling(None),
            resumes: now,
            failing_since: None,
        });
    }

    /// The session is over. Returns what was open.
    pub fn close(&mut self) -> Vec<Asked> {
        self.session = None;
        self.question.take().map(|question| question.asked).unwrap_or_default()
    }

    /// Notes a question. Returns its id; no other question of this process has it.
    pub fn ask(&mut self, asked: Vec<Asked>, sent: RackTime) -> u64 {
        self.last_id += 1;
        self.question = Some(Question { id: self.last_id, sent, asked });
        self.last_id
    }

    /// The question with this id, if it is open. It is no more.
    pub fn answered(&mut self, id: u64) -> Option<Question> {
        self.question.take_if(|question| question.id == id)
    }

    /// Questions come to nothing; the next one waits, and whatever was given meanwhile is told before anything is asked.
    pub fn fail(&mut self, since: RackTime, now: RackTime) {
        let Some(session) = &mut self.session else { return };
        session.failing_since.get_or_insert(since);
        session.resumes = now.after(PAUSE_MILLIS);
        session.phase = Phase::Telling(None);
    }

    /// The region has answered, at this cluster time or before.
    pub fn hear(&mut self, at: ClusterTime) {
        let Some(session) = &mut self.session else { return };
        session.heard = session.heard.max(at);
        session.failing_since = None;
    }

    /// Goes on with something else.
    pub fn turn_to(&mut self, phase: Phase) {
        if let Some(session) = &mut self.session {
            session.phase = phase;
        }
    }

    /// Whether a question may be asked now.
    #[must_use]
    pub fn is_ready(&self, now: RackTime) -> bool {
        let is_due = self.session.is_some_and(|session| session.resumes <= now);
        is_due && self.question.is_none()
    }

    /// Whether the rack asks what clients want.
    #[must_use]
    pub fn is_serving(&self) -> bool {
        self.session.is_some_and(|session| matches!(session.phase, Phase::Serving(_)))
    }

    /// For how long questions have come to nothing.
    #[must_use]
    pub fn silence(&self, now: RackTime) -> Millis {
        let since = self.session.and_then(|session| session.failing_since);
        let open = self.question.as_ref().map(|question| question.sent);
        since.or(open).map_or(Millis(0), |since| since.until(now))
    }
}
