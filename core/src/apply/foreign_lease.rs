//! Leases of another DHCP server: each becomes one of ours that no rack of ours has given, and rests longer than ours do
//! (rule R20). Which addresses are closed for what is not known of that server is in `cut_over`.

use crate::apply::cut_over;
use crate::apply::draft::Draft;
use crate::apply::text::check_length;
use crate::command::lease::{FOREIGN_LEASES_MAX, ForeignHolder, ForeignLease, ForeignLeases};
use crate::id::SubnetId;
use crate::lease::binding::{Binding, Client, Held, Tenure};
use crate::lease::give_up::declined;
use crate::lease::terms::Terms;
use crate::model::cut_over::CutOver;
use crate::model::lease::{CLIENT_HOSTNAME_BYTES_MAX, CLIENT_ID_BYTES_MAX, Lease};
use crate::model::subnet::Subnet;
use crate::outcome::ForeignAnswer;
use crate::query::around::Around;
use crate::query::cut_over::is_served;
use crate::query::terms::terms_of;
use crate::rejection::Rejection;
use crate::state::State;
use crate::time::{ClusterTime, Millis};
use std::collections::BTreeSet;

/// The longest lease of another server: the longest time the protocol can say (RFC 2131 section 3.3).
const FOREIGN_LIFE_MAX: Millis = Millis::from_secs(u32::MAX as u64);

/// How far the other server's clock may be ahead of ours.
const AHEAD_MILLIS_MAX: Millis = Millis::from_secs(24 * 60 * 60);

/// What becomes of each lease. The dynamic ranges of subnets in which one is recorded are closed.
///
/// # Errors
/// What no importer sends; nothing is done then.
pub(in crate::apply) fn import(
    draft: &mut Draft,
    wish: &ForeignLeases,
) -> Result<Vec<ForeignAnswer>, Rejection> {
    if wish.leases.len() > FOREIGN_LEASES_MAX {
        let what = "leases of one request".to_owned();
        return Err(Rejection::Limit { what, max: FOREIGN_LEASES_MAX as u64 });
    }
    if wish.longest > FOREIGN_LIFE_MAX {
        return Err(Rejection::invalid("longest_lease_s", "is longer than a lease can be"));
    }
    // One wrong date would have every lease run out, and every later import be an older one.
    let ahead = wish.as_of.0.saturating_sub(draft.wall().0);
    if u64::try_from(ahead).is_ok_and(|ahead| Millis(ahead) > AHEAD_MILLIS_MAX) {
        return Err(Rejection::invalid("as_of_ms", "is more than a day ahead"));
    }
    wish.leases.iter().try_for_each(check_plain)?;
    let mut subnets = BTreeSet::new();
    let mut answers = Vec::with_capacity(wish.leases.len());
    for lease in &wish.leases {
        draft.within_budget()?;
        let answer = record(draft, wish, lease);
        subnets.extend(answer.ok());
        answers.push(answer.err().unwrap_or(ForeignAnswer::Recorded));
    }
    for subnet in subnets {
        cut_over::close(draft, subnet, wish.as_of, wish.longest);
    }
    Ok(answers)
}

fn check_plain(lease: &ForeignLease) -> Result<(), Rejection> {
    let Some(ForeignHolder { client, facts, remaining }) = &lease.holder else { return Ok(()) };
    let identifier = match client {
        Client::Identifier(identifier) => identifier.len(),
        Client::Card(_) => 0,
    };
    if identifier.max(facts.client_id.len()) > CLIENT_ID_BYTES_MAX {
        let reason = format!("longer than {CLIENT_ID_BYTES_MAX} bytes");
        return Err(Rejection::invalid("client_id", reason));
    }
    if *remaining > FOREIGN_LIFE_MAX {
        return Err(Rejection::invalid("remaining_s", "is longer than a lease can be"));
    }
    check_length("hostname", &facts.hostname, CLIENT_HOSTNAME_BYTES_MAX)
}

