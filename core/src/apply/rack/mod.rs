//! What racks ask: to be one, sessions, and the steps of the lease protocol. Who may have an address is decided in `lease`; here it
//! is found out what is recorded around the address, and what comes of it is stored.

mod block;
mod declines;
mod enrol;
mod fault;
mod foreign;
pub(in crate::apply) mod served;
pub(in crate::apply) mod session;
mod step;

use crate::apply::draft::Draft;
use crate::command::rack::RackCommand;
use crate::outcome::Outcome;
use crate::rejection::Rejection;

pub(in crate::apply) fn run(
    draft: &mut Draft,
    command: &RackCommand,
) -> Result<Outcome, Rejection> {
    match command {
        RackCommand::OpenSession { rack, life, key } => {
            session::open(draft, *rack, *life, *key).map(Outcome::RackSession)
        }
        RackCommand::Leases { rack, session, steps } => {
            let server = session::present(draft, *rack, *session)?;
            step::run_all(draft, server, steps).map(Outcome::Leases)
        }
        RackCommand::Enrol(wish) => enrol::run(draft, wish),
        RackCommand::SawServer { rack, session, heard } => {
            let server = session::present(draft, *rack, *session)?;
            foreign::saw(draft, server, heard).map(|answer| Outcome::Leases(vec![answer]))
        }
    }
}
