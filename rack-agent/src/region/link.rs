//! The door of the room: starts the task that holds the line to the region, and ends it.

use crate::endpoint::Endpoint;
use crate::lease::rack_time::RackTime;
use crate::region::driver::{Driver, Notes};
use crate::region::outbox::Outbox;
use crate::region::pace::Pace;
use crate::region::route::Route;
use crate::region::situation::Situation;
use crate::region::traffic::{Command, Event};
use tokio::sync::mpsc;
use tokio::task::JoinHandle;

/// Commands that wait for the link. It takes them at once.
const COMMANDS_MAX: usize = 64;
/// Events that wait for the agent. While it takes none, nothing more is read from the region.
const EVENTS_MAX: usize = 64;

/// What a link needs.
#[derive(Clone, Debug)]
pub struct Setting {
    /// Who the rack is and what it has.
    pub situation: Situation,
    /// Region nodes by the configuration.
    pub configured: Vec<Endpoint>,
    /// Region nodes that the region told of before.
    pub remembered: Vec<Endpoint>,
    /// Whether an address may be gone to: beyond this host the rack's key is not safe without TLS.
    pub permits: fn(&Endpoint) -> bool,
    /// How long to wait.
    pub pace: Pace,
    /// The rack's clock.
    pub clock: fn() -> RackTime,
    /// Where chance begins: another number for each process.
    pub seed: u64,
}

/// There is no region node to go to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("no region node is known that the configuration allows: name one in `regions`")]
pub struct Nowhere;

/// The line to the region. It ends with [`stop`](Self::stop), or by itself with [`Event::Stopped`].
///
/// Whoever holds it tells what the rack has ([`Command::Have`]) whenever that has changed and is durable, so that the next
/// session begins there; before a [`Command::HangUp`] for want of a view that fits, too. It says each second how the rack is
/// ([`Command::Beat`]): a rack that stops saying so counts as missing.
#[derive(Debug)]
pub struct Link {
    commands: mpsc::Sender<Command>,
    task: JoinHandle<()>,
}

impl Link {
    /// Begins to look for the region, on the runtime that is current here. What comes of it is in the receiver.
    ///
    /// # Errors
    /// [`Nowhere`].
    pub fn start(setting: Setting) -> Result<(Self, mpsc::Receiver<Event>), Nowhere> {
        let Setting { situation, configured, remembered, permits, pace, clock, seed } = setting;
        let permitted = |nodes: Vec<Endpoint>| nodes.into_iter().filter(permits).collect();
        let route = Route::new(permitted(configured), permitted(remembered), pace, seed);
        let route = route.ok_or(Nowhere)?;
        let (commands, taken) = mpsc::channel(COMMANDS_MAX);
        let (told, events) = mpsc::channel(EVENTS_MAX);
        let (outbox, notes) = (Outbox::new(told), Notes::default());
        let driver =
            Driver { pace, clock, situation, route, permits, commands: taken, outbox, notes };
        let task = tokio::spawn(driver.run());
        Ok((Self { commands, task }, events))
    }

    /// Where commands go. They are taken at once; one that is not taken was not heeded.
    #[must_use]
    pub const fn commands(&self) -> &mpsc::Sender<Command> {
        &self.commands
    }

    /// Hangs up, at once: there is nothing to be finished. What was told and not taken yet is lost.
    pub async fn stop(self) {
        self.task.abort();
        match self.task.await {
            Ok(()) => {}
            Err(ended) if ended.is_cancelled() => {}
            Err(failed) => tracing::error!(%failed, "the link to the region failed"),
        }
    }
}
