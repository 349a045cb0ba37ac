//! What a node says to senders it does not take, and that nothing they send harms it.

use crate::group::{Group, Node};
use bytes::Bytes;
use hyper::body::Frame;
use openraft::EntryPayload;
use openraft::raft::{AppendEntriesRequest, VoteRequest as RaftVoteRequest};
use regent_core::codec;
use regent_proto::peer::peer_client::PeerClient;
use regent_proto::peer::{
    AppendRequest, ForwardRequest, Header, HelloRequest, JoinRequest, NoteRequest,
    ReadIndexRequest, SnapshotChunk, SnapshotOfferRequest, StatusRequest, TransferLeaderRequest,
    VoteRequest,
};
use regent_raft::network::calls::PeerAddress;
use regent_raft::network::failure::CallError;
use regent_raft::network::gate::Standing;
use regent_raft::network::header::{Admission, Identity};
use regent_raft::network::refusal::{ControlError, Refusal};
use regent_raft::type_config::{Entry, LogId, NodeId, TypeConfig, Vote};
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tonic::body::Body;
use tonic::codegen::{Service, http};
use tonic::transport::{Channel, Endpoint};
use tonic::{Code, Status};

const SOON: Duration = Duration::from_secs(5);

async fn client_of(group: &Group) -> PeerClient<Channel> {
    let address = format!("http://{}", group.nodes[&1].address);
    PeerClient::connect(address).await.unwrap().max_encoding_message_size(64 << 20)
}

/// A header node 1 listens to: from node 2, which is on its roster.
fn header() -> Header {
    let two = Identity { cluster: "test".into(), epoch: 1, node: 2, store: "store-2".into() };
    two.header_to(1)
}

fn code(status: &Status) -> &'static str {
    match Refusal::in_status(status) {
        Some(refusal) => refusal.code(),
        None => panic!("no refusal: {status:?}"),
    }
}

