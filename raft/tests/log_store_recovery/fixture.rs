//! What the log's tests share: entries with known content, a model of the log, and seeded choices.

#![expect(clippy::unwrap_used, reason = "a test may stop at the first surprise")]

use bytes::Bytes;
use openraft::alias::OneshotReceiverOf;
use openraft::entry::{Entry as RaftEntry, EntryPayload};
use openraft::storage::{IOFlushed, RaftLogStorage};
use openraft::type_config::TypeConfigExt;
use openraft::{Membership, RaftLogReader};
use regent_core::time::{ClusterTime, WallTime};
use regent_raft::log_store::amnesia::OpenError;
use regent_raft::log_store::figures::FatalHandler;
use regent_raft::log_store::mark::StoreId;
use regent_raft::log_store::memory::MemoryDisk;
use regent_raft::log_store::pump::Pump;
use regent_raft::log_store::record::{Ballot, Position};
use regent_raft::log_store::store::{LogOptions, LogStore};
use regent_raft::type_config::{Entry, LogId, RegionNode, Stamped, TypeConfig, Vote};
use std::collections::{BTreeMap, VecDeque};
use std::io;
use std::path::Path;
use std::time::Duration;

/// Hears when entries are durable.
pub(crate) type Durable = OneshotReceiverOf<TypeConfig, io::Result<()>>;

/// Something done to a log.
#[derive(Clone, Debug)]
pub(crate) enum Step {
    Append(Vec<Entry>),
    Truncate(Option<LogId>),
    Purge(LogId),
    Vote(Vote),
    Committed(Option<LogId>),
}

/// What a log must hold.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Model {
    pub(crate) entries: VecDeque<Entry>,
    pub(crate) purged: Option<LogId>,
    pub(crate) last: Option<LogId>,
    pub(crate) vote: Option<Vote>,
}

impl Model {
    pub(crate) fn apply(&mut self, step: &Step) {
        match step {
            Step::Append(entries) => {
                self.entries.extend(entries.iter().cloned());
                self.last = entries.last().map(|entry| entry.log_id).or(self.last);
            }
            Step::Truncate(after) => {
                let kept = after.or(self.purged);
                self.entries.retain(|entry| Some(entry.log_id.index) <= kept.map(|id| id.index));
                self.last = self.entries.back().map(|entry| entry.log_id).or(self.purged);
            }
            Step::Purge(upto) => {
                self.entries.retain(|entry| entry.log_id.index > upto.index);
                self.purged = Some(*upto);
                self.last = self.last.max(Some(*upto));
            }
            Step::Vote(vote) => self.vote = Some(*vote),
            Step::Committed(_) => {}
        }
    }

    pub(crate) fn next_index(&self) -> u64 {
        self.last.map_or(0, |last| last.index + 1)
    }

    /// What a log holds in fact.
    pub(crate) async fn of(store: &LogStore) -> Self {
        let mut store = store.clone();
        let state = store.get_log_state().await.unwrap();
        Self {
            entries: store.try_get_log_entries(..).await.unwrap().into(),
            purged: state.last_purged_log_id,
            last: state.last_log_id,
            vote: store.read_vote().await.unwrap(),
        }
    }
}

/// A xorshift generator: the same seed makes the same test everywhere.
pub(crate) struct Dice(u64);

impl Dice {
    pub(crate) fn new(seed: u64) -> Self {
        Self(seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1)
    }

    pub(crate) fn below(&mut self, bound: u64) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 >> 11) % bound
    }

    /// A step that a Raft node could take next.
    pub(crate) fn step(&mut self, model: &Model, entry_bytes_max: u64) -> Step {
        let term = model.last.map_or(1, |last| *last.leader_id) + self.below(8) / 7;
        let first = model.entries.front().map_or(model.next_index(), |entry| entry.log_id.index);
        let inside = first + self.below(model.next_index() - first + 1);
        let held = model.entries.get(usize::try_from(inside - first).unwrap());
        match self.below(10) {
            0 => {
                let voter = self.below(3);
                let committed = self.below(2) == 1;
                let term = term + self.below(3);
                Step::Vote(Ballot { term, node: voter, committed }.into())
            }
            1 => {
                held.map_or(Step::Truncate(model.last), |entry| Step::Truncate(Some(entry.log_id)))
            }
            2 => held.map_or_else(
                || Step::Purge(id(term, model.next_index() + self.below(3))),
                |entry| Step::Purge(entry.log_id),
            ),
            3 => Step::Committed(model.last),
            _ => {
                let count = 1 + self.below(9);
                let next = model.next_index();
                Step::Append(
                    (next..next + count)
                        .map(|index| entry(term, index, self.below(entry_bytes_max)))
                        .collect(),
                )
            }
        }
    }
}