/// Records a lease; the subnet it is on, or why not.
fn record(
    draft: &mut Draft,
    wish: &ForeignLeases,
    lease: &ForeignLease,
) -> Result<SubnetId, ForeignAnswer> {
    let (now, terms) = (draft.now(), terms_of(draft.state()));
    let around = Around::of(draft.state(), lease.address);
    let subnet = around.subnet.ok_or(ForeignAnswer::NoSubnet)?;
    around.check_given().map_err(|_| ForeignAnswer::NotGiven)?;
    let known = draft.state().get::<CutOver>(&subnet);
    if known.is_some_and(|known| wish.as_of < known.value.as_of) {
        return Err(ForeignAnswer::Older);
    }
    around.standing().check_block(None, now, &terms).map_err(|_| ForeignAnswer::OursSince)?;
    let last = around.lease().filter(|last| !last.is_past);
    // What an admin has ended stays so, however often the other server's copy of it comes in.
    let owner = lease.holder.as_ref().map(|holder| &holder.client);
    let is_kept = |last: &Lease| {
        last.binding.held == Held::Ended
            || last.binding.tenure() == Tenure::ForGood
            || is_in_use(&last.binding, owner, now, &terms)
            || (is_ours(last) && is_of_now(draft.state(), subnet, last))
    };
    if last.is_some_and(is_kept) {
        return Err(ForeignAnswer::OursSince);
    }
    let rested = last.map(|last| last.binding.foreign_until).unwrap_or_default();
    let rests_until = last.map(|last| last.rests_until).unwrap_or_default();
    // What racks sent before stays void.
    let autonomy = last.map(|last| last.binding.autonomy.clone()).unwrap_or_default();
    let (mut binding, facts) = match &lease.holder {
        None => (declined(None, now), None),
        Some(holder) => {
            let expires = now.after(terms.lengthened(holder.remaining));
            let owner = Some(holder.client.clone());
            (Binding::new(owner, Held::Bound, expires), Some(&holder.facts))
        }
    };
    let longest = terms.lengthened(wish.longest).max(terms.guard);
    binding.autonomy = autonomy;
    // A client that this one followed may have had it from that server, too.
    binding.foreign_until = binding.expires.after(longest).max(rested);
    let facts = facts.cloned().unwrap_or_default();
    let lease_now = Lease {
        start: now,
        rack: None,
        subnet: Some(subnet),
        client_id: facts.client_id,
        hostname: facts.hostname,
        rests_until: binding.free_from(&terms).max(rests_until),
        is_past: false,
        binding,
    };
    draft.put(lease.address, lease_now);
    Ok(subnet)
}

/// Whether somebody to whom a rack of ours gave it has it still, or somebody else than the other server names may be told by
/// a rack that is cut off that it goes on.
fn is_in_use(last: &Binding, owner: Option<&Client>, now: ClusterTime, terms: &Terms) -> bool {
    let is_given = last.acknowledged_by.is_some() && last.is_live(now);
    let rights = last.autonomy.iter().filter_map(|autonomy| autonomy.until);
    let may_go_on = rights.max().is_some_and(|until| now < until.after(terms.guard));
    is_given || (may_go_on && last.owner.as_ref() != owner)
}

/// Whether racks of ours serve the subnet since before they gave that lease: otherwise another server came after it.
fn is_of_now(state: &State, subnet: SubnetId, lease: &Lease) -> bool {
    match state.get::<CutOver>(&subnet) {
        Some(row) => row.value.served_since.is_some_and(|since| since <= lease.start),
        None => state.get::<Subnet>(&subnet).is_some_and(|row| is_served(state, row.value.vlan)),
    }
}

/// Whether a rack of ours has had to do with it.
fn is_ours(lease: &Lease) -> bool {
    lease.rack.is_some()
        || lease.binding.acknowledged_by.is_some()
        || lease.binding.foreign_until <= lease.binding.expires
}
