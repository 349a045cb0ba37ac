//! Many clients, few addresses, a region that comes and goes: whatever happens, no address has two holders. The region is
//! `core`'s half of the lease protocol, one rack is the exchange, and the clients do as they like.

use crate::packet::{DECLINE, Packet, RELEASE, ip};
use crate::rack::{OURS, Rack, reading, terms};
use regent_core::id::NodeId;
use regent_core::lease::adopt::{Adopt, Adopted, adopt};
use regent_core::lease::binding::{Binding, Held, Tenure};
use regent_core::lease::block::{Block, delegate, extend};
use regent_core::lease::commit::{Claim, Commit, commit};
use regent_core::lease::free::Standing;
use regent_core::lease::give_up::{Release, decline, declined, release};
use regent_core::lease::refusal::Refusal;
use regent_core::lease::server::{Incarnation, Server};
use regent_core::rack_view::lease::{Lease, Standing as Known};
use regent_core::time::ClusterTime;
use regent_rack_agent::dhcp::action::{Action, Pending, Verdict};
use regent_rack_agent::dhcp::exchange::give_back::released;
use regent_rack_agent::dhcp::holding::{Contact, OwnBlock};
use regent_rack_agent::dhcp::message::reply::ReplyKind;
use regent_rack_agent::dhcp::view::lease_list::LeaseList;
use regent_rack_agent::lease::rack_time::RackTime;
use regent_rack_agent::lease::record::Record;
use regent_rack_agent::lease::right::block_deadline;
use std::collections::BTreeMap;
use std::net::Ipv4Addr;

const SERVER: Server = Server { rack: NodeId(1), incarnation: Incarnation(0) };
const CLIENTS: u8 = 9;
const POOL: &str = "10.0.0.100-10.0.0.105";
const BLOCK: [&str; 2] = ["10.0.0.104", "10.0.0.105"];
const STEPS: usize = 4_000;

/// A seeded choice (xorshift).
struct Dice(u64);

impl Dice {
    fn below(&mut self, bound: u64) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0 % bound
    }

    fn client(&mut self) -> u8 {
        u8::try_from(self.below(CLIENTS.into())).unwrap()
    }

    fn address(&mut self) -> String {
        format!("10.0.0.{}", 100 + self.below(6))
    }
}

/// The region: bindings and one block, by the rules of `core`.
#[derive(Default)]
struct Region {
    bindings: BTreeMap<Ipv4Addr, Binding>,
    block: Option<Block>,
    number: u64,
}

impl Region {
    fn standing(&self, address: Ipv4Addr) -> Standing<'_> {
        let is_in_block = BLOCK.iter().any(|other| ip(other) == address);
        Standing {
            binding: self.bindings.get(&address),
            block: self.block.as_ref().filter(|_| is_in_block),
            kept_for: None,
            closed_until: None,
            quarantine: None,
        }
    }

    fn number(&mut self) -> u64 {
        self.number += 1;
        self.number
    }

    fn commit(&mut self, pending: &Pending, number: u64, now: ClusterTime) -> Result<(), Refusal> {
        let life = pending.life;
        let client = pending.request.client.clone();
        let (attested, claim) = (pending.attested, Claim::Offered);
        let tenure = Tenure::Leased;
        let asked = Commit { server: SERVER, number, client, life, tenure, attested, claim };
        let binding = commit(&self.standing(pending.address), &asked, now, &terms())?;
        self.bindings.insert(pending.address, binding);
        Ok(())
    }

    fn adopt(&mut self, address: Ipv4Addr, record: &Record, at: RackTime, now: ClusterTime) {
        let (number, remaining) = (self.number(), record.remaining(at));
        let (client, tenure) = (record.client.clone(), record.tenure);
        let told = Adopt { server: SERVER, number, as_of: now, client, remaining, tenure };
        match adopt(&self.standing(address), &told, now, &terms()) {
            Ok(Adopted::Recorded(binding)) => drop(self.bindings.insert(address, binding)),
            other => panic!("{address} {told:?}: {other:?}"),
        }
    }

    /// Another term for the block, or a new block; none while an address of it is not free.
    fn delegate(&mut self, now: ClusterTime) -> Option<Block> {
        let number = self.number();
        let extended = self.block.and_then(|block| extend(&block, SERVER, now, &terms()).ok());
        self.block = extended.or_else(|| {
            let is_over = self.block.is_none_or(|block| block.until.after(terms().guard) <= now);
            let mut addresses = BLOCK.iter().map(|address| self.standing(ip(address)));
            let is_free = addresses.all(|standing| standing.check_delegable(now, &terms()).is_ok());
            if is_over && is_free {
                Some(delegate(SERVER, number, now, &terms()))
            } else {
                self.block
            }
        });
        self.block.filter(|block| block.until == now.after(terms().block_term))
    }
}

