//! What arrives at a node's peer port before Raft sees it: headers, sealed messages, whether a peer could mean them.
//!
//! Whatever the bytes: a message or a refusal. What is let through is of the sender it names and within its bounds.

use crate::subject::way;
use crate::target::Target;
use prost::Message as _;
use regent_core::codec::{from_bare, open, seal, to_bare};
use regent_core::command::{Command, Request};
use regent_proto::peer;
use regent_raft::network::header::{Admission, Identity, Roster};
use regent_raft::network::limits::ORDINAL_MAX;
use regent_raft::network::plausible;
use regent_raft::network::refusal::Refusal;
use regent_raft::type_config::{Entry, LogId, NodeId, Vote};
use std::collections::{BTreeMap, BTreeSet};

/// The target. Its first byte chooses the message; then come the schema's bytes, or the bare bytes of a payload.
pub const TARGET: Target = Target {
    name: "peer",
    about: "checks headers and messages of peers",
    run,
    seeds,
    words: &[
        b"region",
        b"store-2",
        b"\x0a\x06region",
        b"\x18\x02",
        b"\x28\x01",
        b"\x28\0",
        b"\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01",
        b"\xfd\xff\xff\xff\xff\xff\xff\xff\xff",
        b"\xfd\0\0\0\0\0\0\x20\0",
        b"\x01\x05\x02\x01",
    ],
    input_bytes_max: 32 << 10,
    memory_bytes_max: (64 << 20) + (4 << 20),
    memory_factor: 96,
};

/// Who sends.
const SENDER: NodeId = 2;

fn run(input: &[u8]) -> String {
    let Some((kind, bytes)) = input.split_first() else { return "nothing".into() };
    let checked = match kind % 10 {
        0 => header(bytes),
        1 => append(bytes),
        2 => payload(bytes, |request| plausible::vote(&request, SENDER)),
        3 => payload(bytes, |request| plausible::transfer(&request, SENDER)),
        4 => payload(bytes, |(vote, meta)| plausible::snapshot(&vote, &meta, SENDER)),
        5 => schema::<peer::AppendRequest>(bytes),
        6 => schema::<peer::SnapshotChunk>(bytes),
        7 => schema::<peer::ForwardRequest>(bytes),
        8 => schema::<peer::JoinRequest>(bytes),
        _ => forwarded(bytes),
    };
    format!("{} {checked}", kind % 10)
}

fn admission() -> Admission {
    let identity =
        Identity { cluster: "region".into(), epoch: 4, node: 1, store: "store-1".into() };
    let stores = BTreeMap::from([(SENDER, "store-2".to_owned()), (3, "store-3".to_owned())]);
    let roster = Roster { stores, removed: BTreeSet::from([9]), ..Roster::default() };
    Admission { roster, ..Admission::new(identity) }
}

fn header(bytes: &[u8]) -> String {
    let Ok(header) = peer::Header::decode(bytes) else { return "no header".into() };
    let admission = admission();
    let (member, stranger) = (admission.check(&header), admission.check_stranger(&header));
    if member.is_ok() {
        assert_eq!((header.cluster.as_str(), header.epoch, header.to_node), ("region", 4, 1));
        assert!(!admission.roster.removed.contains(&header.from_node), "a removed node is heard");
        let known = admission.roster.stores.get(&header.from_node);
        assert!(known.is_none_or(|store| *store == header.from_store), "another store is heard");
        assert_eq!(stranger, Ok(()), "a member is heard less than a stranger");
    }
    format!("{} {}", way::of(&member), way::of(&stranger))
}

fn payload<T: serde::Serialize + serde::de::DeserializeOwned>(
    bytes: &[u8],
    check: impl Fn(T) -> Result<(), Refusal>,
) -> String {
    let Ok(message) = from_bare::<T>(bytes) else { return "no payload".into() };
    assert!(open::<T>(&seal(&message)).is_ok(), "a message does not survive its seal");
    way::of(&check(message))
}

