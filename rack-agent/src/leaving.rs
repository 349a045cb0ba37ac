//! A rack leaves its region: it gives up, durably, whatever it might do alone; tells what it gave, as after a time without the
//! region; and asks to be let go. A crash anywhere between leaves a rack of the old region that holds nothing alone, or one
//! that this region does not know any more: both may begin again here.
//!
//! It serves nobody meanwhile. Where it goes is no matter of this file.

use crate::agent::setting;
use crate::clock::sample::{Sample, boot_id, now};
use crate::config::Config;
use crate::duty::effect::Effect;
use crate::duty::event::Event;
use crate::duty::machine::Duty;
use crate::endpoint::Endpoint;
use crate::machine;
use crate::region::leave::{LeaveError, Released, leave};
use crate::region::link::{Link, Nowhere};
use crate::region::pace::Pace;
use crate::region::situation::Possessions;
use crate::region::traffic::{self, Command, SessionTag};
use crate::remembered::{Identity, Remembered};
use crate::session::{Answered, FromRegion, NoAnswer};
use crate::store::nodes;
use crate::store::open::Store;
use crate::store::trouble::StoreError;
use std::collections::VecDeque;
use std::io;
use std::time::Duration;
use tokio::sync::mpsc;
use tokio::time::{Instant, MissedTickBehavior, interval, sleep};

/// A region that says nothing for so long is away.
pub const PATIENCE: Duration = Duration::from_secs(15);
/// What telling everything may take.
const TELLING_TIME_MAX: Duration = Duration::from_secs(600);
/// How often the machine hears that time has passed.
const TICK: Duration = Duration::from_millis(100);
/// Before the region is asked again to let the rack go.
const PAUSE: Duration = Duration::from_millis(500);

