//! What a host does, and how time passes.

use crate::step::Step;
use crate::world::Exchange;
use regent_core::time::Millis;

/// One of the clocks. Each may be wrong by one tick in all.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Clock {
    /// Cluster time.
    Region,
    /// A rack's.
    Rack(usize),
    /// A host's.
    Host(usize),
}

/// How the clocks run during one tick of real time.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Pace {
    /// All by one tick.
    Even,
    /// All but this one, which stands.
    Slow(Clock),
    /// All, but this one by two.
    Fast(Clock),
}

impl Step<'_> {
    /// A host asks a rack for an address, new or again, whatever it had before.
    pub fn request(&mut self, host: usize, rack: usize, address: usize) {
        let asking = &mut self.world.hosts[host];
        let exchange = Exchange { first: asking.now, last: asking.now };
        asking.exchange = Some(exchange);
        self.ask_for_address(rack, host, address, exchange.first);
    }

    /// A host sends its request once more, and counts its lease from then, if the ACK comes after that. The copy itself
    /// is lost.
    pub fn request_again(&mut self, host: usize) {
        let life = self.setting.terms().life;
        let asking = &mut self.world.hosts[host];
        let Some(exchange) = &mut asking.exchange else { return };
        let counted_before = exchange.last;
        exchange.last = asking.now;
        for until in asking.holds.iter_mut().flatten() {
            if *until == end_of_lease(counted_before, life) {
                *until = end_of_lease(asking.now, life);
            }
        }
    }

    /// A host gives its address back.
    pub fn give_back(&mut self, host: usize, rack: usize, address: usize) {
        let giving = &mut self.world.hosts[host];
        giving.holds[address] = None;
        giving.exchange = None;
        self.take_back(rack, host, address);
    }

    /// Real time goes on by one tick.
    pub fn pass_time(&mut self, pace: Pace) {
        self.world.tick += 1;
        let by = move |clock| match pace {
            Pace::Slow(wrong) if wrong == clock => 0,
            Pace::Fast(wrong) if wrong == clock => 2,
            Pace::Even | Pace::Slow(_) | Pace::Fast(_) => 1,
        };
        let region = &mut self.world.region;
        region.now = region.now.after(Millis(u64::from(by(Clock::Region))));
        region.drifted |= by(Clock::Region) != 1;
        for (index, rack) in self.world.racks.iter_mut().enumerate() {
            if !rack.is_paused {
                rack.now = rack.now.after(Millis(u64::from(by(Clock::Rack(index)))));
                rack.drifted |= by(Clock::Rack(index)) != 1;
            }
        }
        for (index, host) in self.world.hosts.iter_mut().enumerate() {
            host.now += by(Clock::Host(index));
            host.drifted |= by(Clock::Host(index)) != 1;
            let now = host.now;
            host.holds.iter_mut().for_each(|until| *until = until.filter(|until| now < *until));
        }
    }
}

/// When a lease ends that counts from then.
#[must_use]
pub fn end_of_lease(sent: u8, life: Millis) -> u8 {
    sent + u8::try_from(life.0).expect("lives are a few ticks")
}
