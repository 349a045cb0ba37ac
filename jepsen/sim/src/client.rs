//! One client: asks one thing after the other, of one node or another, and writes down what came of each.

use crate::chance::Chance;
use crate::group::Group;
use crate::names::HostId;
use crate::record::Recorder;
use crate::workload::ask::{Answer, Ask, AskedWrite, Held, Known, Learnt};
use crate::workload::asked::life;
use crate::workload::choose::{Memory, SET, register_names};
use crate::workload::site::Site;
use regent_check::history::line::{Function, Level, Operation, Phase, Process, Revision, Verdict};
use std::cell::Cell;
use std::collections::BTreeSet;
use std::rc::Rc;
use std::sync::atomic::Ordering;
use std::time::Duration;
use tokio::time::{Instant, sleep, timeout};

/// How long a client waits for an answer; nodes give up a little earlier.
const PATIENCE: Duration = Duration::from_secs(3);
/// Between two questions, in milliseconds.
const THINKS_MS: (u64, u64) = (5, 150);
/// A client changes its node so often, of a hundred questions.
const MOVES_PERCENT: u8 = 10;
/// An outcome that is not known is asked for again so often, of a hundred times.
const RETRIES_PERCENT: u8 = 70;
/// And so often in a row at most.
const RETRIES_MAX: u32 = 4;
/// So often all nodes are asked for their digests until they are at one revision.
const DIGEST_ROUNDS_MAX: u32 = 20;
/// And after this long.
const DIGEST_PAUSE: Duration = Duration::from_millis(100);
/// The age in a history of an answer that tells none.
const AGE_UNTOLD_MS: u64 = 1 << 32;

/// Numbers of processes, none used twice.
#[derive(Clone, Debug, Default)]
pub struct Processes(Rc<Cell<u64>>);

impl Processes {
    /// Numbers above all that a run needs.
    #[must_use]
    pub fn after_all() -> Self {
        Self(Rc::new(Cell::new(1 << 32)))
    }

    /// One that nobody was yet.
    #[must_use]
    pub fn next(&self) -> Process {
        self.0.set(self.0.get() + 1);
        Process(self.0.get())
    }
}

/// A client.
pub struct Client {
    group: Group,
    recorder: Recorder,
    site: Site,
    processes: Processes,
    chance: Chance,
    process: Process,
    number: u64,
    asked: u64,
    host: Option<HostId>,
    memory: Memory,
}

impl Client {
    /// The `number`th client.
    #[must_use]
    pub fn new(
        number: u64,
        group: Group,
        recorder: Recorder,
        site: Site,
        processes: Processes,
        chance: Chance,
    ) -> Self {
        let process = processes.next();
        let (asked, host, memory) = (0, None, Memory::default());
        Self { group, recorder, site, processes, chance, process, number, asked, host, memory }
    }

    /// Reads all there is from each node of the healed group, one after the other.
    pub async fn read_at_last(mut self) {
        for host in self.group.hosts() {
            let registers = register_names().map(|key| (Function::Read, key));
            for (function, key) in registers.chain([(Function::ReadSet, SET.to_owned())]) {
                let ask = Ask::Read { function, key: Some(key), level: Level::Lin };
                self.last_of(host, &ask).await;
            }
        }
        for _ in 0..DIGEST_ROUNDS_MAX {
            if self.digests().await.len() <= 1 {
                return;
            }
            sleep(DIGEST_PAUSE).await;
        }
        self.recorder.find("the nodes are never at one revision".to_owned());
    }

    /// Reads the digest of every node, and tells at which revisions they were: the last ones that are read are compared,
    /// and nodes write entries of their own meanwhile.
    async fn digests(&mut self) -> BTreeSet<Option<Revision>> {
        let mut revisions = BTreeSet::new();
        let ask =
            Ask::Read { function: Function::Digest, key: None, level: Level::Stale { age_ms: 0 } };
        for host in self.group.hosts() {
            revisions.insert(self.last_of(host, &ask).await.revision);
        }
        revisions
    }

    async fn last_of(&mut self, host: HostId, ask: &Ask) -> Answer {
        let answer = self.once_at(Some(host), ask, Phase::Final).await;
        if answer.verdict != Verdict::Ok {
            self.recorder.find(format!("{host} does not answer at last: {ask:?}"));
        }
        answer
    }

    /// Asks until the end.
    pub async fn live(mut self, end: Instant) {
        while Instant::now() < end {
            let pause = self.chance.within(THINKS_MS.0..=THINKS_MS.1);
            sleep(Duration::from_millis(pause)).await;
            self.asked += 1;
            let mark = format!("c{}-{}", self.number, self.asked);
            let ask = self.site.next(&mut self.chance, &mark, &self.memory);
            self.see_through(ask).await;
        }
    }

