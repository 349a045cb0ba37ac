//! What became of one step.

use crate::lease::{client, refusal};
use crate::malformed::{Malformed, required};
use crate::rack;
use crate::rack::answer::Answer as Kind;
use regent_core::outcome::LeaseAnswer;
use regent_core::time::{ClusterTime, Millis};

/// What became of a step.
///
/// # Errors
/// A kind not known here, or a refusal that none can be.
pub fn read(answer: rack::Answer) -> Result<LeaseAnswer, Malformed> {
    Ok(match required("answer", answer.answer)? {
        Kind::Done(rack::Done {}) => LeaseAnswer::Done,
        Kind::Committed(rack::Committed { until, autonomy_ms }) => {
            LeaseAnswer::Committed { until: ClusterTime(until), autonomy: Millis(autonomy_ms) }
        }
        Kind::Delegated(rack::Delegated { first, last, until }) => LeaseAnswer::Delegated {
            first: client::read_address(first),
            last: client::read_address(last),
            until: ClusterTime(until),
        },
        Kind::Refused(refused) => {
            LeaseAnswer::Refused(refusal::read(refused).map_err(|error| error.within("refused"))?)
        }
        Kind::Contradiction(rack::Done {}) => LeaseAnswer::Contradiction,
    })
}

/// What became of a step.
///
/// # Errors
/// A block of IPv6 addresses.
pub fn write(answer: &LeaseAnswer) -> Result<rack::Answer, Malformed> {
    let kind = match answer {
        LeaseAnswer::Done => Kind::Done(rack::Done {}),
        LeaseAnswer::Committed { until, autonomy } => {
            Kind::Committed(rack::Committed { until: until.0, autonomy_ms: autonomy.0 })
        }
        LeaseAnswer::Delegated { first, last, until } => Kind::Delegated(rack::Delegated {
            first: client::write_address("delegated.first", *first)?,
            last: client::write_address("delegated.last", *last)?,
            until: until.0,
        }),
        LeaseAnswer::Refused(refused) => Kind::Refused(refusal::write(refused)),
        LeaseAnswer::Contradiction => Kind::Contradiction(rack::Done {}),
    };
    Ok(rack::Answer { answer: Some(kind) })
}
