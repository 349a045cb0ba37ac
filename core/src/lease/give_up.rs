//! How an address comes back: by the rack that lets go of its right (R4), by the client (R5), as unusable (R14, R15), by an
//! admin.

use crate::lease::binding::{Binding, Client, Held, Tenure};
use crate::lease::refusal::Refusal;
use crate::lease::server::Server;
use crate::lease::terms::Terms;
use crate::time::{ClusterTime, Millis};
use serde::{Deserialize, Serialize};

/// How long an address that was found in use is given to nobody.
pub const DECLINED_MILLIS: Millis = Millis::from_secs(24 * 3_600);

/// A rack says that it will not act alone on an address any more. It has made that durable before.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Relinquish {
    /// The rack.
    pub server: Server,
    /// The rack's own number of this message.
    pub number: u64,
    /// The client it last acknowledged the address to.
    pub client: Client,
    /// How long, by its clock, that acknowledgement still runs.
    pub remaining: Millis,
}

/// A client gave its address back, through a rack.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Release {
    /// The rack.
    pub server: Server,
    /// The rack's own number of this message.
    pub number: u64,
    /// The client.
    pub client: Client,
}

/// Takes a rack's right to act alone off an address.
///
/// # Errors
/// [`Refusal::Outdated`]: the rack has a newer right.
pub fn relinquish(
    binding: &Binding,
    relinquish: &Relinquish,
    now: ClusterTime,
    terms: &Terms,
) -> Result<Binding, Refusal> {
    binding.check_order(relinquish.server, relinquish.number)?;
    let mut binding = binding.clone();
    binding.hear(relinquish.server, relinquish.number);
    binding.withdraw(relinquish.server);
    // The rack may have renewed it alone, for longer than was committed, and that may have ended just now.
    if binding.owner.as_ref() == Some(&relinquish.client) {
        binding.hold_for(relinquish.remaining, now, terms);
    }
    Ok(binding)
}

/// The client gave its address back. It is not free before racks that do not know it have lost their right to renew it. What it
/// has for good stays its own: the system that says this was booted by firmware that goes on with the address.
///
/// # Errors
/// [`Refusal::NotOwner`]; [`Refusal::Outdated`] and [`Refusal::RenewedSince`] if the client has it again.
pub fn release(binding: &Binding, release: &Release, now: ClusterTime) -> Result<Binding, Refusal> {
    if !binding.belongs_to(&release.client) {
        return Err(Refusal::NotOwner);
    }
    binding.check_order(release.server, release.number)?;
    if let Some(server) = binding.acknowledged_by.filter(|by| *by != release.server) {
        return Err(Refusal::RenewedSince { server });
    }
    let mut binding = binding.clone();
    binding.hear(release.server, release.number);
    if binding.tenure() == Tenure::ForGood {
        return Ok(binding);
    }
    if binding.held != Held::Ended {
        binding.held = Held::Released;
    }
    binding.expires = binding.expires.min(now);
    Ok(binding)
}

/// What an admin who ends a lease knows of its client.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Ending {
    /// Nothing: it may use the address as long as it was told it may, and a rack that is cut off may renew it as long as it
    /// was told it may. All that is waited for.
    ClientMayBeThere,
    /// It does not use the address and never will on the strength of this lease, and no rack that is cut off will renew it:
    /// somebody has made sure of that, as R17 and R20 want it of whoever fences. If that is wrong, two hold the address.
    ClientIsGone,
}

/// An admin ends a lease: no rack that has the region renews it from now on.
#[must_use]
pub fn end(binding: &Binding, ending: Ending, now: ClusterTime) -> Binding {
    let mut binding = binding.clone();
    binding.held = Held::Ended;
    match ending {
        Ending::ClientMayBeThere => {}
        Ending::ClientIsGone => {
            binding.expires = binding.expires.min(now);
            binding.foreign_until = binding.foreign_until.min(now);
            binding.autonomy.iter_mut().for_each(|autonomy| autonomy.until = None);
        }
    }
    binding
}

/// The client found its address in use.
///
/// # Errors
/// [`Refusal::NotOwner`].
pub fn decline(binding: &Binding, client: &Client, now: ClusterTime) -> Result<Binding, Refusal> {
    if !binding.belongs_to(client) {
        return Err(Refusal::NotOwner);
    }
    Ok(declined(Some(binding), now))
}

/// An address that somebody unknown uses, whoever saw it.
#[must_use]
pub fn declined(last: Option<&Binding>, now: ClusterTime) -> Binding {
    let mut binding = last.cloned().unwrap_or_else(|| Binding::new(None, Held::Declined, now));
    binding.held = Held::Declined;
    binding.expires = binding.expires.max(now.after(DECLINED_MILLIS));
    binding
}