/// Why a rack is not let go.
#[derive(Debug, thiserror::Error)]
pub enum LeavingError {
    /// The disk refused.
    #[error("what the rack gives up could not be written")]
    Disk(#[from] StoreError),
    /// The system refused.
    #[error("the system does not tell {0}")]
    System(&'static str, #[source] io::Error),
    /// There is nobody to tell.
    #[error(transparent)]
    Nowhere(#[from] Nowhere),
    /// Its region is away.
    #[error("its region does not answer")]
    Away,
    /// Its region does not take all that the rack gave.
    #[error("its region has not taken all that the rack tells")]
    NotTold,
    /// Its region does not let it go.
    #[error(transparent)]
    NotLet(#[from] LeaveError),
}

/// A rack that leaves.
pub struct Leaving<'s> {
    store: &'s Store,
    /// What it remembers, without any right.
    pub duty: Duty,
}

/// The line to the region, and what was said there of the rack.
struct Line {
    link: Link,
    session: SessionTag,
    possessions: Possessions,
}

impl<'s> Leaving<'s> {
    /// Gives everything up. When this returns, that is durable.
    ///
    /// # Errors
    /// [`LeavingError`].
    pub fn begin(store: &'s Store, remembered: Remembered) -> Result<Self, LeavingError> {
        let boot = boot_id().map_err(|error| LeavingError::System("which boot this is", error))?;
        let mut duty = Duty::start(remembered, boot, Sample::now().into());
        duty.leave();
        let mut leaving = Self { store, duty };
        leaving.handle(Event::Tick)?;
        Ok(leaving)
    }

    /// Tells the region everything and is let go.
    ///
    /// # Errors
    /// [`LeavingError`]: it may be tried again.
    pub async fn tell(
        &mut self,
        config: &Config,
        identity: &Identity,
        patience: Duration,
    ) -> Result<Released, LeavingError> {
        let interfaces = machine::told_interfaces(config)
            .map_err(|error| LeavingError::System("its interfaces", error))?;
        let (link, mut told) =
            Link::start(setting::link(config, interfaces, identity, &self.duty))?;
        let possessions = setting::possessions(&self.duty);
        let mut line = Line { link, session: SessionTag::default(), possessions };
        let all = self.tell_all(&mut line, &mut told, patience).await;
        line.link.stop().await;
        all?;
        be_let_go(config, identity, patience).await
    }

    /// Until all is told, or the region says that it does not know the rack, which it will say again.
    async fn tell_all(
        &mut self,
        line: &mut Line,
        told: &mut mpsc::Receiver<traffic::Event>,
        patience: Duration,
    ) -> Result<(), LeavingError> {
        let begun = Instant::now();
        let mut heard = begun;
        let mut tick = interval(TICK);
        tick.set_missed_tick_behavior(MissedTickBehavior::Delay);
        while !self.duty.has_told_all() {
            let event = tokio::select! {
                said = told.recv() => {
                    heard = Instant::now();
                    match said {
                        Some(traffic::Event::Said(session, said)) => {
                            if matches!(said, FromRegion::Opened(_)) {
                                line.session = session;
                            }
                            Event::Region(said)
                        }
                        // Who is about to leave looks for no servers.
                        Some(traffic::Event::Nodes(_) | traffic::Event::Probe(..)) => Event::Tick,
                        Some(traffic::Event::Rival) => Event::Rival,
                        Some(traffic::Event::Stopped(_)) | None => return Ok(()),
                    }
                }
                _ = tick.tick() => Event::Tick,
            };
            self.go_on(line, event)?;
            if heard.elapsed() > patience {
                return Err(LeavingError::Away);
            }
            if begun.elapsed() > TELLING_TIME_MAX {
                return Err(LeavingError::NotTold);
            }
        }
        Ok(())
    }

    /// What comes of an event goes to the region. What is not taken there was not asked.
    fn go_on(&mut self, line: &mut Line, event: Event) -> Result<(), StoreError> {
        let mut events = VecDeque::from([event]);
        while let Some(event) = events.pop_front() {
            let effects = self.handle(event)?;
            line.have(setting::possessions(&self.duty));
            events.extend(effects.into_iter().filter_map(|effect| line.carry(effect)));
        }
        Ok(())
    }

    /// Lets the event happen; what it wants written is durable when this returns. The rest is for the region.
    fn handle(&mut self, event: Event) -> Result<Vec<Effect>, StoreError> {
        let (mut events, mut others) = (VecDeque::from([event]), Vec::new());
        while let Some(event) = events.pop_front() {
            for effect in self.duty.handle(now(), event) {
                match effect {
                    Effect::Write { id, writes } => {
                        self.store.write(&writes)?;
                        events.push_back(Event::Durable(id));
                    }
                    Effect::Ask(_) | Effect::Beat(_) | Effect::HangUp => others.push(effect),
                    Effect::Alarm(alarm) => tracing::error!(?alarm, "ALARM"),
                    // It has no wires.
                    Effect::Transmit { .. } | Effect::Probe { .. } => {}
                }
            }
        }
        Ok(others)
    }
}

impl Line {
    fn have(&mut self, possessions: Possessions) {
        if possessions != self.possessions {
            self.possessions = possessions;
            self.say(Command::Have(possessions));
        }
    }

    /// Brings it to the region. A question that is not taken is answered here.
    fn carry(&self, effect: Effect) -> Option<Event> {
        match effect {
            Effect::Ask(ask) => {
                let id = ask.id;
                if self.say(Command::Ask(self.session, ask)) {
                    return None;
                }
                let answered = Answered { id, at: now(), result: Err(NoAnswer::NotDone) };
                Some(Event::Region(FromRegion::Answered(answered)))
            }
            Effect::Beat(beat) => {
                self.say(Command::Beat(beat));
                None
            }
            Effect::HangUp => {
                self.say(Command::HangUp);
                None
            }
            Effect::Write { .. }
            | Effect::Transmit { .. }
            | Effect::Probe { .. }
            | Effect::Alarm(_) => None,
        }
    }

    /// Whether the link took it.
    fn say(&self, command: Command) -> bool {
        self.link.commands().try_send(command).is_ok()
    }
}

async fn be_let_go(
    config: &Config,
    identity: &Identity,
    patience: Duration,
) -> Result<Released, LeavingError> {
    let remembered = nodes::read(&config.state_dir);
    let known = remembered.iter().chain(&config.regions).filter(|node| (config.permits())(node));
    let known: Vec<Endpoint> = known.cloned().collect();
    let (begun, pace) = (Instant::now(), Pace::default());
    loop {
        match leave(&known, identity, &pace).await {
            Err(LeaveError::Unavailable { .. }) if begun.elapsed() < patience => sleep(PAUSE).await,
            outcome => return Ok(outcome?),
        }
    }
}
