//! Two racks and the region on one clock, where everything is done at once unless the test holds it up.

use crate::packet::{Packet, ip};
use crate::region::{RACKS, Region, UPPER};
use crate::station::{Station, WIRES};
use regent_core::command::rack::LeaseStep;
use regent_core::lease::server::Incarnation;
use regent_core::rack_view::change::ViewChange;
use regent_core::time::Millis;
use regent_rack_agent::dhcp::action::{Found, Outgoing};
use regent_rack_agent::dhcp::arrival::Cast;
use regent_rack_agent::dhcp::message::reply::ReplyKind;
use regent_rack_agent::duty::effect::{Alarm, Effect};
use regent_rack_agent::duty::event::{Event, Heard};
use regent_rack_agent::lease::rack_time::RackTime;
use regent_rack_agent::session::{Answered, Ask, Beat, Fellow, FromRegion, NoAnswer, Opened};
use std::net::Ipv4Addr;

/// The rack most tests look at, which answers first, and the other.
pub(crate) const EASTERN: usize = 0;
pub(crate) const WESTERN: usize = 1;

/// The stage.
pub(crate) struct Rig {
    pub(crate) region: Region,
    pub(crate) stations: [Station; 2],
    pub(crate) now: RackTime,
    sessions: [Option<u64>; 2],
    /// Nothing gets onto a disk.
    pub(crate) is_disk_slow: bool,
    /// Questions reach the region, and no answer the racks.
    pub(crate) is_region_silent: bool,
    /// What is done instead of asking the region.
    pub(crate) failure: Option<NoAnswer>,
    /// Questions on their way, with the rack and its session.
    pub(crate) questions: Vec<(usize, u64, Ask)>,
    /// Every step that reached the region.
    pub(crate) steps: Vec<LeaseStep>,
    sent: Vec<(usize, Outgoing)>,
    pub(crate) alarms: Vec<Alarm>,
    pub(crate) beats: Vec<Beat>,
    pub(crate) hang_ups: usize,
}

impl Rig {
    /// Both racks have a session, and a block of each VLAN as far as there is one.
    pub(crate) fn serving() -> Self {
        let mut rig = Self::alone();
        rig.join(EASTERN);
        rig.join(WESTERN);
        rig.meet();
        rig.pass(3);
        rig
    }

    /// No rack has ever had a session.
    pub(crate) fn alone() -> Self {
        let now = RackTime(1_000_000);
        Self {
            region: Region::founded(),
            stations: RACKS.map(|node| Station::new(node, now)),
            now,
            sessions: [None; 2],
            is_disk_slow: false,
            is_region_silent: false,
            failure: None,
            questions: Vec::new(),
            steps: Vec::new(),
            sent: Vec::new(),
            alarms: Vec::new(),
            beats: Vec::new(),
            hang_ups: 0,
        }
    }

    /// A session begins.
    pub(crate) fn join(&mut self, rack: usize) {
        self.open(rack, self.stations[rack].duty.life());
    }

    /// A session begins of a rack that says that it has no records.
    pub(crate) fn join_without_records(&mut self, rack: usize) {
        self.open(rack, None);
    }

    fn open(&mut self, rack: usize, life: Option<Incarnation>) {
        let node = self.stations[rack].node;
        let opened = self.region.open(node, life).unwrap();
        self.sessions[rack] = Some(opened.session);
        let (epoch, now) = (self.region.epoch(), self.region.now);
        let opened = Opened { epoch, rack: node, life: opened.life, now };
        self.hears(rack, Event::Region(FromRegion::Opened(opened)));
        self.told(rack);
        self.settle();
    }

    /// The rack is told everything anew.
    pub(crate) fn told(&mut self, rack: usize) {
        let told = self.region.told(self.stations[rack].node);
        self.hears(rack, Event::Region(FromRegion::Told(Box::new(told))));
    }

