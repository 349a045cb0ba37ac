//! What passes between clients and racks, and who holds what in the end.

use crate::simulation::client::{Client, Heard, Message};
use crate::simulation::world::{Item, TwoHolders, World};
use crate::station::WIRES;
use regent_rack_agent::dhcp::action::Outgoing;
use std::net::Ipv4Addr;

impl World {
    pub(super) fn act(&mut self, client: usize) {
        let message = self.clients[client].act(self.now, &mut self.dice);
        self.note_hold(client);
        message.into_iter().for_each(|message| self.send(client, &message));
        // Who has an address mostly renews it in time.
        let most = match self.clients[client].hold {
            Some(_) => [60_000, 280_000, 280_000, 280_000, 2_000_000],
            None => [10_000, 100_000, 100_000, 400_000, 2_000_000],
        };
        let pause = self.dice.one_of(&most);
        let pause = self.dice.between(1_000, pause);
        self.after(pause, Item::Act(client));
    }

    /// A client's message reaches each rack it is for, or does not.
    pub(super) fn send(&mut self, client: usize, message: &Message) {
        let wire = self.clients[client].wire;
        for rack in 0..self.machines.len() {
            let address = self.machines[rack].station.address_at(wire);
            let is_near = !self.is_split || client % self.machines.len() == rack;
            let is_for = message.to.is_none_or(|to| to == address);
            if is_for && is_near && !self.dice.once_in(10) {
                let pause = self.dice.one_of(&[1, 1, 30, 800]);
                let message = message.clone();
                self.after(pause, Item::ToRack { rack, wire: WIRES[wire], message });
            }
        }
    }

    pub(super) fn reply(
        &mut self,
        client: usize,
        outgoing: &Outgoing,
        was_alone: bool,
    ) -> Result<(), TwoHolders> {
        match self.clients[client].hear(outgoing, self.now) {
            Heard::Nothing => self.note_hold(client),
            Heard::Taking(message) => self.send(client, &message),
            Heard::Acked(address, until) => {
                self.tally.acked += 1;
                self.tally.acked_alone += usize::from(was_alone);
                self.note_hold(client);
                self.hold(self.clients[client].number, address, until)?;
            }
        }
        Ok(())
    }

    /// A client that has let go of its address does not hold it.
    pub(super) fn note_hold(&mut self, client: usize) {
        let Client { number, hold, .. } = &self.clients[client];
        let (number, held) = (*number, hold.map(|(address, _)| address));
        self.holders.retain(|address, (holder, _)| *holder != number || Some(*address) == held);
    }

    pub(super) fn hold(
        &mut self,
        number: u8,
        address: Ipv4Addr,
        until: u64,
    ) -> Result<(), TwoHolders> {
        if let Some((holder, end)) = self.holders.get(&address)
            && *holder != number
            && self.now < *end
        {
            let (holder, until) = (*holder, *end);
            return Err(TwoHolders { address, holder, until, other: number, now: self.now });
        }
        let last = self.last_holders.insert(address, number);
        self.tally.passed_on += usize::from(last.is_some_and(|last| last != number));
        if self.now < until {
            self.holders.insert(address, (number, until));
        }
        Ok(())
    }
}
