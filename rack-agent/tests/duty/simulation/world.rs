//! The world: one real time, three racks, the region, clients, and a network and machines that fail.

use crate::region::{ALL_RACKS, Region, UPPER};
use crate::simulation::client::{Client, Message};
use crate::simulation::clock::counted;
use crate::simulation::dice::Dice;
use crate::simulation::faults::{FAULTS, Resumption};
use crate::simulation::machine::Machine;
use crate::simulation::mistake::Mistake;
use crate::station::WIRES;
use regent_core::time::Millis;
use regent_rack_agent::dhcp::action::{Found, Outgoing};
use regent_rack_agent::dhcp::holding::Contact;
use regent_rack_agent::dhcp::recent::left::LEFT_MILLIS;
use regent_rack_agent::duty::effect::Effect;
use regent_rack_agent::duty::event::{Event, Heard as HeardPacket, ProbeId, WireId, WriteId};
use regent_rack_agent::lease::rack_time::RackTime;
use regent_rack_agent::session::{Ask, FromRegion};
use std::collections::BTreeMap;
use std::net::Ipv4Addr;

/// Clients of each wire.
const CLIENTS: [u8; 2] = [24, 12];

/// Two clients with one address.
#[derive(Debug)]
#[expect(dead_code, reason = "it is printed")]
pub(super) struct TwoHolders {
    pub(super) address: Ipv4Addr,
    pub(super) holder: u8,
    pub(super) until: u64,
    pub(super) other: u8,
    pub(super) now: u64,
}

/// What happened in a history, to see that it was no idle one.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Tally {
    pub(super) acked: usize,
    pub(super) acked_alone: usize,
    pub(super) passed_on: usize,
    pub(super) faults: [usize; FAULTS],
    pub(super) contradictions: usize,
}

/// Something that is to happen.
pub(super) enum Item {
    Tick(usize),
    /// What a rack left to another may be overdue.
    Overdue(usize),
    Synced {
        rack: usize,
        process: u64,
        id: WriteId,
    },
    Dial(usize),
    Asked {
        rack: usize,
        session: u64,
        ask: Ask,
    },
    Said {
        rack: usize,
        process: u64,
        session: Option<u64>,
        said: FromRegion,
    },
    View(usize),
    Tried {
        rack: usize,
        process: u64,
        id: ProbeId,
    },
    ToRack {
        rack: usize,
        wire: WireId,
        message: Message,
    },
    ToClient {
        client: usize,
        outgoing: Box<Outgoing>,
        was_alone: bool,
    },
    Act(usize),
    Fault,
    /// What was cut is joined again.
    Reconnect(usize),
    /// The region's nodes find a majority again.
    RegionBack,
    /// Clients reach all racks again.
    Rejoin,
    /// A machine that was off or stood still goes on.
    Resume(usize, Resumption),
}

impl Tally {
    /// Counts another history.
    pub(super) fn add(&mut self, other: &Self) {
        self.acked += other.acked;
        self.acked_alone += other.acked_alone;
        self.passed_on += other.passed_on;
        self.contradictions += other.contradictions;
        for (times, more) in self.faults.iter_mut().zip(other.faults) {
            *times += more;
        }
    }
}

/// All of it.
pub(super) struct World {
    pub(super) now: u64,
    order: u64,
    queue: BTreeMap<(u64, u64), Item>,
    pub(super) dice: Dice,
    pub(super) mistake: Mistake,
    pub(super) region: Region,
    region_drift_ppm: i64,
    /// Whether the region's nodes find no majority.
    pub(super) is_region_away: bool,
    pub(super) machines: Vec<Machine>,
    /// Whether each client reaches one rack only.
    pub(super) is_split: bool,
    pub(super) clients: Vec<Client>,
    pub(super) holders: BTreeMap<Ipv4Addr, (u8, u64)>,
    pub(super) last_holders: BTreeMap<Ipv4Addr, u8>,
    pub(super) tally: Tally,
}

impl World {
    pub(super) fn new(seed: u64, mistake: Mistake) -> Self {
        let mut dice = Dice::new(seed);
        let machines = ALL_RACKS.iter().map(|node| Machine::new(*node, dice.drift_ppm())).collect();
        let numbers = [(0, 0..CLIENTS[0]), (1, CLIENTS[0]..CLIENTS[0] + CLIENTS[1])];
        let clients = numbers.into_iter().flat_map(|(wire, numbers)| {
            numbers.map(move |number| (wire, number)).collect::<Vec<_>>()
        });
        let clients =
            clients.map(|(wire, number)| Client::new(number, wire, dice.drift_ppm())).collect();
        let mut world = Self {
            now: 0,
            order: 0,
            queue: BTreeMap::new(),
            region_drift_ppm: dice.drift_ppm(),
            dice,
            mistake,
            region: Region::founded(),
            is_region_away: false,
            machines,
            is_split: false,
            clients,
            holders: BTreeMap::new(),
            last_holders: BTreeMap::new(),
            tally: Tally::default(),
        };
        world.region.serve(UPPER, &ALL_RACKS);
        for rack in 0..ALL_RACKS.len() {
            world.after(100, Item::Dial(rack));
            world.after(500, Item::Tick(rack));
            world.after(3_000, Item::View(rack));
        }
        for client in 0..world.clients.len() {
            let pause = world.dice.below(60_000);
            world.after(pause, Item::Act(client));
        }
        world.after(60_000, Item::Fault);
        world
    }

