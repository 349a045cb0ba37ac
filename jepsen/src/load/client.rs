//! One client: writes one thing after the other, through its own node as long as that answers.

use crate::load::attempt::{self, Again, Answered};
use crate::load::intent::{Intent, Owned, Weight};
use crate::load::meter::Meter;
use crate::load::record::{self, AttemptRecord, Fate, WriteRecord};
use regent_check::history::line::Process;
use std::sync::Arc;
use std::time::{Duration, Instant};
use tokio::sync::watch;
use tokio::time::sleep;

/// How long a client tries before it gives a write up.
const WRITE_MAX: Duration = Duration::from_secs(15);
/// Pause before a refused write is tried again.
const RETRY_PAUSE: Duration = Duration::from_millis(20);
/// How long a node that did not answer is passed over.
const AVOID: Duration = Duration::from_secs(1);

/// One client in so many writes through the leader, the others through followers.
const CLIENTS_PER_LEADING_ONE: usize = 8;
/// One client in so many is heavy where not all are. They are at every node, with keys and without.
const CLIENTS_PER_HEAVY_ONE: usize = 7;

/// A node as clients know it.
#[derive(Clone, Debug)]
pub struct Door {
    /// Its name.
    pub name: String,
    /// Its API, `host:port`.
    pub api: String,
}

/// A client.
pub struct Client {
    number: usize,
    clients: usize,
    generation: usize,
    keyed: bool,
    weight: Weight,
    http: reqwest::Client,
    doors: Vec<Door>,
    avoided: Vec<Option<Instant>>,
    meter: Arc<Meter>,
    owned: Owned,
}

impl Client {
    /// The `number`th of `clients`. Half of them use keys; every eighth writes through the leader; every seventh is
    /// as heavy as the `heaviest`.
    ///
    /// # Errors
    /// When there is no room for another client.
    pub fn new(
        number: usize,
        clients: usize,
        heaviest: Weight,
        doors: &[Door],
        meter: &Arc<Meter>,
    ) -> reqwest::Result<Self> {
        Ok(Self {
            number,
            clients,
            generation: 0,
            // By turns: both kinds of client are at every node.
            keyed: (number / CLIENTS_PER_LEADING_ONE).is_multiple_of(2),
            weight: match heaviest {
                Weight::Heavy if !number.is_multiple_of(CLIENTS_PER_HEAVY_ONE) => Weight::Light,
                Weight::Light | Weight::Heavy | Weight::Full => heaviest,
            },
            http: reqwest::Client::builder().no_proxy().build()?,
            doors: doors.to_vec(),
            avoided: vec![None; doors.len()],
            meter: Arc::clone(meter),
            owned: Owned::default(),
        })
    }

    /// Writes until it is told to stop; tells every write.
    pub async fn write(mut self, stopped: watch::Receiver<bool>) -> Vec<WriteRecord> {
        let mut records = Vec::new();
        for number in 0_u32.. {
            if *stopped.borrow() {
                break;
            }
            let mark = record::mark(self.number, number);
            let intent = self.owned.next(self.number, number, mark, self.weight);
            let record = self.one(intent, number).await;
            records.push(record);
        }
        records
    }

    async fn one(&mut self, intent: Intent, number: u32) -> WriteRecord {
        let key = self.keyed.then(|| format!("{}-{number}", self.number));
        let until = Instant::now() + WRITE_MAX;
        let (mut attempts, mut open) = (Vec::new(), false);
        let (fate, address) = loop {
            let door = self.door(attempts.len());
            let Answered { fate, again, address, .. } =
                self.attempt(door, &intent, key.as_deref(), &mut attempts).await;
            open |= fate == Fate::Unknown;
            let may_repeat = key.is_some() || !open;
            if again == Again::Never || !may_repeat || Instant::now() + RETRY_PAUSE >= until {
                break (fate, address);
            }
            if again == Again::Elsewhere {
                self.avoided[door] = Some(Instant::now() + AVOID);
            }
            sleep(RETRY_PAUSE).await;
        };
        let fate = settled(fate, open);
        if fate == Fate::Unknown {
            // The format's sequential process ends with an open question; the client goes on as another one.
            self.generation += 1;
        }
        self.owned.note(&intent, &fate);
        let Intent { noun, target, mark, .. } = intent;
        WriteRecord { mark, noun, target, key, attempts, fate, address }
    }

    /// The client's own nodes in turn, then the others; those that did not answer a moment ago last.
    fn door(&self, attempt: usize) -> usize {
        let now = Instant::now();
        let count = self.doors.len();
        let leader = self.meter.leader();
        let wants_leader = self.number.is_multiple_of(CLIENTS_PER_LEADING_ONE);
        let is_own = |door: usize| wants_leader == (door == leader);
        let is_avoided = |door: usize| self.avoided[door].is_some_and(|until| until > now);
        // After a first failure any node will do: this one may have forgotten to tell who leads.
        let order = (0..count).map(|step| (self.number + attempt + step) % count);
        let rank = |door: &usize| (is_avoided(*door), attempt == 0 && !is_own(*door));
        order.min_by_key(rank).unwrap_or_default()
    }

    async fn attempt(
        &self,
        number: usize,
        intent: &Intent,
        key: Option<&str>,
        attempts: &mut Vec<AttemptRecord>,
    ) -> Answered {
        let door = &self.doors[number];
        let asked = self.meter.now();
        let in_flight = self.meter.begin();
        let answered = attempt::send(&self.http, &door.api, intent, key).await;
        drop(in_flight);
        if let Some(leader) = &answered.leader {
            let leading = self.doors.iter().position(|door| door.name == *leader);
            self.meter.leads(leading.unwrap_or_else(|| self.meter.leader()));
        }
        let over = match answered.fate {
            Fate::Acknowledged { .. } => self.meter.acknowledged(number, answered.entrance, asked),
            Fate::Refused { .. } | Fate::Unknown => self.meter.now(),
        };
        let process = self.number + self.generation * self.clients;
        attempts.push(AttemptRecord {
            process: Process(process as u64),
            node: door.name.clone(),
            asked,
            over,
            fate: answered.fate.clone(),
            code: answered.code.clone(),
        });
        answered
    }
}

/// What all attempts together make certain: a refusal of the last one says nothing about those before.
fn settled(last: Fate, open: bool) -> Fate {
    match last {
        Fate::Refused { .. } if open => Fate::Unknown,
        Fate::Acknowledged { .. } | Fate::Refused { .. } | Fate::Unknown => last,
    }
}

#[cfg(test)]
mod tests {
    use super::settled;
    use crate::load::record::Fate;

    #[test]
    fn refusal_after_an_open_attempt_leaves_the_write_open() {
        let refused = || Fate::Refused { why: "no leader".into() };
        assert_eq!(settled(refused(), true), Fate::Unknown);
        assert_eq!(settled(refused(), false), refused());
    }

    #[test]
    fn acknowledgement_settles_earlier_open_attempts() {
        let acknowledged = || Fate::Acknowledged { revision: 3, object: 1 };
        assert_eq!(settled(acknowledged(), true), acknowledged());
    }
}