    /// Asks, and if the outcome is not known perhaps again, elsewhere.
    async fn see_through(&mut self, ask: Ask) {
        for _ in 0..=RETRIES_MAX {
            let answer = self.once(&ask).await;
            self.learn(&ask, &answer);
            if answer.verdict != Verdict::Unknown {
                return;
            }
            self.host = None;
            // What ends by itself does so from the first time on; its holder would count from the last.
            let is_repeatable = matches!(&ask, Ask::Write(write) if life(&write.command).is_none());
            if !is_repeatable || !self.chance.percent(RETRIES_PERCENT) {
                break;
            }
        }
        // Its last question is open for ever: from now on it is somebody else.
        self.process = self.processes.next();
        self.memory.seen = None;
    }

    /// Asks once, and writes it down.
    async fn once(&mut self, ask: &Ask) -> Answer {
        let host = self.choose();
        self.once_at(host, ask, Phase::UnderFaults).await
    }

    async fn once_at(&mut self, host: Option<HostId>, ask: &Ask, phase: Phase) -> Answer {
        let asked = self.recorder.now();
        let answer = match host {
            Some(host) => ask_at(&self.group, host, self.site, ask).await,
            None => Answer::NONE,
        };
        let answered = (answer.verdict != Verdict::Unknown).then(|| self.recorder.now());
        if answered.is_none() || answer.verdict == Verdict::Fail {
            self.host = None;
        }
        let node = host.map(|host| host.to_string());
        let (function, key, input, level, request_id) = told(ask);
        self.recorder.operation(Operation {
            process: self.process,
            function,
            key,
            input,
            output: answer.output.clone(),
            asked,
            answered,
            verdict: answer.verdict,
            revision: answer.revision,
            level: level.map(|level| told_age(level, answer.age_ms)),
            node,
            request_id,
            phase,
        });
        answer
    }

    fn choose(&mut self) -> Option<HostId> {
        let moves = self.chance.percent(MOVES_PERCENT);
        let hosts = self.group.hosts();
        if moves || self.host.is_none_or(|host| !hosts.contains(&host)) {
            self.host = (!hosts.is_empty()).then(|| self.chance.one_of(&hosts));
        }
        self.host
    }

    fn learn(&mut self, ask: &Ask, answer: &Answer) {
        if answer.verdict == Verdict::Ok {
            self.memory.seen = self.memory.seen.max(answer.revision);
        }
        match ask {
            Ask::Read { function: Function::Read, key: Some(key), .. } => {
                if let Learnt::Written(written) = answer.learnt {
                    let value = answer.output.as_ref().and_then(|value| value.as_str());
                    let (key, value) = (key.clone(), value.map(str::to_owned));
                    self.memory.known = Some(Known { key, value, written });
                }
            }
            Ask::Read { .. } => {}
            Ask::Write(write) => self.learn_from(write, answer),
        }
    }

    fn learn_from(&mut self, write: &AskedWrite, answer: &Answer) {
        match (write.function, &answer.learnt) {
            (Function::Cas, _) => self.memory.known = None,
            // Whatever became of it, the address may be another's now.
            (Function::Release, _) if !self.memory.held.is_empty() => {
                self.memory.held.remove(0);
            }
            (Function::Alloc, Learnt::Given(address, object)) => {
                let holder = write.request_id.clone();
                self.memory.held.push(Held { holder, address: *address, object: *object });
            }
            (_, _) => {}
        }
    }
}

/// Asks the node on a host. Who is not there refuses the connection.
pub async fn ask_at(group: &Group, host: HostId, site: Site, ask: &Ask) -> Answer {
    let Some(running) = group.running(host) else { return Answer::NONE };
    let asks_name = matches!(ask, Ask::Read { function: Function::Dns, .. });
    if asks_name && !running.answers_names.load(Ordering::Relaxed) {
        return Answer::NONE;
    }
    let asking = running.life.spawn(site.ask(running.region, ask.clone()));
    match timeout(PATIENCE, asking).await {
        Ok(Ok(answer)) => answer,
        Ok(Err(_)) | Err(_) => match ask {
            Ask::Write(_) => Answer::UNKNOWN,
            Ask::Read { .. } => Answer::NONE,
        },
    }
}

/// The level with the age that the answer told.
const fn told_age(level: Level, age_ms: Option<u64>) -> Level {
    match (level, age_ms) {
        (Level::Stale { .. }, Some(age_ms)) => Level::Stale { age_ms },
        (Level::Stale { .. }, None) => Level::Stale { age_ms: AGE_UNTOLD_MS },
        (level @ (Level::Lin | Level::Session { .. }), _) => level,
    }
}

type Told = (Function, Option<String>, Option<serde_json::Value>, Option<Level>, Option<String>);

/// How a question reads in a history.
fn told(ask: &Ask) -> Told {
    match ask.clone() {
        Ask::Write(write) => {
            let AskedWrite { function, key, input, request_id, .. } = *write;
            (function, Some(key), input, None, Some(request_id))
        }
        Ask::Read { function, key, level } => (function, key, None, Some(level), None),
    }
}
