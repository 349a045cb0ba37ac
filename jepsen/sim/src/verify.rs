//! What must hold at every moment, looked at from outside while a run goes on: one leader a term, committed entries that
//! never change, equal digests at equal places, and no node that stops without being told to.

use crate::fault::Loss;
use crate::group::Group;
use crate::names::HostId;
use crate::node::Running;
use crate::record::Recorder;
use regent_check::history::line::{Note, Revision};
use regent_core::apply::{apply, blank};
use regent_core::codec;
use regent_core::command::{Proposal, Request};
use regent_core::state::State;
use regent_core::state::digest::Digest;
use regent_core::state::meta::Meta;
use regent_raft::exclusion::Exclusion;
use regent_raft::offline_log::{OfflineEntry, OfflineLog};
use regent_raft::region::handle::Region;
use std::collections::BTreeMap;
use std::time::Duration;
use tokio::time::{Instant, sleep};

/// How often it is looked.
const LOOK_EVERY: Duration = Duration::from_millis(20);
/// And while little happens.
const LOOK_QUIET_EVERY: Duration = Duration::from_millis(200);
/// Digests remembered.
const DIGESTS_MAX: usize = 4096;

/// What was seen so far.
#[derive(Debug, Default)]
pub struct Watch {
    leaders: BTreeMap<u64, HostId>,
    committed: BTreeMap<u64, OfflineEntry>,
    /// The entry of each node's log that is compared next.
    compared: BTreeMap<HostId, u64>,
    digests: BTreeMap<u64, (HostId, Digest)>,
    /// How far each node's log was purged, and how many snapshots it had installed by then.
    purged: BTreeMap<HostId, (u64, u64)>,
}

/// Whether a node goes on.
enum Left {
    No,
    /// It was removed, and knows it.
    ForGood,
    /// It stops, and nobody has told it to.
    Unasked,
}

impl Watch {
    /// Looks until the end.
    pub async fn until(&mut self, end: Instant, group: &Group, recorder: &Recorder) {
        self.until_every(LOOK_EVERY, end, group, recorder).await;
    }

    /// Looks until the end of a time in which little happens.
    pub async fn until_quiet(&mut self, end: Instant, group: &Group, recorder: &Recorder) {
        self.until_every(LOOK_QUIET_EVERY, end, group, recorder).await;
    }

    async fn until_every(
        &mut self,
        pause: Duration,
        end: Instant,
        group: &Group,
        recorder: &Recorder,
    ) {
        while Instant::now() < end {
            self.look(group, recorder).await;
            sleep(pause).await;
        }
    }

    /// Looks once at every node.
    pub async fn look(&mut self, group: &Group, recorder: &Recorder) {
        for host in group.hosts() {
            match self.look_at(host, group, recorder) {
                Left::No => {}
                Left::ForGood => group.discard(host).await,
                // What ends with its disk was asked to.
                Left::Unasked if group.disk(host).is_some_and(|disk| !disk.is_well()) => {}
                Left::Unasked => {
                    recorder.find(format!("{host} stopped by itself"));
                    group.lose(host, Loss::Kill).await;
                }
            }
        }
    }

    /// Keeps no handle to the node: that would keep its directory while others go on.
    fn look_at(&mut self, host: HostId, group: &Group, recorder: &Recorder) -> Left {
        let Some(Running { region, .. }) = group.running(host) else { return Left::No };
        self.leadership(host, &region, recorder);
        self.log(host, &region, recorder);
        self.digest(host, &region, recorder);
        self.snapshots(host, &region, recorder);
        match (region.stopping().is_cancelled(), region.exclusion()) {
            (false, _) => Left::No,
            (true, Some(Exclusion::Removed)) => Left::ForGood,
            (true, Some(Exclusion::Diverged) | None) => Left::Unasked,
        }
    }

    fn leadership(&mut self, host: HostId, region: &Region, recorder: &Recorder) {
        let leadership = region.leadership();
        if !leadership.is_leader {
            return;
        }
        match self.leaders.insert(leadership.term, host) {
            Some(other) if other != host => {
                let term = leadership.term;
                recorder.find(format!("{host} and {other} both lead in term {term}"));
            }
            Some(_same) => {}
            None => recorder.note(Note::Leader {
                node: host.to_string(),
                term: leadership.term,
                seen: recorder.now(),
            }),
        }
    }

