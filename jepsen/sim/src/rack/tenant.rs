//! A DHCP client: comes, keeps its address while it may, and perhaps goes. What it holds it tells in its own time, from
//! its own clock.

use crate::chance::Chance;
use crate::rack::clock::Rate;
use crate::rack::lan::{Lan, Packet};
use crate::record::Recorder;
use regent_check::history::line::{Function, Instant as Told, Operation, Phase, Process, Verdict};
use regent_core::net::mac::MacAddr;
use regent_rack_agent::simulated_client::{Heard, Hold, SimulatedClient};
use serde_json::json;
use std::net::Ipv4Addr;
use std::time::Duration;
use tokio::sync::mpsc;
use tokio::time::{Instant, sleep, sleep_until, timeout_at};

/// What the addresses are called in histories.
const SERVED: &str = "served";
/// What clients ask for, in seconds.
const WISHES_S: [u64; 3] = [30, 30, 60];
/// How wrong clocks may go, in parts of a million.
const RATE_PPM_MAX: u64 = 500;
/// Clients come within so many milliseconds of the beginning.
const COMES_MS: u64 = 20_000;
/// Between two copies of a message, in milliseconds (RFC 2131 section 4.1).
const COPIES_APART_MS: (u64, u64) = (3_000, 5_000);
/// Copies of a message that gets no answer.
const COPIES_MAX: u32 = 4;
/// Who got no address comes again after this, in milliseconds.
const AGAIN_MS: (u64, u64) = (1_000, 10_000);
/// Who has gone stays away for so long, in milliseconds.
const AWAY_MS: (u64, u64) = (5_000, 300_000);
/// So often in a hundred times a guest goes, when it would renew.
const GOES_PERCENT: u8 = 15;

/// A client.
pub struct Tenant {
    number: u8,
    lan: Lan,
    inbox: mpsc::Receiver<Vec<u8>>,
    recorder: Recorder,
    process: Process,
    chance: Chance,
    rate: Rate,
    manner: Manner,
    client: SimulatedClient,
    xid: u32,
    has: Option<Has>,
}

/// Whether it goes again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Manner {
    /// It stays as long as it may.
    Stays,
    /// It goes now and then.
    Guest,
}

/// An address that it may use.
#[derive(Clone, Copy, Debug)]
struct Has {
    hold: Hold,
    /// When it asked.
    asked: Instant,
    /// When its lease is over.
    until: Instant,
}

impl Tenant {
    /// The `number`th client, which hears what comes in at `inbox`, and is this process in the history.
    #[must_use]
    pub fn new(
        (number, process): (u8, Process),
        (lan, inbox): (Lan, mpsc::Receiver<Vec<u8>>),
        recorder: Recorder,
        mut chance: Chance,
    ) -> Self {
        let ahead = i64::try_from(chance.within(0..=2 * RATE_PPM_MAX)).unwrap_or_default();
        let rate = Rate(ahead.saturating_sub_unsigned(RATE_PPM_MAX));
        // By pairs, so that each rack has both where clients reach one of two only.
        let manner = if number / 2 % 2 == 0 { Manner::Stays } else { Manner::Guest };
        let wish = Duration::from_secs(chance.one_of(&WISHES_S));
        let (card, name) = (MacAddr([2, 0, 0, 0, 0, number]), format!("t{number}"));
        let client = SimulatedClient::new(card, name, Ipv4Addr::UNSPECIFIED).wishing(wish);
        let (xid, has) = (u32::from(number) << 24, None);
        Self { number, lan, inbox, recorder, process, chance, rate, manner, client, xid, has }
    }

    /// Lives until it is ended.
    pub async fn live(mut self) {
        self.pause((0, COMES_MS)).await;
        loop {
            match self.has {
                None => self.come().await,
                Some(has) if self.manner == Manner::Guest && self.chance.percent(GOES_PERCENT) => {
                    self.go(has).await;
                }
                Some(has) => self.keep(has).await,
            }
        }
    }

    /// Tries to get an address; a client that remembers one asks for that first (INIT-REBOOT).
    async fn come(&mut self) {
        if self.ask(None, Instant::now() + Duration::from_secs(60)).await == Got::Address {
            return;
        }
        self.client.forget();
        self.pause(AGAIN_MS).await;
    }

    /// Asks its server for more time from the half of its lease on, and everybody from seven eighths on.
    async fn keep(&mut self, has: Has) {
        let life = has.until - has.asked;
        sleep_until(has.asked + life / 2).await;
        for (to, until) in [(Some(has.hold.server), life * 7 / 8), (None, life)] {
            let until = has.asked + until;
            while Instant::now() < until {
                match self.ask(to, until).await {
                    Got::Nothing => {}
                    Got::Address | Got::Refusal => return,
                }
            }
        }
        self.has = None;
        self.client.forget();
    }

