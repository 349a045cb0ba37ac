//! A rack asks for an address on behalf of a client: commit before ACK (rules R1, R2 and R6).

use crate::lease::binding::{Autonomy, Binding, Client, Held, Tenure};
use crate::lease::free::Standing;
use crate::lease::refusal::Refusal;
use crate::lease::server::Server;
use crate::lease::terms::Terms;
use crate::time::{ClusterTime, Millis};
use serde::{Deserialize, Serialize};

/// What the client says of itself. Nobody can know it better: it is believed only where nobody else is known to have the
/// address.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Claim {
    /// It takes an offer of ours, or was rebooted and asks for what it had, however long ago.
    Offered,
    /// It has a lease of the address that still runs: it renews or rebinds (RFC 2131 section 4.3.2).
    Held,
}

/// What a rack asks before it acknowledges an address.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Commit {
    /// The rack. That it serves the VLAN in its present epoch is judged before.
    pub server: Server,
    /// The rack's own number of this message; they grow.
    pub number: u64,
    /// The client.
    pub client: Client,
    /// For how long: what the rack may acknowledge, and count on, whatever the tenure.
    pub life: Millis,
    /// Whether the client keeps it beyond that, for good.
    pub tenure: Tenure,
    /// Whether the rack gave the client this address itself and, by its clock, the client still has it.
    pub attested: bool,
    /// What the client says of itself.
    pub claim: Claim,
}

/// Gives an address to a client, or more time to the client that has it.
///
/// # Errors
/// Why not; nothing is changed then.
pub fn commit(
    standing: &Standing<'_>,
    commit: &Commit,
    now: ClusterTime,
    terms: &Terms,
) -> Result<Binding, Refusal> {
    if commit.life == Millis(0) || commit.life > terms.life {
        return Err(Refusal::Life);
    }
    standing.check_order(commit.server, commit.number)?;
    // Even the owner is refused: the rack of the block may have given the address on since we last heard of it.
    standing.check_block(Some(commit.server), now, terms)?;
    standing.check_reserved(Some(&commit.client))?;
    check_tenure(standing, commit)?;
    let mut binding = match standing.binding.filter(|last| last.belongs_to(&commit.client)) {
        Some(own) if own.held != Held::Ended => {
            check_known(standing, commit, now)?;
            check_still(standing, own, commit, now)?;
            own.clone()
        }
        own => {
            let free = standing.check_free(now, terms);
            free.map_err(|refusal| if own.is_some() { ended(refusal) } else { refusal })?;
            check_claim(standing, commit, now)?;
            passed_on(standing.binding, &commit.client, now)
        }
    };
    let end = now.after(commit.life);
    let let_go = match commit.tenure {
        Tenure::Leased => end,
        Tenure::ForGood => ClusterTime::NEVER,
    };
    // The client may hear of an earlier and longer grant only, so the longest counts.
    binding.expires = binding.expires.max(let_go);
    binding.held = Held::Bound;
    binding.acknowledged_by = Some(commit.server);
    binding.hear(commit.server, commit.number);
    binding.grant(commit.server, end.after(terms.autonomy));
    Ok(binding)
}

/// Nobody gets an address for good that is not kept for it (rule R17).
fn check_tenure(standing: &Standing<'_>, commit: &Commit) -> Result<(), Refusal> {
    let is_kept = standing.kept_for.is_some_and(|clients| clients.contains(&commit.client));
    match commit.tenure {
        Tenure::ForGood if !is_kept => Err(Refusal::NotGiven),
        Tenure::ForGood | Tenure::Leased => Ok(()),
    }
}

/// After a restore the record of an owner may be older than what racks did since: only the rack that gave the address
/// itself knows that it still is the client's (rule R20).
fn check_known(standing: &Standing<'_>, commit: &Commit, now: ClusterTime) -> Result<(), Refusal> {
    let until = standing.quarantine.and_then(|quarantine| quarantine.until(now));
    match until {
        Some(until) if !commit.attested => Err(Refusal::Quarantined { until }),
        Some(_) | None => Ok(()),
    }
}

/// To a client whose lease an admin ended, an address that rests is not its own for certain: it is told so (rule R13).
const fn ended(refusal: Refusal) -> Refusal {
    if let Refusal::Resting { until } = refusal { Refusal::Ended { until } } else { refusal }
}

/// The other server's lease of the client has run out, and nothing of ours followed it: that server may have given the address
/// to somebody else.
fn check_still(
    standing: &Standing<'_>,
    own: &Binding,
    commit: &Commit,
    now: ClusterTime,
) -> Result<(), Refusal> {
    let is_ours = own.acknowledged_by.is_some();
    if is_ours || own.is_live(now) { Ok(()) } else { check_claim(standing, commit, now) }
}

/// What another DHCP server gave since its leases were copied is known only to the client that has it. Such a server gave
/// an address to one client at a time, so who has a lease of it that still runs is the only one.
fn check_claim(standing: &Standing<'_>, commit: &Commit, now: ClusterTime) -> Result<(), Refusal> {
    match commit.claim {
        Claim::Offered => standing.check_open(now),
        Claim::Held => Ok(()),
    }
}

/// The record of an address that goes to its next owner. How far each rack was heard is remembered, so that what it
/// sent before stays void; of its lives only the last one, since the others have nothing to say any more.
fn passed_on(last: Option<&Binding>, client: &Client, now: ClusterTime) -> Binding {
    let mut binding = Binding::new(Some(client.clone()), Held::Bound, now);
    let autonomy = last.map_or(&[][..], |last| last.autonomy.as_slice());
    let lives = autonomy.chunk_by(|one, next| one.server.rack == next.server.rack);
    let last_lives = lives.filter_map(<[Autonomy]>::last);
    binding.autonomy = last_lives.map(|own| Autonomy { until: None, ..*own }).collect();
    binding
}