/// Everything, and who holds what until when by its own count.
struct World {
    rack: Rack,
    region: Region,
    dice: Dice,
    holders: BTreeMap<Ipv4Addr, (u8, u64)>,
    acked: usize,
    acked_alone: usize,
}

impl World {
    fn new(seed: u64) -> Self {
        let mut rack = Rack::primary();
        rack.own_subnet().ranges = vec![POOL.parse().unwrap()];
        let (region, dice) = (Region::default(), Dice(seed));
        let mut world =
            Self { rack, region, dice, holders: BTreeMap::new(), acked: 0, acked_alone: 0 };
        world.meet();
        world
    }

    fn cluster_now(&self) -> ClusterTime {
        ClusterTime(self.rack.now.0)
    }

    /// The region and the rack talk: what was given alone first, then the block, then what the region knows.
    fn meet(&mut self) {
        let now = self.cluster_now();
        let held: Vec<_> = self.rack.book.holdings.iter().collect();
        for (address, record) in held {
            self.region.adopt(address, record, self.rack.now, now);
        }
        self.rack.book.contact = Contact::Quorum;
        if self.region.delegate(now).is_some() {
            let range = BLOCK.join("-").parse().unwrap();
            let deadline = block_deadline(self.rack.now, terms().block_term, &terms());
            self.rack.book.holdings.blocks = vec![OwnBlock { range, deadline }];
        }
        self.tell();
    }

    fn tell(&mut self) {
        let now = self.cluster_now();
        let mut leases = LeaseList::default();
        for (address, binding) in &self.region.bindings {
            let standing = if binding.held == Held::Declined && now < binding.expires {
                Known::Declined
            } else if binding.is_live(now) {
                Known::Held
            } else if binding.free_from(&terms()) > now {
                Known::Resting
            } else {
                Known::Free
            };
            let (client, tenure) = (binding.owner.clone(), binding.tenure());
            leases.put(*address, Lease { client, standing, tenure });
        }
        self.rack.own().leases = leases;
    }

    fn step(&mut self) {
        let pause = [10, 1_000, 20_000, 300_000][usize::try_from(self.dice.below(4)).unwrap()];
        self.rack.passes(1 + self.dice.below(pause));
        match self.dice.below(20) {
            0 => self.rack.book.contact = Contact::CutOff,
            1 => self.rack.book.contact = Contact::Distrusted,
            2..=4 => self.meet(),
            5 if self.rack.book.contact == Contact::Quorum => self.tell(),
            _ => self.act(),
        }
    }

    fn act(&mut self) {
        let number = self.dice.client();
        let wish = self.dice.address();
        let held = self.holders.iter().find(|(_, holder)| holder.0 == number);
        let held = held.map(|(address, _)| address.to_string());
        match (self.dice.below(10), held) {
            (0, Some(address)) => {
                self.let_go(number);
                let packet = Packet::of(RELEASE, number).address(54, OURS).ciaddr(&address);
                self.follow(number, packet);
            }
            (1, Some(address)) => {
                self.let_go(number);
                let packet = Packet::of(DECLINE, number).address(54, OURS).address(50, &address);
                self.follow(number, packet);
            }
            (2..=6, Some(address)) => self.follow(number, Packet::renewing(number, &address)),
            (2, None) => self.follow(number, Packet::selecting(number, OURS, &wish)),
            (3, None) => self.follow(number, Packet::renewing(number, &wish)),
            (7, _) => self.follow(number, Packet::rebooting(number, &wish)),
            _ => self.follow(number, Packet::discover(number)),
        }
    }

    fn let_go(&mut self, number: u8) {
        self.holders.retain(|_, holder| holder.0 != number);
    }