    /// Goes, in one way or another, and is away for a while.
    async fn go(&mut self, has: Has) {
        match self.chance.below(3) {
            0 => {
                if let Some(bytes) = self.client.release() {
                    let (source, to) = (has.hold.address, Some(has.hold.server));
                    self.lets_go(has);
                    self.lan.to_racks(self.number, &Packet { bytes, source, to });
                }
            }
            1 => {
                self.lets_go(has);
                self.client.forget();
            }
            // It has it still when it comes back, if that is soon enough.
            _ => {
                self.has = None;
                self.client.reboot(Some(has.hold));
            }
        }
        self.pause(AWAY_MS).await;
        while self.inbox.try_recv().is_ok() {}
    }

    /// One exchange: sends, hears, and sends again, until then.
    async fn ask(&mut self, to: Option<Ipv4Addr>, until: Instant) -> Got {
        self.xid += 1;
        self.client.begin(self.xid);
        let began = Instant::now();
        for _ in 0..COPIES_MAX {
            // An offer is taken at once.
            while let Some(bytes) = self.message(began) {
                let source = self.client.hold().map_or(Ipv4Addr::UNSPECIFIED, |hold| hold.address);
                let (asked, sent) = (self.recorder.now(), Instant::now());
                self.lan.to_racks(self.number, &Packet { bytes, source, to });
                let apart = self.chance.within(COPIES_APART_MS.0..=COPIES_APART_MS.1);
                let again = (sent + Duration::from_millis(apart)).min(until);
                match self.hear(again).await {
                    Some(Heard::Offer) => continue,
                    Some(Heard::Address(hold)) => {
                        self.takes(hold, asked, sent);
                        return Got::Address;
                    }
                    Some(Heard::Refusal) => {
                        self.has.into_iter().for_each(|has| self.lets_go(has));
                        return Got::Refusal;
                    }
                    Some(Heard::Nothing) | None => break,
                }
            }
            if Instant::now() >= until {
                break;
            }
        }
        Got::Nothing
    }

    fn message(&self, began: Instant) -> Option<Vec<u8>> {
        let secs = self.rate.counted_ms(began.elapsed()) / 1_000;
        self.client.message(u16::try_from(secs).unwrap_or(u16::MAX))
    }

    /// What it hears until then that means anything to it.
    async fn hear(&mut self, until: Instant) -> Option<Heard> {
        while let Ok(Some(bytes)) = timeout_at(until, self.inbox.recv()).await {
            let heard = self.client.hear(&bytes);
            if heard != Heard::Nothing {
                return Some(heard);
            }
        }
        None
    }

    /// It has an address from now on, for so long from when it asked.
    fn takes(&mut self, hold: Hold, asked: Told, sent: Instant) {
        let life = self.rate.passes(Duration::from_millis(hold.life.0));
        let had = self.has.replace(Has { hold, asked: sent, until: sent + life });
        let is_same = had.is_some_and(|had| had.hold.address == hold.address);
        let function = if is_same { Function::Renew } else { Function::Alloc };
        let ttl_ms = u64::try_from(life.as_millis()).unwrap_or(u64::MAX);
        let output = Some(json!({ "addr": hold.address.to_string(), "ttl_ms": ttl_ms }));
        self.tell(function, hold.address, output, asked);
    }

    /// It does not use its address any more.
    fn lets_go(&mut self, has: Has) {
        self.has = None;
        self.tell(Function::Release, has.hold.address, None, self.recorder.now());
    }

    fn tell(
        &self,
        function: Function,
        address: Ipv4Addr,
        output: Option<serde_json::Value>,
        asked: Told,
    ) {
        let client = format!("t{}", self.number);
        self.recorder.operation(Operation {
            process: self.process,
            function,
            key: Some(SERVED.to_owned()),
            input: Some(json!({ "client": client, "addr": address.to_string() })),
            output,
            asked,
            answered: Some(self.recorder.now()),
            verdict: Verdict::Ok,
            revision: None,
            level: None,
            node: None,
            request_id: None,
            phase: Phase::UnderFaults,
        });
    }

    async fn pause(&mut self, (least, most): (u64, u64)) {
        sleep(Duration::from_millis(self.chance.within(least..=most))).await;
    }
}

/// What came of an exchange.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Got {
    Address,
    Refusal,
    Nothing,
}
