//! A rack in the world: has its machine hear of packets, of the region and of time, and does what the machine wants.

use crate::chance::Chance;
use crate::group::Group;
use crate::names::HostId;
use crate::rack::clock::{RackClock, Rate};
use crate::rack::lan::{Lan, Packet};
use crate::rack::machine::{Machine, WIRE};
use crate::rack::session::{FromNode, FromRack, Hello, serve};
use crate::rack::site::{address_of, key_of};
use crate::rack::way::{Entrance, line};
use crate::record::Recorder;
use regent_core::id::{NodeId, VlanId};
use regent_core::revision::Revision;
use regent_rack_agent::dhcp::action::{Found, Outgoing};
use regent_rack_agent::duty::effect::{Alarm, Effect};
use regent_rack_agent::duty::event::{Event, Heard};
use regent_rack_agent::session::{Answered, Ask, Fellow, FromRegion, NoAnswer};
use std::cell::{Cell, RefCell};
use std::collections::VecDeque;
use std::rc::Rc;
use std::time::Duration;
use tokio::sync::{Notify, mpsc};
use tokio::task::JoinHandle;
use tokio::time::{sleep, sleep_until, timeout};

/// The host of the rack with place 0; the others follow.
const FIRST_HOST: u8 = 200;
/// How wrong clocks may go, in parts of a million.
const RATE_PPM_MAX: u64 = 500;
/// How often an agent hears that time passes.
const TICK: Duration = Duration::from_millis(500);
/// So many of them are between two looks at the clocks.
const TICKS_A_LOOK: u64 = 2;
/// What a connection gets.
const CONNECT_MAX: Duration = Duration::from_secs(2);
/// From the first word to an open session.
const WELCOME_MAX: Duration = Duration::from_secs(6);
/// A node that says nothing for so long is given up.
const SILENCE_MAX: Duration = Duration::from_secs(3);
/// Between two tries to reach a node, in milliseconds.
const PAUSE_MS: (u64, u64) = (50, 1_000);
/// What a trial of an address takes.
const TRIAL: Duration = Duration::from_millis(200);
/// What it takes until something is durable, in milliseconds; now and then a disk is slow.
const SYNC_MS: [u64; 8] = [1, 1, 5, 5, 5, 20, 20, 1_500];

/// A rack; clones are the same.
#[derive(Clone)]
pub struct Rack(Rc<Inner>);

struct Inner {
    place: u8,
    node: NodeId,
    fellows: Vec<Fellow>,
    group: Group,
    lan: Lan,
    recorder: Recorder,
    machine: RefCell<Machine>,
    chance: RefCell<Chance>,
    /// The line to the region that is in use.
    line: RefCell<Option<Line>>,
    lines: Cell<u64>,
    is_frozen: Cell<bool>,
    thawed: Notify,
    /// Whether something is done to its process just now.
    is_struck: Cell<bool>,
    tasks: RefCell<Vec<JoinHandle<()>>>,
}

struct Line {
    number: u64,
    to_node: Entrance<FromRack>,
}

/// Finds fault with a task that panics.
struct Sound(Recorder);

impl Drop for Sound {
    fn drop(&mut self) {
        if std::thread::panicking() {
            self.0.find("a rack panicked".to_owned());
        }
    }
}

impl Rack {
    /// The rack with this place among `nodes`, whose process is to be [started](Self::start).
    #[must_use]
    pub fn new(
        (place, nodes): (u8, &[NodeId]),
        vlan: VlanId,
        (group, lan, recorder): (Group, Lan, Recorder),
        mut chance: Chance,
    ) -> Self {
        let ahead = i64::try_from(chance.within(0..=2 * RATE_PPM_MAX)).unwrap_or_default();
        let rate = Rate(ahead.saturating_sub_unsigned(RATE_PPM_MAX));
        let machine = Machine::new(address_of(place), RackClock::booted_now(rate));
        let fellow = |(other, rack): (u8, &NodeId)| Fellow {
            vlan,
            rack: *rack,
            server_id: address_of(other),
            place: other.into(),
            missed_heartbeats: 0,
        };
        // As if none were ever missing: what rests on that is no matter of safety.
        let fellows = (0..).zip(nodes).filter(|(other, _)| *other != place).map(fellow).collect();
        Self(Rc::new(Inner {
            place,
            node: nodes[usize::from(place)],
            fellows,
            group,
            lan,
            recorder,
            machine: RefCell::new(machine),
            chance: RefCell::new(chance),
            line: RefCell::new(None),
            lines: Cell::new(0),
            is_frozen: Cell::new(false),
            thawed: Notify::new(),
            is_struck: Cell::new(false),
            tasks: RefCell::default(),
        }))
    }

    /// Its name in histories.
    #[must_use]
    pub fn name(&self) -> String {
        format!("rack{}", self.0.place)
    }

