//! Whether a decoded Raft message is one a correct peer could have sent. openraft trusts what it is handed and
//! panics on some of what it cannot be (gaps between entries, ids beyond their leader); this stands before it.
//!
//! Structure only: whether the message agrees with *our* log is openraft's question.

use crate::network::limits::ORDINAL_MAX;
use crate::network::refusal::Refusal;
use crate::type_config::{LogId, NodeId, TypeConfig, Vote};
use openraft::alias::SnapshotMetaOf;
use openraft::raft::{AppendEntriesRequest, TransferLeaderRequest, VoteRequest};

/// An append is sent by the leader it names; its entries follow each other and none is from a later term.
///
/// # Errors
/// [`Refusal::Malformed`] with what is impossible about it.
pub fn append(request: &AppendEntriesRequest<TypeConfig>, from: NodeId) -> Result<(), Refusal> {
    leader_vote(&request.vote, from)?;
    log_id(request.prev_log_id.as_ref(), &request.vote)?;
    log_id(request.leader_commit.as_ref(), &request.vote)?;
    let mut previous = request.prev_log_id;
    for entry in &request.entries {
        log_id(Some(&entry.log_id), &request.vote)?;
        let expected = previous.map_or(0, |id| id.index + 1);
        if entry.log_id.index != expected {
            return Err(Refusal::Malformed("entries do not follow each other"));
        }
        if previous.is_some_and(|id| id.leader_id > entry.log_id.leader_id) {
            return Err(Refusal::Malformed("terms of entries go back"));
        }
        previous = Some(entry.log_id);
    }
    Ok(())
}

/// A candidate asks for itself, and its log is not from a later term than the one it stands for.
///
/// # Errors
/// [`Refusal::Malformed`] with what is impossible about it.
pub fn vote(request: &VoteRequest<TypeConfig>, from: NodeId) -> Result<(), Refusal> {
    named_vote(&request.vote, from)?;
    if request.vote.committed {
        return Err(Refusal::Malformed("candidate claims to lead already"));
    }
    log_id(request.last_log_id.as_ref(), &request.vote)
}

/// Leadership is handed over by the leader that holds it.
///
/// # Errors
/// [`Refusal::Malformed`] with what is impossible about it.
pub fn transfer(request: &TransferLeaderRequest<TypeConfig>, from: NodeId) -> Result<(), Refusal> {
    leader_vote(request.from_leader(), from)?;
    log_id(request.last_log_id(), request.from_leader())
}

/// A snapshot is sent by a leader and ends within its term.
///
/// # Errors
/// [`Refusal::Malformed`] with what is impossible about it.
pub fn snapshot(
    vote: &Vote,
    meta: &SnapshotMetaOf<TypeConfig>,
    from: NodeId,
) -> Result<(), Refusal> {
    leader_vote(vote, from)?;
    if meta.last_log_id.is_none() {
        return Err(Refusal::Malformed("snapshot of nothing"));
    }
    log_id(meta.last_log_id.as_ref(), vote)?;
    log_id(meta.last_membership.log_id().as_ref(), vote)
}

fn leader_vote(vote: &Vote, from: NodeId) -> Result<(), Refusal> {
    named_vote(vote, from)?;
    if vote.committed { Ok(()) } else { Err(Refusal::Malformed("leader's vote is not committed")) }
}

fn named_vote(vote: &Vote, from: NodeId) -> Result<(), Refusal> {
    if vote.leader_id.voted_for != from {
        return Err(Refusal::Malformed("vote names another node than the sender"));
    }
    if vote.leader_id.term > ORDINAL_MAX {
        return Err(Refusal::Malformed("term is out of bounds"));
    }
    Ok(())
}

fn log_id(id: Option<&LogId>, vote: &Vote) -> Result<(), Refusal> {
    let Some(id) = id else { return Ok(()) };
    if id.index > ORDINAL_MAX {
        return Err(Refusal::Malformed("index is out of bounds"));
    }
    if id.leader_id.term > vote.leader_id.term {
        return Err(Refusal::Malformed("log id is from a later term than its sender"));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::{append, snapshot, vote};
    use crate::network::limits::ORDINAL_MAX;
    use crate::type_config::{Entry, LogId, TypeConfig, Vote};
    use openraft::EntryPayload;
    use openraft::alias::SnapshotMetaOf;
    use openraft::raft::{AppendEntriesRequest, VoteRequest};

    fn id(term: u64, index: u64) -> LogId {
        LogId::new_term_index(term, index)
    }

    fn entry(term: u64, index: u64) -> Entry {
        Entry { log_id: id(term, index), payload: EntryPayload::Blank }
    }

    fn request(prev: Option<LogId>, entries: Vec<Entry>) -> AppendEntriesRequest<TypeConfig> {
        AppendEntriesRequest {
            vote: Vote::new_committed(5, 1),
            prev_log_id: prev,
            entries,
            leader_commit: None,
        }
    }

    #[test]
    fn what_a_leader_sends_passes() {
        let first = request(None, vec![entry(0, 0), entry(5, 1)]);
        let later = request(Some(id(4, 8)), vec![entry(4, 9), entry(5, 10)]);
        let heartbeat = request(Some(id(4, 8)), vec![]);
        for sent in [first, later, heartbeat] {
            assert_eq!(append(&sent, 1), Ok(()));
        }
    }

    #[test]
    fn what_no_leader_sends_is_refused() {
        let gap = request(Some(id(4, 8)), vec![entry(5, 10)]);
        let hole_at_start = request(None, vec![entry(5, 1)]);
        let backwards = request(Some(id(5, 8)), vec![entry(4, 9)]);
        let future = request(Some(id(4, 8)), vec![entry(6, 9)]);
        let overflow = request(Some(id(4, u64::MAX)), vec![entry(5, 0)]);
        for sent in [gap, hole_at_start, backwards, future, overflow] {
            assert!(append(&sent, 1).is_err(), "{sent}");
        }
        assert!(append(&request(None, vec![]), 2).is_err(), "sent in another's name");
        let uncommitted = AppendEntriesRequest { vote: Vote::new(5, 1), ..request(None, vec![]) };
        assert!(append(&uncommitted, 1).is_err());
    }

    #[test]
    fn candidate_asks_for_itself_in_a_reachable_term() {
        assert_eq!(vote(&VoteRequest::new(Vote::new(6, 1), Some(id(5, 9))), 1), Ok(()));
        assert!(vote(&VoteRequest::new(Vote::new(6, 2), None), 1).is_err());
        assert!(vote(&VoteRequest::new(Vote::new_committed(6, 1), None), 1).is_err());
        assert!(vote(&VoteRequest::new(Vote::new(ORDINAL_MAX + 1, 1), None), 1).is_err());
        assert!(vote(&VoteRequest::new(Vote::new(6, 1), Some(id(7, 9))), 1).is_err());
    }

    #[test]
    fn snapshot_ends_within_its_leaders_term() {
        let meta = |last| SnapshotMetaOf::<TypeConfig> {
            last_log_id: last,
            ..SnapshotMetaOf::<TypeConfig>::default()
        };
        let leader = Vote::new_committed(5, 1);
        assert_eq!(snapshot(&leader, &meta(Some(id(5, 90))), 1), Ok(()));
        assert!(snapshot(&leader, &meta(Some(id(6, 90))), 1).is_err());
        assert!(snapshot(&leader, &meta(None), 1).is_err());
    }
}