    /// The rack is told of all leases as of a difference.
    pub(crate) fn told_difference(&mut self, rack: usize) {
        let told = self.region.told(self.stations[rack].node);
        let (removed, vlans, hosts) = (Vec::new(), Vec::new(), Vec::new());
        let difference = ViewChange { whole: false, removed, vlans, hosts, ..told };
        self.hears(rack, Event::Region(FromRegion::Told(Box::new(difference))));
    }

    /// The racks tell each other that they are there.
    fn meet(&mut self) {
        for (rack, other) in [(EASTERN, WESTERN), (WESTERN, EASTERN)] {
            let place = u32::from(other != EASTERN);
            let (vlan, server_id) = (UPPER, self.stations[other].address_at(0));
            let (rack_id, missed_heartbeats) = (self.stations[other].node, 0);
            let fellow = Fellow { vlan, rack: rack_id, server_id, place, missed_heartbeats };
            self.hears(rack, Event::Region(FromRegion::Fellows(vec![fellow])));
        }
    }

    /// The session is over.
    pub(crate) fn cut(&mut self, rack: usize) {
        self.sessions[rack] = None;
        self.hears(rack, Event::Region(FromRegion::Closed));
        self.settle();
    }

    /// Seconds pass; racks that have a session are told the view.
    pub(crate) fn pass(&mut self, secs: u64) {
        for _ in 0..secs {
            self.now = self.now.after(Millis(1_000));
            self.region.now = self.region.now.after(Millis(1_000));
            for rack in [EASTERN, WESTERN] {
                self.hears(rack, Event::Tick);
                if self.sessions[rack].is_some() {
                    self.told(rack);
                }
            }
            self.settle();
        }
    }

    /// Time passes at once; racks that have a session are told the view.
    pub(crate) fn skip(&mut self, length: Millis) {
        self.now = self.now.after(length);
        self.region.now = self.region.now.after(length);
        for rack in [EASTERN, WESTERN] {
            self.hears(rack, Event::Tick);
            if self.sessions[rack].is_some() {
                self.told(rack);
            }
        }
        self.settle();
        self.take_sent();
    }

    /// A rack hears of something; what it wants done waits for [`Self::settle`].
    pub(crate) fn hears(&mut self, rack: usize, event: Event) {
        for effect in self.stations[rack].handle(self.now, event) {
            match effect {
                Effect::Transmit { outgoing, .. } => self.sent.push((rack, *outgoing)),
                Effect::Ask(ask) => {
                    if let Some(session) = self.sessions[rack] {
                        self.questions.push((rack, session, ask));
                    }
                }
                Effect::Probe { id, .. } => {
                    self.hears(rack, Event::Tried { id, found: Found::Nobody });
                }
                Effect::HangUp => {
                    self.hang_ups += 1;
                    self.sessions[rack] = None;
                }
                Effect::Alarm(alarm) => self.alarms.push(alarm),
                Effect::Beat(beat) => self.beats.push(beat),
                Effect::Write { .. } => {}
            }
        }
    }

    /// Disks and region do what is to be done, as far as the test lets them.
    pub(crate) fn settle(&mut self) {
        loop {
            let has_synced = [EASTERN, WESTERN].into_iter().any(|rack| self.sync(rack));
            if !has_synced && !self.answer_next() {
                return;
            }
        }
    }

    /// All writes of a rack get onto its disk. Returns whether there were any.
    fn sync(&mut self, rack: usize) -> bool {
        if self.is_disk_slow {
            return false;
        }
        let Some(id) = self.stations[rack].last_unsynced() else { return false };
        self.stations[rack].sync(id);
        self.hears(rack, Event::Durable(id));
        true
    }

    fn answer_next(&mut self) -> bool {
        if self.is_region_silent || self.questions.is_empty() {
            return false;
        }
        let (rack, session, ask) = self.questions.remove(0);
        self.answer(rack, session, ask);
        true
    }

