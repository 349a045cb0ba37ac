//! The process that loses power: writes entries, votes and purges, and prints each acknowledgement when it has it.

use crate::kind::{Dice, Kind, entry};
use openraft::RaftLogReader;
use openraft::storage::{IOFlushed, RaftLogStorage};
use openraft::type_config::TypeConfigExt;
use regent_raft::identity::{DataDir, IDENTITY_FORMAT, Identity};
use regent_raft::log_store::amnesia::OpenError;
use regent_raft::log_store::figures::abort_process;
use regent_raft::log_store::mark::StoreId;
use regent_raft::log_store::record::{Ballot, Position};
use regent_raft::log_store::store::LogStore;
use regent_raft::type_config::TypeConfig;
use std::fs;
use std::path::Path;

/// What the writer says, one line each.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Said {
    /// The log is open.
    Open,
    /// All entries up to this index are durable.
    Entries(u64),
    /// A vote in this term is durable.
    Vote(u64),
    /// A purge up to this index was asked for.
    Purge(u64),
}

impl Said {
    pub(crate) fn parse(line: &str) -> Option<Self> {
        let (what, number) = line.split_once(' ')?;
        let number = number.parse().ok()?;
        match what {
            "open" => Some(Self::Open),
            "entries" => Some(Self::Entries(number)),
            "vote" => Some(Self::Vote(number)),
            "purge" => Some(Self::Purge(number)),
            _ => None,
        }
    }

    fn say(self) {
        let (what, number) = match self {
            Self::Open => ("open", 0),
            Self::Entries(index) => ("entries", index),
            Self::Vote(term) => ("vote", term),
            Self::Purge(index) => ("purge", index),
        };
        println!("{what} {number}");
    }
}

/// Opens the node in `dir`, or makes one where none was ever finished.
pub(crate) fn open(dir: &Path, kind: Kind) -> Result<LogStore, OpenError> {
    let data = DataDir::lock(dir)?;
    match data.identity() {
        Ok(identity) => LogStore::open(dir, identity.store, &kind.options(), abort_process()),
        Err(OpenError::Empty(_)) => create(&data, kind),
        Err(error) => Err(error),
    }
}

fn create(data: &DataDir, kind: Kind) -> Result<LogStore, OpenError> {
    let store = StoreId::random();
    let log = LogStore::create(data.path(), store, &kind.options(), abort_process())?;
    data.write_identity(&Identity {
        format: IDENTITY_FORMAT,
        cluster_id: "rig".into(),
        epoch: 1,
        node_id: 1,
        name: "rig".into(),
        store,
    })?;
    Ok(log)
}

/// Writes until it dies.
pub(crate) fn write(dir: &Path, kind: Kind, seed: u64) -> ! {
    fs::create_dir_all(dir).expect("the disk is mounted");
    let log = open(dir, kind).unwrap_or_else(|error| panic!("{error}"));
    Said::Open.say();
    let runtime = tokio::runtime::Builder::new_current_thread().build().expect("a runtime");
    runtime.block_on(write_on(log, kind, seed))
}

async fn write_on(mut log: LogStore, kind: Kind, seed: u64) -> ! {
    let load = kind.load();
    let mut dice = Dice::new(seed);
    let state = log.get_log_state().await.expect("an open log");
    let mut next = state.last_log_id.map_or(0, |last| last.index + 1);
    let vote = log.read_vote().await.expect("an open log");
    let mut term = vote.map_or(0, |vote| vote.leader_id.term);
    loop {
        let count = 1 + dice.below(load.group_max);
        let entries: Vec<_> = (next..next + count)
            .map(|index| entry(index, seed, 16 + dice.below(load.bytes_max)))
            .collect();
        let (flushed, durable) = TypeConfig::oneshot();
        let accepted = log.append(entries, IOFlushed::signal(flushed)).await;
        next += count;
        if dice.below(4) == 0 {
            term += 1;
            let vote = Ballot { term, node: seed % 3, committed: false };
            log.save_vote(&vote.into()).await.expect("the log works or the process ends");
            Said::Vote(term).say();
        }
        accepted.expect("the log works or the process ends");
        durable.await.expect("an answer").expect("the log works or the process ends");
        Said::Entries(next - 1).say();
        let last = Position { term: 1, index: next - 1 };
        log.save_committed(Some(last.into())).await.expect("the log works or the process ends");
        if dice.below(3) == 0 && next > load.kept {
            let upto = Position { term: 1, index: next - load.kept };
            Said::Purge(upto.index).say();
            log.purge(upto.into()).await.expect("the log works or the process ends");
        }
    }
}
