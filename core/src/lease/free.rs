//! When an address may get a new owner (rule R3).

use crate::lease::binding::{Binding, Client, Held};
use crate::lease::block::Block;
use crate::lease::quarantine::Quarantine;
use crate::lease::refusal::Refusal;
use crate::lease::server::Server;
use crate::lease::terms::Terms;
use crate::planted;
use crate::time::ClusterTime;

/// All that is recorded of one address.
#[derive(Clone, Copy, Debug)]
pub struct Standing<'a> {
    /// Who had it last.
    pub binding: Option<&'a Binding>,
    /// The block it lies in.
    pub block: Option<&'a Block>,
    /// The clients it is kept for, if it is kept: for nobody else then, and perhaps for no client at all.
    pub kept_for: Option<&'a [Client]>,
    /// Until when only whoever says that it has the address gets it: another DHCP server may have given it (rule R20).
    pub closed_until: Option<ClusterTime>,
    /// Of its VLAN, after a restore.
    pub quarantine: Option<&'a Quarantine>,
}

impl Standing<'_> {
    /// Whether the address may get an owner that is not its last one.
    ///
    /// # Errors
    /// What stands in the way.
    pub fn check_free(&self, now: ClusterTime, terms: &Terms) -> Result<(), Refusal> {
        let now = planted::time_of_leases(now);
        if let Some(until) = self.quarantine.and_then(|quarantine| quarantine.until(now)) {
            return Err(Refusal::Quarantined { until });
        }
        let Some(binding) = self.binding else { return Ok(()) };
        if binding.held == Held::Declined && now < binding.expires {
            return Err(Refusal::Declined { until: binding.expires });
        }
        let until = binding.free_from(terms);
        if until <= now {
            Ok(())
        } else if binding.is_live(now) {
            Err(Refusal::Owned { until: binding.expires })
        } else {
            Err(Refusal::Resting { until })
        }
    }

    /// Whether the address may become part of a new block (rule R8).
    ///
    /// # Errors
    /// What stands in the way.
    pub fn check_delegable(&self, now: ClusterTime, terms: &Terms) -> Result<(), Refusal> {
        self.check_block(None, now, terms)?;
        self.check_reserved(None)?;
        self.check_open(now)?;
        self.check_free(now, terms)
    }

    /// Whether the address may go to whoever asks: no other DHCP server can have given it to somebody unknown.
    ///
    /// # Errors
    /// [`Refusal::Closed`].
    pub fn check_open(&self, now: ClusterTime) -> Result<(), Refusal> {
        match self.closed_until.filter(|until| now < *until) {
            Some(until) => Err(Refusal::Closed { until }),
            None => Ok(()),
        }
    }

    /// Whether no other rack may be giving the address to whomever it likes, this moment or lately. `asking` is the rack
    /// that asks, which knows what it did itself.
    ///
    /// # Errors
    /// The rack that may.
    pub fn check_block(
        &self,
        asking: Option<Server>,
        now: ClusterTime,
        terms: &Terms,
    ) -> Result<(), Refusal> {
        let Some(block) = self.block.filter(|block| Some(block.server) != asking) else {
            return Ok(());
        };
        let until = block.until.after(terms.guard);
        if until <= now {
            return Ok(());
        }
        Err(Refusal::InBlock { server: block.server, until })
    }

    /// Whether a message of this rack comes after all it said before about the address and the block it lies in.
    ///
    /// # Errors
    /// [`Refusal::Outdated`].
    pub fn check_order(&self, server: Server, number: u64) -> Result<(), Refusal> {
        if let Some(block) = self.block.filter(|block| block.server == server) {
            let heard = block.number;
            if number <= heard {
                return Err(Refusal::Outdated { number, heard });
            }
        }
        self.binding.map_or(Ok(()), |binding| binding.check_order(server, number))
    }

    /// Whether the address is kept for nobody else.
    ///
    /// # Errors
    /// [`Refusal::Reserved`].
    pub fn check_reserved(&self, client: Option<&Client>) -> Result<(), Refusal> {
        match (self.kept_for, client) {
            (None, _) => Ok(()),
            (Some(holders), Some(client)) if holders.contains(client) => Ok(()),
            (Some(_), Some(_) | None) => Err(Refusal::Reserved),
        }
    }
}