    /// The region answers a question, however late it is.
    pub(crate) fn answer(&mut self, rack: usize, session: u64, ask: Ask) {
        self.steps.extend(ask.steps.iter().cloned());
        let node = self.stations[rack].node;
        let result = match self.failure {
            Some(failure) => Err(failure),
            None => match self.region.ask(node, session, ask.steps) {
                Ok(answers) => Ok(answers),
                Err(_) => return,
            },
        };
        let answered = Answered { id: ask.id, at: self.now, result };
        self.hears(rack, Event::Region(FromRegion::Answered(answered)));
    }

    /// A broadcast of a client reaches a rack, which does what comes of it.
    pub(crate) fn hears_packet(&mut self, rack: usize, packet: &Packet) -> Vec<Outgoing> {
        self.receives(rack, 0, packet, (Ipv4Addr::UNSPECIFIED, Cast::Broadcast))
    }

    /// A message to a rack alone.
    pub(crate) fn gets_packet(
        &mut self,
        rack: usize,
        packet: &Packet,
        source: &str,
    ) -> Vec<Outgoing> {
        self.receives(rack, 0, packet, (ip(source), Cast::Unicast))
    }

    /// A message reaches a rack at one of its wires.
    pub(crate) fn receives(
        &mut self,
        rack: usize,
        wire: usize,
        packet: &Packet,
        (source, cast): (Ipv4Addr, Cast),
    ) -> Vec<Outgoing> {
        self.sent.clear();
        let (wire, bytes, received) = (WIRES[wire], packet.bytes(), self.now);
        self.hears(rack, Event::Heard(Box::new(Heard { wire, bytes, source, cast, received })));
        self.settle();
        self.take_sent()
    }

    /// Replies that were sent since.
    pub(crate) fn take_sent(&mut self) -> Vec<Outgoing> {
        std::mem::take(&mut self.sent).into_iter().map(|(_, outgoing)| outgoing).collect()
    }

    /// A client gets an address from a rack, from DISCOVER to ACK.
    #[track_caller]
    pub(crate) fn binds(&mut self, rack: usize, client: u8) -> Ipv4Addr {
        let offer = self.hears_packet(rack, &Packet::discover(client).secs(3));
        let address = offered(&offer);
        let acked = self.takes(rack, client, address);
        assert_eq!(kinds(&acked), [ReplyKind::Ack]);
        address
    }

    /// A client takes the offer of a rack.
    pub(crate) fn takes(&mut self, rack: usize, client: u8, address: Ipv4Addr) -> Vec<Outgoing> {
        self.takes_from(rack, rack, client, address)
    }

    /// A client takes the offer of a rack, and another hears it.
    pub(crate) fn takes_from(
        &mut self,
        rack: usize,
        hears: usize,
        client: u8,
        address: Ipv4Addr,
    ) -> Vec<Outgoing> {
        let server = self.stations[rack].address_at(0).to_string();
        self.hears_packet(hears, &Packet::selecting(client, &server, &address.to_string()))
    }

    /// A client wants more time.
    pub(crate) fn renews(&mut self, rack: usize, client: u8, address: Ipv4Addr) -> Vec<Outgoing> {
        let address = address.to_string();
        self.gets_packet(rack, &Packet::renewing(client, &address), &address)
    }

    /// The process of a rack ends and begins again.
    pub(crate) fn crash(&mut self, rack: usize) {
        self.sessions[rack] = None;
        self.questions.retain(|(of, _, _)| *of != rack);
        self.stations[rack].crash(0, self.now);
        self.settle();
    }
}

/// The address in the one offer among replies.
#[track_caller]
pub(crate) fn offered(replies: &[Outgoing]) -> Ipv4Addr {
    assert_eq!(kinds(replies), [ReplyKind::Offer]);
    replies[0].reply.yiaddr
}

/// What replies are.
pub(crate) fn kinds(replies: &[Outgoing]) -> Vec<ReplyKind> {
    replies.iter().map(|outgoing| outgoing.reply.kind).collect()
}

/// The lease time of the one reply in seconds.
#[track_caller]
pub(crate) fn life_secs(replies: &[Outgoing]) -> u32 {
    let value = replies[0].reply.options[&51].as_slice();
    u32::from_be_bytes(value.try_into().unwrap())
}
