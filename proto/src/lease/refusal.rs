//! Why an address is not given.

use crate::malformed::{Fault, Malformed, required};
use crate::rack;
use crate::rack::RefusalCode as Code;
use regent_core::id::NodeId;
use regent_core::lease::refusal::Refusal;
use regent_core::lease::server::{Incarnation, Server};
use regent_core::time::ClusterTime;

/// A refusal. What its code does not need is not looked at.
///
/// # Errors
/// A code not known here, or one without what belongs to it.
pub fn read(refusal: rack::Refusal) -> Result<Refusal, Malformed> {
    let unknown = || Malformed::new("code", Fault::UnknownCode(refusal.code));
    let until = || required("until", refusal.until).map(ClusterTime);
    let server = || required("server", refusal.server).map(read_server);
    Ok(match Code::try_from(refusal.code).map_err(|_| unknown())? {
        Code::RefusalUnspecified => return Err(unknown()),
        Code::RefusalOwned => Refusal::Owned { until: until()? },
        Code::RefusalResting => Refusal::Resting { until: until()? },
        Code::RefusalDeclined => Refusal::Declined { until: until()? },
        Code::RefusalInBlock => Refusal::InBlock { server: server()?, until: until()? },
        Code::RefusalReserved => Refusal::Reserved,
        Code::RefusalQuarantined => Refusal::Quarantined { until: until()? },
        Code::RefusalOutdated => Refusal::Outdated {
            number: required("number", refusal.number)?,
            heard: required("heard", refusal.heard)?,
        },
        Code::RefusalLate => Refusal::Late { as_of: until()? },
        Code::RefusalNotOwner => Refusal::NotOwner,
        Code::RefusalRenewedSince => Refusal::RenewedSince { server: server()? },
        Code::RefusalNotDelegated => Refusal::NotDelegated,
        Code::RefusalNotGiven => Refusal::NotGiven,
        Code::RefusalNotServing => Refusal::NotServing,
        Code::RefusalNoBlock => Refusal::NoBlock,
        Code::RefusalNotAllTold => Refusal::NotAllTold,
        Code::RefusalLife => Refusal::Life,
        Code::RefusalTooManyDeclines => Refusal::TooManyDeclines { until: until()? },
        Code::RefusalEnded => Refusal::Ended { until: until()? },
        Code::RefusalClosed => Refusal::Closed { until: until()? },
    })
}

/// A refusal.
#[must_use]
pub fn write(refusal: &Refusal) -> rack::Refusal {
    let plain = |code: Code| rack::Refusal { code: code.into(), ..rack::Refusal::default() };
    let timed = |code, until: &ClusterTime| rack::Refusal { until: Some(until.0), ..plain(code) };
    match refusal {
        Refusal::Owned { until } => timed(Code::RefusalOwned, until),
        Refusal::Resting { until } => timed(Code::RefusalResting, until),
        Refusal::Declined { until } => timed(Code::RefusalDeclined, until),
        Refusal::InBlock { server, until } => rack::Refusal {
            server: Some(write_server(*server)),
            ..timed(Code::RefusalInBlock, until)
        },
        Refusal::Reserved => plain(Code::RefusalReserved),
        Refusal::Quarantined { until } => timed(Code::RefusalQuarantined, until),
        Refusal::Outdated { number, heard } => rack::Refusal {
            number: Some(*number),
            heard: Some(*heard),
            ..plain(Code::RefusalOutdated)
        },
        Refusal::Late { as_of } => timed(Code::RefusalLate, as_of),
        Refusal::NotOwner => plain(Code::RefusalNotOwner),
        Refusal::RenewedSince { server } => rack::Refusal {
            server: Some(write_server(*server)),
            ..plain(Code::RefusalRenewedSince)
        },
        Refusal::NotDelegated => plain(Code::RefusalNotDelegated),
        Refusal::NotGiven => plain(Code::RefusalNotGiven),
        Refusal::NotServing => plain(Code::RefusalNotServing),
        Refusal::NoBlock => plain(Code::RefusalNoBlock),
        Refusal::NotAllTold => plain(Code::RefusalNotAllTold),
        Refusal::Life => plain(Code::RefusalLife),
        Refusal::TooManyDeclines { until } => timed(Code::RefusalTooManyDeclines, until),
        Refusal::Ended { until } => timed(Code::RefusalEnded, until),
        Refusal::Closed { until } => timed(Code::RefusalClosed, until),
    }
}

const fn read_server(server: rack::Server) -> Server {
    Server { rack: NodeId(server.rack), incarnation: Incarnation(server.life) }
}

const fn write_server(server: Server) -> rack::Server {
    rack::Server { rack: server.rack.0, life: server.incarnation.0 }
}
