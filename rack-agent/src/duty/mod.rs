//! The heart of a running rack agent: what has happened goes in, what is to be done comes out.
//!
//! Pure and deterministic. [`machine::Duty`] owns what the exchange answers from, what is remembered, and everything that is
//! under way: packets whose client waits for the region, the disk or the wire. It does what docs/lease-protocol.md asks of
//! the code around the rules. It opens no socket, reads no clock, waits for nothing.
//!
//! ```text
//! packet ─► exchange ─► send ────────────────────────────────► Transmit
//!                   ├─► ask ─► outbox ─► Ask ─ ─► answer ─┐
//!                   ├─► keep ◄────────────────────────────┘
//!                   │     └─► Write ─ ─► durable ─► send
//!                   └─► try ─► Probe ─ ─► result ─► send
//! ```
//!
//! In a session it first tells what it gave alone, then says that it has, then asks what clients want (rule R19); rights it
//! gave up meanwhile follow. It counts as cut off while there is no session and once a question is not answered in time.
//!
//! Floors, lowest first: [`event`], [`effect`]; [`errand`], [`facts`]; [`numbers`], [`disk`], [`outbox`], [`line`],
//! [`debts`], [`blocks`], [`trials`], [`view_care`], [`site`]; [`machine`]; the rest is what the machine does, by occasion.

mod asking;
mod block_care;
pub mod blocks;
mod chores;
pub mod debts;
pub mod disk;
pub mod effect;
pub mod errand;
pub mod event;
pub mod facts;
mod hearing;
mod leaving;
pub mod line;
pub mod machine;
pub mod numbers;
pub mod outbox;
mod packets;
mod session_steps;
pub mod site;
pub mod trials;
mod trust;
pub mod view_care;
mod waiving;

use crate::duty::effect::Effect;
use crate::duty::event::Event;
use crate::duty::machine::Duty;
use crate::lease::rack_time::RackTime;

impl Duty {
    /// What is to be done about an event, in order. `now` goes back only with [`Event::ClockInDoubt`].
    pub fn handle(&mut self, now: RackTime, event: Event) -> Vec<Effect> {
        self.now = self.now.max(now);
        match event {
            Event::Heard(heard) => self.hear_packet(&heard),
            Event::Tried { id, found } => self.tried(id, found),
            Event::Durable(id) => {
                let due = self.disk.durable(id);
                due.into_iter().for_each(|after| self.go_on_after(after));
            }
            Event::Region(said) => self.hear(said),
            Event::Wires(wires) => self.site.set_wires(wires),
            Event::Names(names) => self.site.resolve(names),
            Event::ClockInDoubt => self.doubt_clock(now),
            Event::Rival => self.distrust(),
            Event::Clocks(mark) => self.mark_clocks(mark),
            Event::Tick => {}
        }
        self.listen();
        self.stand_in();
        self.do_chores();
        self.reserve_numbers();
        self.ask();
        let write = self.disk.flush();
        // Writes come first: nothing that is done in the same breath rests on them, and the disk is the slowest.
        write.into_iter().chain(std::mem::take(&mut self.effects)).collect()
    }
}
