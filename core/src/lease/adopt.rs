//! A rack that was cut off tells what it gave meanwhile (rules R8 and R19).

use crate::lease::binding::{Binding, Client, Held, Server};
use crate::lease::free::Standing;
use crate::lease::give_up::declined;
use crate::lease::terms::Terms;
use crate::time::{ClusterTime, Millis};
use serde::{Deserialize, Serialize};

/// What a rack gave without the region.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Adopt {
    /// The rack.
    pub server: Server,
    /// The rack's own number of this message.
    pub number: u64,
    /// The client.
    pub client: Client,
    /// How long, by its clock, the client still has the address; 0 if that has ended.
    pub remaining: Millis,
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
#[must_use]
pub fn adopt(standing: &Standing<'_>, adopt: &Adopt, now: ClusterTime, terms: &Terms) -> Adopted {
    let is_own_block = standing.block.is_some_and(|block| block.server == adopt.server);
    let mut binding = match standing.binding {
        None => Binding::new(Some(adopt.client.clone()), Held::Bound, now),
        Some(last) if last.owner.as_ref() == Some(&adopt.client) => last.clone(),
        // In its block the rack may pass an address on, when the last owner has had to let go.
        Some(last) if is_own_block && !last.is_live(now) => {
            Binding { owner: Some(adopt.client.clone()), ..last.clone() }
        }
        Some(last) if adopt.remaining == Millis(0) => last.clone(),
        Some(last) => return Adopted::Contradiction(declined(Some(last), now)),
    };
    binding.settle(adopt.server, adopt.number);
    if binding.owner.as_ref() == Some(&adopt.client) {
        if adopt.remaining > Millis(0) && binding.held != Held::Declined {
            binding.held = Held::Bound;
        }
        binding.hold_for(adopt.remaining, now, terms);
    }
    Adopted::Recorded(binding)
}
