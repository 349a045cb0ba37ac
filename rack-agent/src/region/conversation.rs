//! What may be said in an open session, what was heard in it, and how long to wait for what was not. Pure: time is given.

use crate::endpoint::Endpoint;
use crate::lease::rack_time::RackTime;
use crate::region::end::End;
use crate::region::node::Node;
use crate::region::pace::Pace;
use crate::region::said;
use crate::region::said::Said;
use crate::session::{
    Answered, Ask, Beat, FromRegion, NoAnswer, NotLooked, Probe, Probed, VlanService,
};
use regent_proto::lease::answers::{Answers, Applied, Failure, Fate};
use regent_proto::lease::ask;
use regent_proto::malformed::{Fault, Malformed};
use regent_proto::rack;
use regent_proto::rack::from_rack::Message;
use regent_proto::view::parts::Parts;
use std::time::{Duration, Instant};

/// After so many heartbeats without a word from the region the session is over.
pub const SILENT_HEARTBEATS_MAX: u32 = 5;

/// An open session.
#[derive(Debug)]
pub struct Conversation {
    pace: Pace,
    heartbeat: Duration,
    /// When the region said something last.
    heard: Instant,
    /// When the rack's next heartbeat is due.
    beats: Instant,
    asked: Option<Asked>,
    parts: Parts,
}

/// What was asked and not answered.
#[derive(Clone, Copy, Debug)]
struct Asked {
    id: u64,
    steps: usize,
    due: Instant,
}

/// What comes of a message.
#[derive(Clone, Debug, PartialEq)]
pub enum Heard {
    /// Nothing yet.
    Nothing,
    /// Something for the rest of the agent.
    Said(FromRegion),
    /// The region's nodes.
    Nodes(Vec<Node>),
    /// The rack is asked to go on at another node.
    Move(Endpoint),
    /// The rack is asked to look for servers.
    Probe(Probe),
}

impl Conversation {
    /// A session that was opened now.
    #[must_use]
    pub fn new(pace: Pace, heartbeat: Duration, now: Instant) -> Self {
        Self { pace, heartbeat, heard: now, beats: now, asked: None, parts: Parts::default() }
    }

    /// The region said this.
    ///
    /// # Errors
    /// Why the session is over.
    pub fn hear(
        &mut self,
        now: Instant,
        at: RackTime,
        message: rack::ToRack,
    ) -> Result<Heard, End> {
        self.heard = now;
        Ok(match said::read(message)? {
            Said::Welcome(_) => return Err(Malformed::new("welcome", Fault::Nonsense).into()),
            Said::View(part) => {
                let change = self.parts.join(*part)?;
                change.map_or(Heard::Nothing, |change| {
                    Heard::Said(FromRegion::Told(Box::new(change)))
                })
            }
            Said::Nodes(nodes) => Heard::Nodes(nodes),
            Said::Fellows(fellows) => Heard::Said(FromRegion::Fellows(fellows)),
            Said::Answers(told) => Heard::Said(FromRegion::Answered(self.answered(at, told)?)),
            Said::Move(endpoint) => Heard::Move(endpoint),
            Said::Probe(probe) => Heard::Probe(probe),
            Said::Goodbye(goodbye) => return Err(goodbye.into()),
        })
    }

    /// What to send so that the region is asked; none if that is not possible, and then it surely was not.
    pub fn ask(&mut self, now: Instant, asking: &Ask) -> Option<rack::FromRack> {
        if self.asked.is_some() {
            tracing::error!(id = asking.id, "a question while another one is open");
            return None;
        }
        match ask::write(asking.id, &asking.steps) {
            Ok(message) => {
                let due = now + self.pace.answer;
                self.asked = Some(Asked { id: asking.id, steps: asking.steps.len(), due });
                Some(rack::FromRack { message: Some(Message::Ask(message)) })
            }
            Err(error) => {
                tracing::error!(id = asking.id, %error, "a question that cannot be sent");
                None
            }
        }
    }