    /// Its host, as the wires to the region know it.
    #[must_use]
    pub fn host(&self) -> HostId {
        HostId(FIRST_HOST + self.0.place)
    }

    /// Begins its life in the world: it hears what comes in here.
    pub fn begin(&self, packets: mpsc::Receiver<Packet>) {
        self.start();
        let (ticks, keeps, hears) = (self.clone(), self.clone(), self.clone());
        let tasks = [
            tokio::task::spawn_local(ticks.tick()),
            tokio::task::spawn_local(keeps.keep_line()),
            tokio::task::spawn_local(hears.listen(packets)),
        ];
        self.0.tasks.borrow_mut().extend(tasks);
    }

    /// Ends its life. It does nothing more.
    pub fn end(&self) {
        self.0.tasks.borrow_mut().drain(..).for_each(|task| task.abort());
        self.lose_process();
    }

    /// Whether its process may be struck now: until it is [left alone](Self::leave_alone), nobody else may strike it.
    #[must_use]
    pub fn strike(&self) -> bool {
        !self.0.is_struck.replace(true)
    }

    /// Its process is as it should be again.
    pub fn leave_alone(&self) {
        self.0.is_struck.set(false);
    }

    /// Starts its process.
    pub fn start(&self) {
        let effects = self.0.machine.borrow_mut().start();
        self.do_all(effects);
    }

    /// Ends its process at once; of what was not durable, chance decides how much is.
    pub fn lose_process(&self) {
        self.0.line.replace(None);
        let kept = |unsynced| self.0.chance.borrow_mut().below(unsynced + 1);
        self.0.machine.borrow_mut().end(kept);
    }

    /// Has its machine boot, whose process has ended.
    pub fn boot(&self) {
        self.0.machine.borrow_mut().clock.boot();
        self.start();
    }

    /// Sets its wall clock.
    pub fn jump(&self, by_ms: i64) {
        self.0.machine.borrow_mut().clock.jump(by_ms);
    }

    /// Has its process stand still until it is [thawed](Self::thaw). Its clocks go on.
    pub fn freeze(&self) {
        self.0.is_frozen.set(true);
    }

    /// Lets its process go on: it looks at its clocks first.
    pub fn thaw(&self) {
        self.0.is_frozen.set(false);
        self.look_at_clocks();
        self.0.thawed.notify_waiters();
    }

    fn sound(&self) -> Sound {
        Sound(self.0.recorder.clone())
    }

    fn process(&self) -> Option<u64> {
        self.0.machine.borrow().process()
    }

    async fn awake(&self) {
        while self.0.is_frozen.get() {
            self.0.thawed.notified().await;
        }
    }

    async fn tick(self) {
        let _sound = self.sound();
        for ticks in 0_u64.. {
            sleep(TICK).await;
            self.awake().await;
            if ticks.is_multiple_of(TICKS_A_LOOK) {
                self.look_at_clocks();
            }
            self.hear(Event::Tick);
        }
    }

    fn look_at_clocks(&self) {
        let effects = self.0.machine.borrow_mut().look_at_clocks();
        self.do_all(effects);
    }

    async fn listen(self, mut packets: mpsc::Receiver<Packet>) {
        let _sound = self.sound();
        while let Some(packet) = packets.recv().await {
            // The kernel takes it, whatever the process does.
            let received = self.0.machine.borrow().clock.now();
            let (cast, Packet { bytes, source, to: _ }) = (packet.cast(), packet);
            let heard = Heard { wire: WIRE, bytes, source, cast, received };
            self.later(Duration::ZERO, move |rack| rack.hear(Event::Heard(Box::new(heard))));
        }
    }

    /// Does something after a while, unless the process that runs now has ended by then.
    fn later(&self, pause: Duration, work: impl FnOnce(&Self) + 'static) {
        let (rack, process) = (self.clone(), self.process());
        tokio::task::spawn_local(async move {
            let _sound = rack.sound();
            sleep(pause).await;
            rack.awake().await;
            if process.is_some() && rack.process() == process {
                work(&rack);
            }
        });
    }

    fn hear(&self, event: Event) {
        let effects = self.0.machine.borrow_mut().handle(event);
        self.do_all(effects);
    }

    fn do_all(&self, effects: Vec<Effect>) {
        let mut effects = VecDeque::from(effects);
        while let Some(effect) = effects.pop_front() {
            effects.extend(self.do_one(effect));
        }
    }