    /// Lets the world go on until then.
    pub(super) fn run(mut self, until: u64) -> Result<Tally, TwoHolders> {
        while let Some(((at, _), item)) = self.queue.pop_first() {
            if at > until {
                break;
            }
            let passed = counted(at - self.now, self.region_drift_ppm);
            self.region.now = self.region.now.after(Millis(passed));
            self.now = at;
            self.happen(item)?;
        }
        self.tally.contradictions = self.region.contradictions;
        Ok(self.tally)
    }

    pub(super) fn after(&mut self, pause: u64, item: Item) {
        self.order += 1;
        self.queue.insert((self.now + pause, self.order), item);
    }

    fn happen(&mut self, item: Item) -> Result<(), TwoHolders> {
        match item {
            Item::Tick(rack) => {
                if self.is_running(rack) {
                    self.hears(rack, Event::Tick);
                }
                let pause = self.dice.between(500, 10_000);
                self.after(pause, Item::Tick(rack));
            }
            Item::Overdue(rack) => {
                if self.is_running(rack) {
                    self.hears(rack, Event::Tick);
                }
            }
            Item::Synced { rack, process, id } if self.machines[rack].process == process => {
                self.synced(rack, process, id);
            }
            Item::Synced { .. } => {}
            Item::Dial(rack) => self.dial(rack),
            Item::Asked { rack, session, ask } => self.asked(rack, session, ask),
            Item::Said { rack, process, session, said } => {
                let machine = &self.machines[rack];
                let is_current = session.is_none() || machine.session == session;
                if machine.process == process && is_current {
                    self.say_or_wait(rack, process, session, said);
                }
            }
            Item::View(rack) => self.tell_view(rack),
            Item::Tried { rack, process, id } => {
                if self.machines[rack].process == process && self.is_running(rack) {
                    self.hears(rack, Event::Tried { id, found: Found::Nobody });
                }
            }
            Item::ToRack { rack, wire, message } => self.packet(rack, wire, message),
            Item::ToClient { client, outgoing, was_alone } => {
                self.reply(client, &outgoing, was_alone)?;
            }
            Item::Act(client) => self.act(client),
            Item::Fault => self.fail(),
            Item::Reconnect(rack) => {
                self.machines[rack].is_cut = false;
                self.after(50, Item::Dial(rack));
            }
            Item::RegionBack => self.is_region_away = false,
            Item::Rejoin => self.is_split = false,
            Item::Resume(rack, resumption) => self.resume(rack, resumption),
        }
        Ok(())
    }

    pub(super) fn is_running(&self, rack: usize) -> bool {
        self.machines[rack].is_running
    }

    /// The rack's clock.
    pub(super) fn rack_now(&self, rack: usize) -> RackTime {
        self.machines[rack].clock_at(self.now)
    }

    /// The rack hears of something and does what comes of it.
    pub(super) fn hears(&mut self, rack: usize, event: Event) {
        let now = self.rack_now(rack);
        let machine = &mut self.machines[rack];
        let effects = machine.station.handle(now, event);
        let process = machine.process;
        if let Some(id) = machine.station.last_unsynced() {
            let pause = self.dice.one_of(&[1, 5, 20, 20, 1_500]);
            self.after(pause, Item::Synced { rack, process, id });
        }
        for effect in effects {
            self.perform(rack, effect);
        }
    }

    fn synced(&mut self, rack: usize, process: u64, id: WriteId) {
        if !self.is_running(rack) {
            return self.after(1_000, Item::Synced { rack, process, id });
        }
        // A disk that says so too early has leases in its cache for long, and a crash takes them.
        let is_late = self.mistake == Mistake::DiskForgets && self.dice.below(100) > 0;
        let station = &mut self.machines[rack].station;
        if is_late {
            station.sync_without_leases(id)
        } else {
            station.sync(id)
        }
        self.hears(rack, Event::Durable(id));
    }

    fn perform(&mut self, rack: usize, effect: Effect) {
        match effect {
            Effect::Transmit { wire, outgoing } => {
                let was_alone = self.machines[rack].station.duty.contact() != Contact::Quorum;
                let place = WIRES.iter().position(|known| *known == wire).unwrap();
                let number = outgoing.reply.hardware.chaddr[5];
                let client =
                    self.clients.iter().position(|c| c.number == number && c.wire == place);
                let client = client.unwrap();
                let is_near = !self.is_split || client % self.machines.len() == rack;
                if is_near && !self.dice.once_in(20) {
                    let pause = self.dice.one_of(&[1, 2, 10, 3_000]);
                    self.after(pause, Item::ToClient { client, outgoing, was_alone });
                }
            }
            Effect::Ask(ask) => {
                let Some(session) = self.machines[rack].session else { return };
                let is_lost = self.machines[rack].is_cut && self.dice.once_in(2);
                if !is_lost {
                    let pause = self.dice.one_of(&[1, 5, 5, 20, 1_000, 3_000]);
                    self.after(pause, Item::Asked { rack, session, ask });
                }
            }
            Effect::HangUp => self.close(rack),
            // Probes are a second net only: here they never find anybody.
            Effect::Probe { id, .. } => {
                let process = self.machines[rack].process;
                self.after(200, Item::Tried { rack, process, id });
            }
            Effect::Beat(_) | Effect::Alarm(_) | Effect::Write { .. } => {}
        }
    }

    fn packet(&mut self, rack: usize, wire: WireId, message: Message) {
        if !self.is_running(rack) {
            return;
        }
        let Message { bytes, source, cast, to: _ } = message;
        let received = self.rack_now(rack);
        self.after(LEFT_MILLIS.0 + 50, Item::Overdue(rack));
        self.hears(
            rack,
            Event::Heard(Box::new(HeardPacket { wire, bytes, source, cast, received })),
        );
    }
}