    /// A node that installs a snapshot purges its log; so it is asked how many it has only then. It counts from its start.
    fn snapshots(&mut self, host: HostId, region: &Region, recorder: &Recorder) {
        let (purged, installed) = self.purged.entry(host).or_default();
        let now = region.purged_index();
        if now == std::mem::replace(purged, now) {
            return;
        }
        let number = region.figures().snapshots.installed;
        if number > std::mem::replace(installed, number) {
            recorder.note(Note::Snapshot {
                node: host.to_string(),
                revision: Revision(region.published().state.meta().revision.0),
                seen: recorder.now(),
            });
        }
    }

    fn log(&mut self, host: HostId, region: &Region, recorder: &Recorder) {
        let compared = self.compared.entry(host).or_default();
        for entry in region.committed_from(*compared) {
            *compared = entry.index + 1;
            compare(&mut self.committed, host, entry, recorder);
        }
    }

    fn digest(&mut self, host: HostId, region: &Region, recorder: &Recorder) {
        let published = region.published();
        let (index, digest) = (published.applied_index(), published.state.digest());
        if let Some((other, known)) = self.digests.insert(index, (host, digest))
            && known != digest
        {
            recorder.find(format!("{host} and {other} differ at entry {index}"));
        }
        if self.digests.len() > DIGESTS_MAX {
            self.digests.pop_first();
        }
    }

    /// Compares what is on the disk of each node with what was seen to be committed.
    pub fn disks(&mut self, group: &Group, recorder: &Recorder) {
        for (host, region) in group.regions() {
            let committed = region.log_indexes().committed;
            let Some(disk) = group.disk(host) else { continue };
            match OfflineLog::read_simulated(&disk, region.identity().clone()) {
                Ok(log) => {
                    let known = log.entries.into_iter().filter(|entry| entry.index <= committed);
                    known.for_each(|entry| compare(&mut self.committed, host, entry, recorder));
                }
                Err(error) => recorder.find(format!("the disk of {host} is not read: {error}")),
            }
        }
    }

    /// Applies the committed log once more, tells what is in it as notes, and compares the state with that of the nodes.
    pub fn replay(&self, group: &Group, recorder: &Recorder) {
        let regions = group.regions();
        let Some((_, region)) = regions.first() else { return };
        let cluster_id = region.identity().cluster_id.clone();
        let mut state = State::new(Meta { cluster_id, ..Meta::default() });
        let mut digests = BTreeMap::new();
        for (expected, (index, entry)) in (0..).zip(&self.committed) {
            if *index != expected {
                recorder.find(format!("nobody was seen to hold entry {expected}"));
                return;
            }
            state = applied(&state, entry, recorder);
            digests.insert(*index, state.digest());
        }
        for (host, region) in regions {
            let published = region.published();
            let index = published.applied_index();
            if digests.get(&index) != Some(&published.state.digest()) {
                recorder.find(format!("{host} is not what the log to {index} comes to"));
            }
        }
    }
}

fn compare(
    committed: &mut BTreeMap<u64, OfflineEntry>,
    host: HostId,
    entry: OfflineEntry,
    recorder: &Recorder,
) {
    match committed.get(&entry.index) {
        Some(known) if *known != entry => {
            recorder.find(format!("{host} has another entry {} than was committed", entry.index));
        }
        Some(_same) => {}
        None => drop(committed.insert(entry.index, entry)),
    }
}

/// The state after an entry. If it has the effect of a client's request, that is noted.
fn applied(state: &State, entry: &OfflineEntry, recorder: &Recorder) -> State {
    let Some(stamped) = &entry.stamped else { return blank(state, entry.index) };
    let Ok(request) = codec::open::<Request>(&stamped.request) else {
        recorder.find(format!("entry {} does not decode", entry.index));
        return blank(state, entry.index);
    };
    let key = request.key.as_ref().map(|key| key.key.clone());
    let proposal = Proposal { at: stamped.at, wall: stamped.wall, request };
    let applied = apply(state, entry.index, &proposal);
    if let Some(request_id) = key
        && !applied.reply.replayed
        && applied.reply.result.is_ok()
    {
        let revision = Revision(applied.reply.revision.0);
        recorder.note(Note::Log { request_id, revision });
    }
    applied.state
}
