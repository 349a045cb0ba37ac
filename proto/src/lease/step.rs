//! One step of the lease protocol.

use crate::lease::client;
use crate::lease::tenure::{is_for_good, read_tenure};
use crate::malformed::{Malformed, required};
use crate::rack;
use crate::rack::step::Step as Kind;
use regent_core::command::rack::LeaseStep;
use regent_core::id::SubnetId;
use regent_core::lease::adopt::Remaining;
use regent_core::lease::commit::Claim;
use regent_core::time::{ClusterTime, Millis};

/// What a rack asks.
///
/// # Errors
/// A kind not known here, or a client that none can be.
pub fn read(step: rack::Step) -> Result<LeaseStep, Malformed> {
    let address = client::read_address;
    Ok(match required("step", step.step)? {
        Kind::Commit(asked) => LeaseStep::Commit {
            number: asked.number,
            epoch: asked.epoch,
            address: address(asked.address),
            client: client::read("commit.client", asked.client)?,
            life: Millis(asked.life_ms),
            tenure: read_tenure(asked.for_good),
            attested: asked.attested,
            claim: if asked.claimed { Claim::Held } else { Claim::Offered },
            facts: client::read_facts("commit.facts", asked.facts)?,
        },
        Kind::Release(told) => LeaseStep::Release {
            number: told.number,
            address: address(told.address),
            client: client::read("release.client", told.client)?,
        },
        Kind::Decline(told) => LeaseStep::Decline {
            number: told.number,
            address: address(told.address),
            client: client::read("decline.client", told.client)?,
        },
        Kind::FoundInUse(told) => {
            LeaseStep::FoundInUse { epoch: told.epoch, address: address(told.address) }
        }
        Kind::Relinquish(told) => LeaseStep::Relinquish {
            number: told.number,
            address: address(told.address),
            client: client::read("relinquish.client", told.client)?,
            remaining: Millis(told.remaining_ms),
        },
        Kind::Adopt(told) => LeaseStep::Adopt {
            number: told.number,
            as_of: ClusterTime(told.as_of),
            address: address(told.address),
            client: client::read("adopt.client", told.client)?,
            remaining: read_remaining(told.remaining_ms, told.exactly),
            tenure: read_tenure(told.for_good),
            facts: client::read_facts("adopt.facts", told.facts)?,
        },
        Kind::Adopted(rack::Adopted {}) => LeaseStep::Adopted,
        Kind::Delegate(rack::Delegate { number, epoch, subnet, count }) => {
            LeaseStep::Delegate { number, epoch, subnet: SubnetId(subnet), count }
        }
        Kind::Extend(rack::Extend { first }) => LeaseStep::Extend { first: address(first) },
        Kind::Return(rack::Return { number, first }) => {
            LeaseStep::Return { number, first: address(first) }
        }
    })
}

/// What a rack asks.
///
/// # Errors
/// An IPv6 address, or what is longer than a message may carry.
pub fn write(step: &LeaseStep) -> Result<rack::Step, Malformed> {
    let kind = match step {
        LeaseStep::Commit {
            number,
            epoch,
            address,
            client,
            life,
            tenure,
            attested,
            claim,
            facts,
        } => Kind::Commit(rack::Commit {
            number: *number,
            epoch: *epoch,
            address: client::write_address("commit.address", *address)?,
            client: Some(client::write("commit.client", client)?),
            life_ms: life.0,
            for_good: is_for_good(*tenure),
            attested: *attested,
            claimed: *claim == Claim::Held,
            facts: Some(client::write_facts("commit.facts", facts)?),
        }),
        LeaseStep::Release { number, address, client } => Kind::Release(rack::Release {
            number: *number,
            address: client::write_address("release.address", *address)?,
            client: Some(client::write("release.client", client)?),
        }),
        LeaseStep::Decline { number, address, client } => Kind::Decline(rack::Decline {
            number: *number,
            address: client::write_address("decline.address", *address)?,
            client: Some(client::write("decline.client", client)?),
        }),
        LeaseStep::FoundInUse { epoch, address } => Kind::FoundInUse(rack::FoundInUse {
            epoch: *epoch,
            address: client::write_address("found_in_use.address", *address)?,
        }),
        LeaseStep::Relinquish { number, address, client, remaining } => {
            Kind::Relinquish(rack::Relinquish {
                number: *number,
                address: client::write_address("relinquish.address", *address)?,
                client: Some(client::write("relinquish.client", client)?),
                remaining_ms: remaining.0,
            })
        }
        LeaseStep::Adopt { number, as_of, address, client, remaining, tenure, facts } => {
            Kind::Adopt(rack::Adopt {
                number: *number,
                as_of: as_of.0,
                address: client::write_address("adopt.address", *address)?,
                client: Some(client::write("adopt.client", client)?),
                remaining_ms: remaining.longest().0,
                exactly: matches!(remaining, Remaining::Exactly(_)),
                for_good: is_for_good(*tenure),
                facts: Some(client::write_facts("adopt.facts", facts)?),
            })
        }
        LeaseStep::Adopted => Kind::Adopted(rack::Adopted {}),
        LeaseStep::Delegate { number, epoch, subnet, count } => Kind::Delegate(rack::Delegate {
            number: *number,
            epoch: *epoch,
            subnet: subnet.0,
            count: *count,
        }),
        LeaseStep::Extend { first } => {
            Kind::Extend(rack::Extend { first: client::write_address("extend.first", *first)? })
        }
        LeaseStep::Return { number, first } => Kind::Return(rack::Return {
            number: *number,
            first: client::write_address("return.first", *first)?,
        }),
    };
    Ok(rack::Step { step: Some(kind) })
}

const fn read_remaining(remaining_ms: u64, exactly: bool) -> Remaining {
    let remaining = Millis(remaining_ms);
    if exactly { Remaining::Exactly(remaining) } else { Remaining::AtMost(remaining) }
}
