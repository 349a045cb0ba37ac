//! What a rack may acknowledge without the region (rules R7 and R8).

use crate::lease::rack_time::RackTime;
use crate::lease::record::Record;
use regent_core::lease::binding::Client;
use regent_core::lease::terms::Terms;
use regent_core::time::Millis;

/// A shorter lease is not worth giving: the client would ask again before it is set up.
pub const LIFE_ALONE_MIN: Millis = Millis::from_secs(30);

/// For how long a rack that is cut off may renew an address for the client that has it; none if it may not.
#[must_use]
pub fn renewal_alone(
    record: &Record,
    client: &Client,
    now: RackTime,
    terms: &Terms,
    life_min: Millis,
) -> Option<Millis> {
    let right = record.alone_until.filter(|_| record.client == *client)?;
    life_until(right, now, terms, life_min)
}

/// For how long a rack may give an address of its own block to a client; none if it may not. `deadline` is when the block
/// ends for the rack, `last` what it remembers of the address.
#[must_use]
pub fn lease_from_block(
    deadline: RackTime,
    last: Option<&Record>,
    client: &Client,
    now: RackTime,
    terms: &Terms,
    life_min: Millis,
) -> Option<Millis> {
    let is_free = last.is_none_or(|last| last.is_free_for(client, now, terms));
    if is_free { life_until(deadline, now, terms, life_min) } else { None }
}

/// When a block that was asked for, or asked to be extended, at `sent` ends for the rack. `term` is what the region
/// granted, as its answer says.
#[must_use]
pub fn block_deadline(sent: RackTime, term: Millis, terms: &Terms) -> RackTime {
    sent.after(terms.shortened(term))
}

/// The longest lease that ends on the client's clock before the rack's right does: clocks may part meanwhile.
fn life_until(right: RackTime, now: RackTime, terms: &Terms, life_min: Millis) -> Option<Millis> {
    let life = terms.shortened(now.until(right)).min(terms.life);
    (life >= life_min && life > Millis(0)).then_some(life)
}