pub(crate) fn id(term: u64, index: u64) -> LogId {
    Position { term, index }.into()
}

/// An entry whose content follows from its place and size. Some carry a membership.
pub(crate) fn entry(term: u64, index: u64, bytes: u64) -> Entry {
    let payload = if bytes % 17 == 3 {
        let node = RegionNode { name: format!("n{index}"), ..RegionNode::default() };
        let nodes = BTreeMap::from([(index, node)]);
        EntryPayload::Membership(Membership::new(vec![[index].into()], nodes).unwrap())
    } else {
        let mut dice = Dice::new(term ^ (index << 20));
        let content: Vec<u8> =
            (0..bytes.div_ceil(4)).flat_map(|_| le(dice.below(1 << 32))).collect();
        EntryPayload::Normal(Stamped {
            at: ClusterTime(index),
            wall: WallTime(-1),
            request: Bytes::from(content),
        })
    };
    RaftEntry { log_id: id(term, index), payload }
}

fn le(value: u64) -> [u8; 4] {
    u32::try_from(value).unwrap().to_le_bytes()
}

/// Hands a step to the log; the receiver hears when it is durable, if the step reports that.
pub(crate) async fn submit(store: &LogStore, step: &Step) -> io::Result<Option<Durable>> {
    let mut store = store.clone();
    match step {
        Step::Append(entries) => {
            let (flushed, durable) = TypeConfig::oneshot();
            store.append(entries.clone(), IOFlushed::signal(flushed)).await?;
            return Ok(Some(durable));
        }
        Step::Truncate(after) => store.truncate_after(*after).await?,
        Step::Purge(upto) => store.purge(*upto).await?,
        Step::Vote(vote) => store.save_vote(vote).await?,
        Step::Committed(committed) => store.save_committed(*committed).await?,
    }
    Ok(None)
}

/// Does a step and waits until it is durable, if the step reports that.
pub(crate) async fn perform(store: &LogStore, step: &Step) {
    if let Some(durable) = submit(store, step).await.unwrap() {
        durable.await.unwrap().unwrap();
    }
}

/// Does a step on a log whose pump is turned by hand, at `now`.
pub(crate) async fn drive(
    store: &LogStore,
    pump: &mut Pump,
    step: &Step,
    now: Duration,
) -> io::Result<()> {
    // A vote waits for the turn.
    let (submitted, turned) = tokio::join!(biased; submit(store, step), async { pump.turn(now) });
    submitted.map(|_| ()).and(turned)
}

/// For logs that must not fail.
pub(crate) fn no_failure() -> FatalHandler {
    Box::new(|error| panic!("the log failed: {error}"))
}

pub(crate) const STORE: StoreId = StoreId(7);

pub(crate) fn open_sled(dir: &Path) -> Result<LogStore, OpenError> {
    LogStore::open(dir, STORE, &LogOptions::default(), no_failure())
}

pub(crate) fn create_sled(dir: &Path) -> LogStore {
    LogStore::create(dir, STORE, &LogOptions::default(), no_failure()).unwrap()
}

pub(crate) fn open_memory(disk: &MemoryDisk) -> Result<(LogStore, Pump), OpenError> {
    LogStore::open_in_memory(disk, STORE, &LogOptions::default(), Box::new(|_| ()))
}

pub(crate) fn create_memory(disk: &MemoryDisk) -> (LogStore, Pump) {
    LogStore::create_in_memory(disk, STORE, &LogOptions::default(), Box::new(|_| ())).unwrap()
}
