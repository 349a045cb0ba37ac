//! A rack that was cut off tells what it gave meanwhile (rules R8 and R19).

use crate::lease::binding::{Binding, Client, Held, Tenure};
use crate::lease::free::Standing;
use crate::lease::give_up::declined;
use crate::lease::refusal::Refusal;
use crate::lease::server::Server;
use crate::lease::terms::Terms;
use crate::time::{ClusterTime, Millis};
use serde::{Deserialize, Serialize};

/// How long a client still has an address, by the clock of the rack that gave it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Remaining {
    /// So long.
    Exactly(Millis),
    /// No longer than that, and perhaps not at all: the rack's clock was not the same all the time.
    AtMost(Millis),
}

impl Remaining {
    /// The longest it may be.
    #[must_use]
    pub const fn longest(self) -> Millis {
        match self {
            Self::Exactly(millis) | Self::AtMost(millis) => millis,
        }
    }
}

/// What a rack gave without the region.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Adopt {
    /// The rack.
    pub server: Server,
    /// The rack's own number of this message.
    pub number: u64,
    /// The latest cluster time the rack had heard of when it sent this. If that is long ago, nobody knows any more when
    /// `remaining` began to count.
    pub as_of: ClusterTime,
    /// The client.
    pub client: Client,
    /// How long the client still has the address; 0 if that has ended.
    pub remaining: Remaining,
    /// Whether the region had given it to the client for good, through this rack. That counts after a restore, which may have
    /// forgotten it; otherwise the region knows better, for an admin may have ended it since.
    pub tenure: Tenure,
}

/// What comes of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Adopted {
    /// It is recorded.
    Recorded(Binding),
    /// Two clients have one address: the promise is broken. The address is given to nobody, and somebody has to look.
    Contradiction(Binding),
}

/// Records what a rack gave.
///
/// # Errors
/// [`Refusal::Outdated`] and [`Refusal::Late`]: what it says is no longer so. Nothing is changed.
pub fn adopt(
    standing: &Standing<'_>,
    adopt: &Adopt,
    now: ClusterTime,
    terms: &Terms,
) -> Result<Adopted, Refusal> {
    standing.check_order(adopt.server, adopt.number)?;
    if adopt.as_of.after(terms.guard) < now {
        return Err(Refusal::Late { as_of: adopt.as_of });
    }
    let longest = adopt.remaining.longest();
    let is_for_good = adopt.tenure == Tenure::ForGood && is_restored(standing, now);
    let is_holding = longest > Millis(0) || is_for_good;
    let mut binding = match standing.binding {
        None => Binding::new(Some(adopt.client.clone()), Held::Bound, now),
        Some(last) if !is_holding || last.owner.as_ref() == Some(&adopt.client) => last.clone(),
        Some(last) if is_own_block(standing, adopt.server, now, terms) => {
            Binding { owner: Some(adopt.client.clone()), ..last.clone() }
        }
        Some(last) => match (is_restored(standing, now), adopt.remaining) {
            (true, Remaining::Exactly(_)) => {
                Binding { owner: Some(adopt.client.clone()), ..last.clone() }
            }
            // One of two clients has it: neither gets it before both have had to let go.
            (true, Remaining::AtMost(_)) => Binding { owner: None, ..last.clone() },
            // Either of two had it, and one whose rack could not be told went on. Once the other has had to let go, it is
            // that one's alone.
            (false, _) if last.owner.is_none() && last.held != Held::Declined => {
                let owner = (!last.is_live(now)).then(|| adopt.client.clone());
                Binding { owner, ..last.clone() }
            }
            // It did not become another's before this client had to let go.
            (false, Remaining::AtMost(_)) => return Ok(Adopted::Recorded(last.clone())),
            (false, Remaining::Exactly(_)) => {
                return Ok(Adopted::Contradiction(declined(Some(last), now)));
            }
        },
    };
    binding.hear(adopt.server, adopt.number);
    if is_holding && binding.held != Held::Declined {
        let last = standing.binding.filter(|last| now < last.free_from(terms));
        binding.held = match last.filter(|last| last.belongs_to(&adopt.client)) {
            // A rack that was cut off went on with what an admin had ended: that is waited for, and ends all the same.
            Some(last) if last.held == Held::Ended => Held::Ended,
            Some(_) | None => Held::Bound,
        };
        binding.acknowledged_by = Some(adopt.server);
        binding.hold_for(longest, now, terms);
        if is_for_good {
            binding.expires = ClusterTime::NEVER;
        }
    }
    Ok(Adopted::Recorded(binding))
}

/// In its own block nobody but the rack gives addresses (R8).
fn is_own_block(standing: &Standing<'_>, rack: Server, now: ClusterTime, terms: &Terms) -> bool {
    let own = standing.block.filter(|block| block.server == rack);
    own.is_some_and(|block| now < block.until.after(terms.guard))
}

/// After a restore what racks say is newer than what is recorded (R20).
fn is_restored(standing: &Standing<'_>, now: ClusterTime) -> bool {
    standing.quarantine.is_some_and(|quarantine| quarantine.until(now).is_some())
}