    /// Whether something was asked and not answered.
    #[must_use]
    pub const fn is_asking(&self) -> bool {
        self.asked.is_some()
    }

    /// A heartbeat, if it is time for one and there is news that is not too old.
    pub fn beat(&mut self, now: Instant, news: Option<(Instant, &Beat)>) -> Option<rack::FromRack> {
        if now < self.beats {
            return None;
        }
        self.beats = now + self.heartbeat;
        let (since, beat) = news?;
        let oldest = self.pace.beat_age_max.max(self.heartbeat);
        (now.saturating_duration_since(since) <= oldest).then(|| write_beat(beat))
    }

    /// When to look again whether something is overdue, or a heartbeat due.
    #[must_use]
    pub fn wakes(&self) -> Instant {
        let answer = self.asked.map(|asked| asked.due);
        answer.into_iter().chain([self.beats]).fold(self.silent_from(), Instant::min)
    }

    /// The region may have spoken, and nobody had time to listen.
    pub fn excuse_silence(&mut self, now: Instant) {
        self.heard = now;
    }

    /// What did not come in time, if anything: what is to be said of an open question, and why the session is over.
    pub fn overdue(&mut self, now: Instant, at: RackTime) -> Option<(Option<Answered>, End)> {
        if let Some(asked) = self.asked.take_if(|asked| asked.due <= now) {
            let unknown = Answered { id: asked.id, at, result: Err(NoAnswer::Unknown) };
            return Some((Some(unknown), End::Unanswered));
        }
        (self.silent_from() <= now).then_some((None, End::Silent))
    }

    fn silent_from(&self) -> Instant {
        self.heard + self.heartbeat * SILENT_HEARTBEATS_MAX
    }

    fn answered(&mut self, at: RackTime, told: Answers) -> Result<Answered, End> {
        let Answers { id, result } = told;
        let asked = self.asked.filter(|asked| asked.id == id);
        let asked = asked.ok_or_else(|| Malformed::new("answers.id", Fault::Nonsense))?;
        let result = match result {
            Ok(Applied { now, answers }) if answers.len() == asked.steps => Ok((now, answers)),
            Ok(_) => return Err(Malformed::new("answers.answers", Fault::Nonsense).into()),
            Err(Failure { fate, text }) => {
                tracing::warn!(id, ?fate, text, "the region could not answer");
                Err(match fate {
                    Fate::NotDone => NoAnswer::NotDone,
                    Fate::Unknown => NoAnswer::Unknown,
                })
            }
        };
        self.asked = None;
        Ok(Answered { id, at, result })
    }
}

/// What came of a look for servers, as a message has it.
#[must_use]
pub fn write_probed(probed: &Probed) -> rack::FromRack {
    let servers = probed.result.iter().flatten().map(|server| server.to_bits()).collect();
    let (trouble, unable) = match &probed.result {
        Ok(_) => (None, false),
        Err(NotLooked::Unable(why)) => (Some(why.clone()), true),
        Err(NotLooked::Failed(why)) => (Some(why.clone()), false),
    };
    let probed = rack::Probed { id: probed.id, servers, trouble, unable };
    rack::FromRack { message: Some(Message::Probed(probed)) }
}

fn write_beat(beat: &Beat) -> rack::FromRack {
    let Beat { applied_revision, backlog, vlans } = beat;
    let heartbeat = rack::Heartbeat {
        applied_revision: *applied_revision,
        backlog: *backlog,
        vlans: vlans.iter().map(write_service).collect(),
    };
    rack::FromRack { message: Some(Message::Heartbeat(heartbeat)) }
}

fn write_service(service: &VlanService) -> rack::VlanService {
    let VlanService { vlan, server_id, trouble } = service;
    rack::VlanService {
        vlan: vlan.0,
        server_id: server_id.map(|address| address.to_bits()),
        live: trouble.is_none(),
        trouble: trouble.clone().unwrap_or_default(),
    }
}
