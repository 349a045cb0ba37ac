//! A /24 whose clients come and go while one of its two racks is dead for hours: what that rack gave waits until its rights
//! have run out, and still there is an address for everybody.

use crate::packet::{Packet, RELEASE};
use crate::rig::{EASTERN, Rig, WESTERN, kinds};
use crate::simulation::dice::Dice;
use regent_core::time::Millis;
use regent_rack_agent::dhcp::message::reply::ReplyKind;
use std::net::Ipv4Addr;

const VISITORS: u32 = 150;
const STEP_SECS: u64 = 10;
const MINUTE: u64 = 60;
const HOUR: u64 = 60 * MINUTE;
/// When the second rack dies, and when its two hours are over.
const DIES: u64 = HOUR;
const ENDS: u64 = 3 * HOUR;
/// Of a lease of ten minutes: when its server is asked to renew it, and when everybody is.
const T1_SECS: u64 = 300;
const T2_SECS: u64 = 525;

/// How clients come and go.
#[derive(Clone, Copy)]
struct Habit {
    /// How long they stay at most, in minutes.
    stay_max: u64,
    /// Of so many that leave another one comes back instead of one.
    another_in: u64,
}

#[derive(Clone, Copy)]
struct Visitor {
    id: u32,
    /// Its address, and the rack that gave it.
    hold: Option<(Ipv4Addr, usize)>,
    /// When it got it.
    since: u64,
    /// When it was renewed.
    renewed: u64,
    /// When it leaves, or came back.
    next: u64,
}

struct Turnover {
    rig: Rig,
    dice: Dice,
    habit: Habit,
    now: u64,
    ids: u32,
    /// Asked and was offered nothing.
    unserved: usize,
    /// Got an address.
    served: usize,
}

impl Turnover {
    /// Three hours; for the last two the second rack is dead.
    fn run(habit: Habit) -> Self {
        let mut rig = Rig::serving();
        rig.region.add_range(10, 99);
        rig.region.add_range(120, 249);
        let (dice, now, ids) = (Dice::new(1), 0, VISITORS);
        let mut world = Self { rig, dice, habit, now, ids, unserved: 0, served: 0 };
        let new = |id| Visitor { id, hold: None, since: 0, renewed: 0, next: 0 };
        let mut visitors: Vec<Visitor> = (0..VISITORS).map(new).collect();
        while world.now < ENDS {
            if world.now == DIES {
                world.rig.cut(WESTERN);
            }
            world.rig.skip(Millis::from_secs(STEP_SECS));
            for visitor in &mut visitors {
                world.live(visitor);
            }
            world.now += STEP_SECS;
        }
        world
    }

    fn is_alive(&self, rack: usize) -> bool {
        rack == EASTERN || self.now < DIES
    }

    fn live(&mut self, visitor: &mut Visitor) {
        let lived = self.now - visitor.renewed;
        match visitor.hold {
            None if self.now >= visitor.next => self.come(visitor),
            None => {}
            Some((address, rack)) if self.now >= visitor.next => self.go(visitor, address, rack),
            Some((address, rack)) if lived >= T1_SECS && self.is_alive(rack) => {
                self.renew(visitor, address, rack);
            }
            Some((address, _)) if lived >= T2_SECS => self.renew(visitor, address, EASTERN),
            Some(_) => {}
        }
    }

    fn come(&mut self, visitor: &mut Visitor) {
        // Each rack answers its share.
        let rack = if visitor.id % 2 == 1 && self.is_alive(WESTERN) { WESTERN } else { EASTERN };
        let offers = self.rig.hears_packet(rack, &from(visitor.id, Packet::discover(0).secs(3)));
        let Some(offer) = offers.first() else {
            self.unserved += 1;
            return;
        };
        let (address, server) = (offer.reply.yiaddr, self.rig.stations[rack].address_at(0));
        let taking = Packet::selecting(0, &server.to_string(), &address.to_string());
        let replies = self.rig.hears_packet(rack, &from(visitor.id, taking));
        if kinds(&replies) == [ReplyKind::Ack] {
            let stay = self.dice.between(1, self.habit.stay_max) * MINUTE;
            let (now, next) = (self.now, self.now + stay);
            let hold = Some((address, rack));
            *visitor = Visitor { hold, since: now, renewed: now, next, ..*visitor };
            self.served += 1;
        }
        // Else the other rack was faster, and had not heard of it: it asks again.
    }

    /// Half of them say that they go.
    fn go(&mut self, visitor: &mut Visitor, address: Ipv4Addr, rack: usize) {
        if self.dice.once_in(2) && self.is_alive(rack) {
            let releasing = Packet::of(RELEASE, 0).ciaddr(&address.to_string());
            self.rig.gets_packet(rack, &from(visitor.id, releasing), &address.to_string());
        }
        if self.dice.once_in(self.habit.another_in) {
            visitor.id = self.ids;
            self.ids += 1;
        }
        visitor.hold = None;
        visitor.next = self.now;
    }

    fn renew(&mut self, visitor: &mut Visitor, address: Ipv4Addr, rack: usize) {
        let (text, renewing) = (address.to_string(), Packet::renewing(0, &address.to_string()));
        let replies = self.rig.gets_packet(rack, &from(visitor.id, renewing), &text);
        assert_eq!(kinds(&replies), [ReplyKind::Ack], "{address} since {}", visitor.since);
        (visitor.hold, visitor.renewed) = (Some((address, rack)), self.now);
    }
}

fn from(id: u32, packet: Packet) -> Packet {
    packet.field(30, &id.to_be_bytes())
}

#[test]
fn network_of_150_that_come_and_go_does_not_run_dry_while_one_rack_is_dead_for_two_hours() {
    let over = Turnover::run(Habit { stay_max: 60, another_in: 4 });
    assert!(over.served > 900 && over.ids > VISITORS + 150, "{} {}", over.served, over.ids);
    assert_eq!(over.unserved, 0, "of {}", over.served);
}

#[test]
fn network_runs_dry_if_everybody_who_comes_is_somebody_new() {
    let over = Turnover::run(Habit { stay_max: 60, another_in: 1 });
    assert!(over.unserved > 0, "else the test above could not fail: {}", over.served);
}