    /// Does something, and says what there is to be done because of it.
    fn do_one(&self, effect: Effect) -> Vec<Effect> {
        match effect {
            Effect::Transmit { wire: _, outgoing } => self.transmit(&outgoing),
            Effect::Write { id, writes: _ } => {
                let pause = self.0.chance.borrow_mut().one_of(&SYNC_MS);
                self.later(Duration::from_millis(pause), move |rack| {
                    let effects = rack.0.machine.borrow_mut().synced(id);
                    rack.do_all(effects);
                });
            }
            // Trials are a second net, which would hide what the rules let through: here they never find anybody.
            Effect::Probe { id, .. } => {
                let found = Found::Nobody;
                self.later(TRIAL, move |rack| rack.hear(Event::Tried { id, found }));
            }
            Effect::Ask(ask) => return self.ask(ask),
            // The line says by itself that the rack is there.
            Effect::Beat(_) => {
                if let Some(line) = &mut *self.0.line.borrow_mut() {
                    let _gone = line.to_node.send(FromRack::Sign);
                }
            }
            Effect::HangUp => drop(self.0.line.replace(None)),
            Effect::Alarm(alarm @ Alarm::HeldTwice { .. }) => {
                self.0.recorder.find(format!("{} is told: {alarm:?}", self.name()));
            }
            Effect::Alarm(_) => {}
        }
        Vec::new()
    }

    fn transmit(&self, outgoing: &Outgoing) {
        let tenant = outgoing.reply.hardware.chaddr[5];
        self.0.lan.to_tenant(self.0.place, tenant, outgoing.reply.encode().bytes);
    }

    /// A question that the line does not take was not asked.
    fn ask(&self, ask: Ask) -> Vec<Effect> {
        let id = ask.id;
        let taken = match &mut *self.0.line.borrow_mut() {
            Some(line) => line.to_node.send(FromRack::Ask(ask)).is_ok(),
            None => false,
        };
        if taken {
            return Vec::new();
        }
        let mut machine = self.0.machine.borrow_mut();
        let (at, result) = (machine.clock.now(), Err(NoAnswer::NotDone));
        machine.handle(Event::Region(FromRegion::Answered(Answered { id, at, result })))
    }

    /// Keeps a line to some node of the region.
    async fn keep_line(self) {
        let _sound = self.sound();
        loop {
            let (pause, host) = {
                let mut chance = self.0.chance.borrow_mut();
                let hosts = self.0.group.hosts();
                let host = (!hosts.is_empty()).then(|| chance.one_of(&hosts));
                (chance.within(PAUSE_MS.0..=PAUSE_MS.1), host)
            };
            sleep(Duration::from_millis(pause)).await;
            self.awake().await;
            if let (Some(process), Some(host)) = (self.process(), host) {
                self.follow(process, host).await;
            }
        }
    }

    /// Has a session with a node, if there is one, to its end.
    async fn follow(&self, process: u64, host: HostId) {
        let router = self.0.group.router();
        let (there, back) = ((self.host(), host), (host, self.host()));
        sleep_until(router.arrival()).await;
        if !router.is_open_within(there, CONNECT_MAX).await || self.process() != Some(process) {
            return;
        }
        let Some(running) = self.0.group.running(host) else { return };
        let (to_node, from_rack) = line(router, there, "rack");
        let (to_rack, mut from_node) = line(router, back, "rack");
        let number = self.0.lines.get() + 1;
        self.0.lines.set(number);
        self.0.line.replace(Some(Line { number, to_node }));
        drop(running.life.spawn(serve(running.region, self.hello(), from_rack, to_rack)));
        let mut patience = WELCOME_MAX;
        while let Ok(Some(said)) = timeout(patience, from_node.next()).await {
            self.awake().await;
            if !self.uses(process, number) {
                break;
            }
            self.hear_node(said);
            patience = SILENCE_MAX;
        }
        self.awake().await;
        if self.process() == Some(process) {
            self.0.line.replace(None);
            self.hear(Event::Region(FromRegion::Closed));
        }
    }

    fn uses(&self, process: u64, number: u64) -> bool {
        let line = self.0.line.borrow();
        self.process() == Some(process) && line.as_ref().is_some_and(|line| line.number == number)
    }

    fn hello(&self) -> Hello {
        let machine = self.0.machine.borrow();
        let duty = machine.duty();
        let place = duty.and_then(|duty| duty.place());
        Hello {
            rack: self.0.node,
            key: key_of(self.0.node),
            life: duty.and_then(|duty| duty.life()),
            has: place.map(|place| (place.epoch, Revision(place.revision))),
        }
    }

    fn hear_node(&self, said: FromNode) {
        let said = match said {
            FromNode::Sign => return,
            FromNode::Opened(opened) => {
                self.hear(Event::Region(FromRegion::Opened(opened)));
                FromRegion::Fellows(self.0.fellows.clone())
            }
            FromNode::Told(change) => FromRegion::Told(Box::new(change)),
            FromNode::Answered(id, result) => {
                let at = self.0.machine.borrow().clock.now();
                FromRegion::Answered(Answered { id, at, result })
            }
        };
        self.hear(Event::Region(said));
    }
}
