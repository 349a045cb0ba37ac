//! What runs on a rack's host: the agent's machine with its disk and clocks, while its process is there.

use crate::rack::clock::RackClock;
use crate::rack::disk::RackDisk;
use regent_rack_agent::clock::watch::Watch;
use regent_rack_agent::duty::effect::Effect;
use regent_rack_agent::duty::event::{Event, Wire, WireAddress, WireId, WriteId};
use regent_rack_agent::duty::machine::Duty;
use regent_rack_agent::remembered::Remembered;
use std::net::Ipv4Addr;

/// The wire on which clients are.
pub const WIRE: WireId = WireId(0);
/// The length of its prefix, in bits.
const PREFIX: u8 = 24;

/// A rack's host.
#[derive(Debug)]
pub struct Machine {
    /// Its clocks.
    pub clock: RackClock,
    address: Ipv4Addr,
    disk: RackDisk,
    /// Processes that ran on it so far, counting the one that runs: what is on its way to an earlier one reaches nobody.
    processes: u64,
    process: Option<Process>,
}

#[derive(Debug)]
struct Process {
    duty: Duty,
    watch: Watch,
}

impl Machine {
    /// A host with this address among clients, on which nothing runs.
    #[must_use]
    pub fn new(address: Ipv4Addr, clock: RackClock) -> Self {
        Self { clock, address, disk: RackDisk::default(), processes: 0, process: None }
    }

    /// Which process runs.
    #[must_use]
    pub fn process(&self) -> Option<u64> {
        self.process.as_ref().map(|_| self.processes)
    }

    /// The agent's machine.
    #[must_use]
    pub fn duty(&self) -> Option<&Duty> {
        self.process.as_ref().map(|process| &process.duty)
    }

    /// Starts a process, as the agent starts. What it does first.
    pub fn start(&mut self) -> Vec<Effect> {
        let remembered: Remembered = self.disk.end(0);
        let sample = self.clock.sample();
        let duty = Duty::start(remembered, self.clock.boot_id(), sample.into());
        self.processes += 1;
        self.process = Some(Process { duty, watch: Watch::new(sample) });
        let addresses = vec![WireAddress { address: self.address, prefix: PREFIX }];
        let wire = Wire { id: WIRE, name: "eth0".to_owned(), addresses };
        self.handle(Event::Wires(vec![wire]))
    }

    /// Ends the process; of the writes that were not durable, `kept` decides by their number how many are.
    pub fn end(&mut self, kept: impl FnOnce(usize) -> usize) {
        self.process = None;
        let unsynced = self.disk.unsynced();
        drop(self.disk.end(kept(unsynced)));
    }

    /// Takes an event in. What is to be done about it; what is to be written waits for [`synced`](Self::synced).
    pub fn handle(&mut self, event: Event) -> Vec<Effect> {
        let now = self.clock.now();
        let Some(process) = &mut self.process else { return Vec::new() };
        let effects = process.duty.handle(now, event);
        for effect in &effects {
            if let Effect::Write { id, writes } = effect {
                self.disk.write(*id, writes.clone());
            }
        }
        effects
    }

    /// Everything up to this write is durable, and the agent hears of it.
    pub fn synced(&mut self, until: WriteId) -> Vec<Effect> {
        self.disk.sync(until);
        self.handle(Event::Durable(until))
    }

    /// Looks at the clocks, as the agent does every second.
    pub fn look_at_clocks(&mut self) -> Vec<Effect> {
        let sample = self.clock.sample();
        let Some(process) = &mut self.process else { return Vec::new() };
        let doubt = process.watch.feed(sample).map(|_| Event::ClockInDoubt);
        let events = doubt.into_iter().chain([Event::Clocks(sample.into())]);
        events.flat_map(|event| self.handle(event)).collect()
    }
}