fn hopeless_vote() -> Bytes {
    codec::seal(&RaftVoteRequest::<TypeConfig>::new(Vote::new(0, 2), None)).into()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn each_wrong_header_gets_its_own_code() {
    let group = Group::start(2, 2, 0).await;
    group.leader().await;
    let node = &group.nodes[&1];
    remove(node, 7);
    let cases = [
        (Header { cluster: "other".into(), ..header() }, "wrong_cluster"),
        (Header { epoch: 2, ..header() }, "wrong_epoch"),
        (Header { to_node: 2, ..header() }, "wrong_target"),
        (Header { from_store: "wiped".into(), ..header() }, "store_changed"),
        (Header { from_node: 7, ..header() }, "sender_removed"),
    ];
    let mut client = client_of(&group).await;
    for (header, expected) in cases {
        let vote = VoteRequest { header: Some(header.clone()), vote: hopeless_vote() };
        let append =
            AppendRequest { header: Some(header), append: Bytes::new(), age_us: None, told: None };
        assert_eq!(code(&client.vote(vote.clone()).await.unwrap_err()), expected);
        assert_eq!(code(&client.pre_vote(vote).await.unwrap_err()), expected);
        let refused = client.append(futures::stream::iter([append])).await.unwrap_err();
        assert_eq!(code(&refused), expected);
    }
    let headless = client.vote(VoteRequest::default()).await.unwrap_err();
    assert_eq!(code(&headless), "malformed");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn node_without_memory_says_so_to_every_request() {
    let group = Group::start(2, 2, 0).await;
    group.leader().await;
    let standing = &group.nodes[&1].gate.standing;
    let mut client = client_of(&group).await;
    standing.store(Arc::new(Standing::Amnesiac));
    for (request, status) in every_request(&mut client).await {
        assert_eq!(code(&status), "amnesiac", "{request}");
    }
}

async fn every_request(client: &mut PeerClient<Channel>) -> Vec<(&'static str, Status)> {
    let header = Some(header());
    let offer = sealed_offer();
    let vote = VoteRequest { header: header.clone(), vote: hopeless_vote() };
    let append =
        AppendRequest { header: header.clone(), append: Bytes::new(), age_us: None, told: None };
    let chunk = SnapshotChunk { offer: Some(offer.clone()), ..SnapshotChunk::default() };
    let transfer =
        TransferLeaderRequest { header: header.clone(), ..TransferLeaderRequest::default() };
    let forward = ForwardRequest { header: header.clone(), ..ForwardRequest::default() };
    let read = ReadIndexRequest { header: header.clone(), ..ReadIndexRequest::default() };
    let hello = HelloRequest { header: header.clone(), ..HelloRequest::default() };
    let join = JoinRequest { header: header.clone(), ..JoinRequest::default() };
    let offered = SnapshotOfferRequest { offer: Some(offer) };
    vec![
        ("append", client.append(futures::stream::iter([append])).await.unwrap_err()),
        ("vote", client.vote(vote.clone()).await.unwrap_err()),
        ("pre_vote", client.pre_vote(vote).await.unwrap_err()),
        ("transfer_leader", client.transfer_leader(transfer).await.unwrap_err()),
        ("snapshot_offer", client.snapshot_offer(offered).await.unwrap_err()),
        ("snapshot", client.snapshot(futures::stream::iter([chunk])).await.unwrap_err()),
        ("forward", client.forward(forward).await.unwrap_err()),
        ("read_index", client.read_index(read).await.unwrap_err()),
        ("hello", client.hello(hello).await.unwrap_err()),
        ("join", client.join(join).await.unwrap_err()),
        ("note", client.note(NoteRequest { header: header.clone() }).await.unwrap_err()),
        ("status", client.status(StatusRequest { header }).await.unwrap_err()),
    ]
}

fn sealed_offer() -> regent_proto::peer::SnapshotOffer {
    let meta = openraft::alias::SnapshotMetaOf::<TypeConfig> {
        last_log_id: Some(LogId::new_term_index(1, 1)),
        ..Default::default()
    };
    regent_proto::peer::SnapshotOffer {
        header: Some(header()),
        vote: codec::seal(&Vote::new_committed(1, 2)).into(),
        meta: codec::seal(&meta).into(),
        crc: 0,
        length_bytes: 0,
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn removal_takes_effect_on_an_open_stream() {
    let group = Group::start(2, 2, 0).await;
    let leader = group.leader().await;
    let follower = group.follower(leader);
    let heartbeat = AppendEntriesRequest::<TypeConfig> {
        vote: Vote::new_committed(leader.term(), leader.id),
        prev_log_id: None,
        entries: vec![],
        leader_commit: None,
    };
    let header = leader.gate.admission.load().identity.header_to(follower.id);
    let append = codec::seal(&heartbeat).into();
    let message = AppendRequest { header: Some(header), append, age_us: None, told: None };
    let mut client = PeerClient::connect(format!("http://{}", follower.address)).await.unwrap();
    let (messages, outbound) = tokio::sync::mpsc::channel(1);
    messages.send(message.clone()).await.unwrap();
    let replies = client.append(tokio_stream::wrappers::ReceiverStream::new(outbound)).await;
    let mut replies = replies.unwrap().into_inner();
    assert!(replies.message().await.unwrap().is_some());

    remove(follower, leader.id);
    messages.send(message).await.unwrap();
    assert_eq!(code(&replies.message().await.unwrap_err()), "sender_removed");
}

fn remove(node: &Node, removed: NodeId) {
    node.gate.admission.rcu(|admission| {
        let mut admission = Admission::clone(admission);
        admission.roster.removed.insert(removed);
        admission
    });
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn node_learns_from_its_peers_that_it_was_removed() {
    let group = Group::start(3, 3, 0).await;
    let leader = group.leader().await;
    leader.write(10).await;
    group.all_have(10).await;
    let follower = group.follower(leader);
    let mut refusals = leader.gate.contacts.watch_refusals();
    remove(follower, leader.id);
    let learnt = refusals.wait_for(Option::is_some);
    let learnt = tokio::time::timeout(SOON, learnt).await.unwrap().unwrap().clone().unwrap();
    assert_eq!((learnt.node, learnt.refusal), (follower.id, Refusal::SenderRemoved));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn garbage_is_refused_without_harm() {
    let group = Group::start(2, 2, 0).await;
    let leader = group.leader().await;
    leader.write(10).await;
    group.all_have(10).await;
    let term = leader.term();
    let mut client = client_of(&group).await;
    for garbage in [&b""[..], b"\x01", &[0xff; 300], &codec::seal(&u64::MAX)] {
        let payload = Bytes::copy_from_slice(garbage);
        let vote = VoteRequest { header: Some(header()), vote: payload.clone() };
        assert_eq!(code(&client.vote(vote.clone()).await.unwrap_err()), "malformed");
        assert_eq!(code(&client.pre_vote(vote).await.unwrap_err()), "malformed");
        let transfer = TransferLeaderRequest { header: Some(header()), transfer: payload };
        assert_eq!(code(&client.transfer_leader(transfer).await.unwrap_err()), "malformed");
    }
    for impossible in impossible_appends() {
        assert_eq!(code(&append_status(&mut client, impossible).await), "malformed");
    }
    let huge = VoteRequest { header: Some(header()), vote: vec![0; 17 << 20].into() };
    assert_eq!(client.vote(huge).await.unwrap_err().code(), Code::OutOfRange);
    leader.write(10).await;
    group.all_have(20).await;
    assert_eq!(leader.term(), term);
}

fn impossible_appends() -> Vec<Bytes> {
    let entry = |term, index| Entry {
        log_id: LogId::new_term_index(term, index),
        payload: EntryPayload::Blank,
    };
    let append = |vote, entries| AppendEntriesRequest::<TypeConfig> {
        vote,
        prev_log_id: Some(LogId::new_term_index(1, 3)),
        entries,
        leader_commit: None,
    };
    let far = Vote::new_committed(900, 2);
    let requests = [
        append(far, vec![entry(900, 4), entry(900, 6)]),
        append(far, vec![entry(901, 4)]),
        append(Vote::new_committed(900, 1), vec![]),
        append(Vote::new_committed(u64::MAX, 2), vec![]),
        append(Vote::new(900, 2), vec![]),
    ];
    let mut sealed: Vec<Bytes> = requests.iter().map(|r| codec::seal(r).into()).collect();
    sealed.push(Bytes::from_static(b"nonsense"));
    sealed
}

async fn append_status(client: &mut PeerClient<Channel>, append: Bytes) -> Status {
    let message = AppendRequest { header: Some(header()), append, age_us: None, told: None };
    match client.append(futures::stream::iter([message])).await {
        Err(status) => status,
        Ok(replies) => replies.into_inner().message().await.unwrap_err(),
    }
}

/// A body that begins and never ends.
struct Unfinished(Option<Bytes>);

impl hyper::body::Body for Unfinished {
    type Data = Bytes;
    type Error = Status;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        _context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Status>>> {
        self.0.take().map_or(Poll::Pending, |data| Poll::Ready(Some(Ok(Frame::data(data)))))
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn message_that_never_completes_is_given_up() {
    let group = Group::start(1, 1, 0).await;
    let node = group.leader().await;
    let endpoint = Endpoint::from_shared(format!("http://{}", node.address)).unwrap();
    let mut channel = endpoint.connect().await.unwrap();
    let begun = [&[0, 0, 0, 1, 0][..], &[7; 100]].concat();
    let complete = [0, 0, 0, 0, 0].to_vec();
    for (method, sent) in
        [("Vote", vec![]), ("Vote", begun.clone()), ("Vote", complete), ("Append", begun)]
    {
        let request = http::Request::post(format!("/regent.raft.v1.Peer/{method}"))
            .header("content-type", "application/grpc")
            .body(Body::new(Unfinished(Some(sent.clone().into()))))
            .unwrap();
        std::future::poll_fn(|context| channel.poll_ready(context)).await.unwrap();
        let answered = tokio::time::timeout(SOON, channel.call(request)).await;
        let response = answered.unwrap_or_else(|_| panic!("{method} still waits")).unwrap();
        let status = Status::from_header_map(response.headers()).unwrap();
        assert_eq!(status.code(), Code::DeadlineExceeded, "{method} with {} bytes", sent.len());
    }
    node.write(1).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn connection_that_speaks_no_http2_is_closed() {
    let group = Group::start(1, 1, 0).await;
    let node = group.leader().await;
    for greeting in [&b"GET / HTTP/1.1\r\nHost: x\r\n\r\n"[..], &[0; 4096], b"PRI * HTT", b""] {
        let mut stream = TcpStream::connect(&node.address).await.unwrap();
        stream.write_all(greeting).await.unwrap();
        let mut rest = Vec::new();
        let closed = tokio::time::timeout(SOON, stream.read_to_end(&mut rest)).await;
        assert!(closed.is_ok(), "still open after {greeting:?}");
    }
    node.write(1).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn control_requests_reach_the_region_and_its_answers_come_back() {
    let group = Group::start(3, 3, 0).await;
    let leader = group.leader().await;
    leader.write(10).await;
    group.all_have(10).await;
    let follower = group.follower(leader);
    let calls = &follower.calls;

    let written = calls.forward(&leader.peer(), Bytes::from_static(b"write"), SOON).await;
    let revision: u64 = std::str::from_utf8(&written.unwrap()).unwrap().parse().unwrap();
    assert!(calls.read_index(&leader.peer(), SOON).await.unwrap() >= revision);
    let misled = leader.calls.forward(&follower.peer(), Bytes::from_static(b"write"), SOON).await;
    let not_leader = ControlError::NotLeader { leader: Some(leader.id) };
    assert_eq!(misled, Err(CallError::Control(not_leader)));
    assert_eq!(calls.status(&leader.peer(), SOON).await.unwrap(), "well");

    let hello = calls.hello(&leader.peer(), Bytes::from_static(b"hello"), SOON).await.unwrap();
    assert_eq!(hello.identity, leader.gate.admission.load().identity);
    assert_eq!(hello.hello, format!("{} says hello", follower.id));
    let by_name = leader.address.replace("127.0.0.1", "localhost");
    let refused = calls.join_at(&by_name, Bytes::new(), SOON).await;
    assert_eq!(refused, Err(CallError::Control(ControlError::Unavailable)));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn caller_learns_whether_its_write_can_have_had_an_effect() {
    let group = Group::start(1, 1, 0).await;
    let node = group.leader().await;
    let nobody = PeerAddress { node: 5, address: "127.0.0.1:1".into() };
    let unreached = node.calls.forward(&nobody, Bytes::new(), SOON).await.unwrap_err();
    assert!(matches!(unreached, CallError::Unreachable(_)), "{unreached}");
    let pause = Duration::from_millis(50);
    let silent = Bytes::from_static(b"never answered");
    let unknown = node.calls.forward(&node.peer(), silent, pause).await.unwrap_err();
    let may_have_had = CallError::Control(ControlError::OutcomeUnknown);
    assert!(unknown == may_have_had || matches!(unknown, CallError::CutOff(_)), "{unknown}");
}