fn append(bytes: &[u8]) -> String {
    payload(bytes, |request| {
        let checked = plausible::append(&request, SENDER);
        if checked.is_ok() {
            assert_eq!(request.vote.leader_id.voted_for, SENDER, "in another's name");
            for entry in &request.entries {
                assert!(entry.log_id.index <= ORDINAL_MAX, "an index out of bounds");
                let entry: Entry = from_bare(&to_bare(entry)).expect("an entry is its bytes");
                drop(entry);
            }
            for pair in request.entries.windows(2) {
                assert_eq!(pair[0].log_id.index + 1, pair[1].log_id.index, "a hole");
            }
        }
        checked
    })
}

/// What the schema's own decoder makes of the bytes; the payloads inside are opened, too.
fn schema<M: prost::Message + Default + PartialEq>(bytes: &[u8]) -> String {
    let Ok(message) = M::decode(bytes) else { return "no message".into() };
    let again = M::decode(message.encode_to_vec().as_slice()).expect("it was just encoded");
    assert!(again == message, "a message changed on its way through bytes");
    format!("message, empty: {}", message == M::default())
}

/// A forwarded write is opened by the leader that proposes it.
fn forwarded(bytes: &[u8]) -> String {
    let opened = open::<Request>(bytes).map(drop);
    let bare = from_bare::<Request>(bytes).map(drop);
    format!("{} {}", way::of(&opened), way::of(&bare))
}

fn seeds() -> Vec<Vec<u8>> {
    let vote = Vote::new_committed(5, SENDER);
    let id = |term, index| LogId::new_term_index(term, index);
    let entries: Vec<(LogId, u8)> = (3..6).map(|index| (id(4, index), 0)).collect();
    let append = to_bare(&(vote, Some(id(4, 2)), entries, Some(id(4, 2))));
    let admission = admission();
    let header = Identity { node: SENDER, store: "store-2".into(), ..admission.identity };
    let header = header.header_to(1);
    let request = crate::subject::sites::request(Command::Tick);
    let chunk = peer::SnapshotChunk { offer: None, offset_bytes: 7, data: vec![1, 2, 3].into() };
    let forward = peer::ForwardRequest {
        header: Some(header.clone()),
        request: seal(&request).into(),
        deadline_ms: 100,
    };
    let carried = peer::AppendRequest {
        header: Some(header.clone()),
        append: seal(&vote).into(),
        age_us: None,
        told: None,
    };
    let stranger = peer::Header { cluster: String::new(), to_node: 0, ..header.clone() };
    [
        (0, header.encode_to_vec()),
        (0, stranger.encode_to_vec()),
        (1, append),
        (2, to_bare(&(Vote::new(6, SENDER), Some(id(5, 9)), false))),
        (3, to_bare(&(vote, SENDER, Some(id(4, 2))))),
        (4, to_bare(&(vote, Some(id(4, 2)), (None::<LogId>, (0_u8, 0_u8)), ""))),
        (5, carried.encode_to_vec()),
        (6, chunk.encode_to_vec()),
        (7, forward.encode_to_vec()),
        (9, seal(&request)),
        (9, to_bare(&request)),
    ]
    .into_iter()
    .map(|(kind, bytes)| [&[kind], bytes.as_slice()].concat())
    .collect()
}

#[cfg(test)]
mod tests {
    use super::{run, seeds};

    #[test]
    fn seeds_are_messages_and_the_first_appends_pass() {
        let ways: Vec<String> = seeds().iter().map(|seed| run(seed)).collect();
        let odd = |way: &String| way.contains("no ");
        assert!(!ways.iter().any(odd), "{ways:#?}");
        for passed in ["0 Ok(", "1 Ok(", "2 Ok(", "3 Ok("] {
            assert!(ways.iter().any(|way| way.starts_with(passed)), "{passed} of {ways:#?}");
        }
    }
}