    /// Sends a packet and does what comes of it, to the end.
    fn follow(&mut self, number: u8, packet: Packet) {
        let asked = self.rack.now;
        let action = self.rack.hears(&packet);
        let before = self.rack.book.contact;
        let action = match action {
            Action::Commit(pending) => self.decide(&pending),
            other => other,
        };
        let action = match action {
            Action::Keep(kept) => {
                self.rack.passes(self.dice.below(3_000));
                self.rack.keeps(&kept)
            }
            other => other,
        };
        match action {
            Action::Send(outgoing) => {
                let reply = reading(Action::Send(outgoing));
                let address = reply.message.yiaddr();
                match reply.outgoing.reply.kind {
                    ReplyKind::Ack => {
                        self.acked += 1;
                        self.acked_alone += usize::from(before == Contact::CutOff);
                        let until = asked.0 + u64::from(reply.life_secs()) * 1000;
                        self.hold(number, address, until);
                    }
                    ReplyKind::Offer if self.dice.below(4) > 0 => {
                        let taking = Packet::selecting(number, OURS, &address.to_string());
                        self.rack.passes(self.dice.below(500));
                        self.follow(number, taking);
                    }
                    ReplyKind::Nak => self.let_go(number),
                    ReplyKind::Offer | ReplyKind::Boot => {}
                }
            }
            Action::Release(given) if self.rack.book.contact == Contact::Quorum => {
                let (now, number) = (self.cluster_now(), self.region.number());
                released(&given, number, self.rack.now, &mut self.rack.book);
                let told = Release { server: SERVER, number, client: given.client };
                self.amend(given.address, |last| release(last, &told, now).ok());
            }
            Action::Decline(conflict) if self.rack.book.contact == Contact::Quorum => {
                let now = self.cluster_now();
                self.amend(conflict.address, |last| match &conflict.client {
                    Some(client) => decline(last, client, now).ok(),
                    None => Some(declined(Some(last), now)),
                });
            }
            _ => {}
        }
    }

    fn amend(&mut self, address: Ipv4Addr, change: impl FnOnce(&Binding) -> Option<Binding>) {
        if let Some(binding) = self.region.bindings.get(&address).and_then(change) {
            self.region.bindings.insert(address, binding);
        }
    }

    /// The region commits or refuses; now and then its answer, or the question, is lost.
    fn decide(&mut self, pending: &Pending) -> Action {
        let (sent, number) = (self.rack.now, self.region.number());
        self.rack.passes(self.dice.below(100));
        let is_asked = self.dice.below(8) > 0;
        let now = self.cluster_now();
        let decided = is_asked.then(|| self.region.commit(pending, number, now));
        self.rack.passes(self.dice.below(5_000));
        let verdict = match decided {
            Some(_) if self.dice.below(8) == 0 => Verdict::Unreachable,
            Some(Ok(())) => Verdict::Granted { number, sent, autonomy: terms().autonomy },
            Some(Err(refusal)) => Verdict::Refused(refusal),
            None => Verdict::Unreachable,
        };
        if verdict == Verdict::Unreachable && self.dice.below(2) == 0 {
            self.rack.book.contact = Contact::CutOff;
        }
        self.rack.concludes(pending, verdict)
    }

    fn hold(&mut self, number: u8, address: Ipv4Addr, until: u64) {
        let now = self.rack.now.0;
        let last = self.holders.get(&address).copied();
        let mut until = until;
        match last {
            Some((other, last)) if other == number => until = until.max(last),
            Some((other, last)) => {
                assert!(
                    last <= now,
                    "{address}: {other} has it until {last}, and {number} at {now}"
                );
            }
            None => {}
        }
        self.holders.insert(address, (number, until));
    }
}

#[test]
fn no_address_has_two_holders_however_the_region_comes_and_goes() {
    let (mut acked, mut acked_alone) = (0, 0);
    for seed in 1..=20 {
        let mut world = World::new(seed);
        for _ in 0..STEPS {
            world.step();
        }
        acked += world.acked;
        acked_alone += world.acked_alone;
    }
    assert!(acked > 5_000 && acked_alone > 500, "{acked} leases, {acked_alone} of them alone");
}
