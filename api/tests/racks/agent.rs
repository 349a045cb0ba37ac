//! A rack as a test plays it: it says what it is told to say, and hears everything.

use crate::site::{Node, PATIENCE};
use bytes::Bytes;
use regent_core::command::rack::LeaseStep;
use regent_core::id::SystemId;
use regent_proto::lease;
use regent_proto::lease::answers::{Answers, Applied};
use regent_proto::rack::from_rack::Message as Said;
use regent_proto::rack::rack_client::RackClient;
use regent_proto::rack::to_rack::Message as Told;
use regent_proto::rack::{
    EnrolRequest, FromRack, Goodbye, GoodbyeCode, Heartbeat, Hello, Interface, ToRack, View,
    ViewPlace, VlanService, Welcome,
};
use std::net::Ipv4Addr;
use std::time::Duration;
use tokio::sync::mpsc;
use tokio::task::JoinSet;
use tokio::time::timeout;
use tokio_stream::wrappers::ReceiverStream;
use tonic::transport::Channel;
use tonic::{Status, Streaming};

/// A machine that enrolled.
#[derive(Clone)]
pub(crate) struct Agent {
    /// Its number among the controllers.
    pub(crate) number: u32,
    pub(crate) hello: Hello,
}

/// A stream to a node.
pub(crate) struct Line {
    say: mpsc::Sender<FromRack>,
    hear: Streaming<ToRack>,
    asked: u64,
}

pub(crate) async fn client(node: &Node) -> RackClient<Channel> {
    RackClient::connect(format!("http://{}", node.address)).await.unwrap()
}

impl Agent {
    pub(crate) async fn enrol(node: &Node, token: String, hostname: &str) -> Result<Self, Status> {
        let mac = [2, 0, 0, hostname.len().try_into().unwrap(), hostname.as_bytes()[0], 1];
        let card = Interface {
            name: "eth0".to_owned(),
            mac_address: Bytes::copy_from_slice(&mac),
            addresses: Vec::new(),
        };
        let request = EnrolRequest {
            token,
            hostname: hostname.to_owned(),
            interfaces: vec![card],
            version: "0.1.0".to_owned(),
        };
        let reply = client(node).await.enrol(request).await?.into_inner();
        let state = &node.region.published().state;
        let system_id = SystemId::parse(&reply.system_id).unwrap();
        let number = *state.indexes().nodes_by_system_id.first_under(&system_id).unwrap();
        let hello = Hello {
            cluster_id: reply.cluster_id,
            system_id: reply.system_id,
            key: reply.key,
            version: "0.1.0".to_owned(),
            ..Hello::default()
        };
        Ok(Self { number: number.0, hello })
    }

    /// Says hello and is welcomed.
    pub(crate) async fn connect(&self, node: &Node) -> (Line, Welcome) {
        let mut line = Line::open(node).await;
        line.say(Said::Hello(self.hello.clone())).await;
        match line.next().await {
            Told::Welcome(welcome) => (line, welcome),
            told => panic!("no welcome: {told:?}"),
        }
    }

    /// The same, on the records of this life.
    pub(crate) fn with_life(&self, life: u32) -> Self {
        let hello = Hello { life: Some(life), ..self.hello.clone() };
        Self { hello, ..self.clone() }
    }

    /// The same, with the view of this epoch and revision.
    pub(crate) fn with_view(&self, epoch: u64, revision: u64) -> Self {
        let view = Some(ViewPlace { epoch, revision });
        Self { hello: Hello { view, ..self.hello.clone() }, ..self.clone() }
    }
}

impl Line {
    /// A stream on a connection of its own.
    pub(crate) async fn open(node: &Node) -> Self {
        let (say, said) = mpsc::channel(64);
        let stream = client(node).await.session(ReceiverStream::new(said)).await.unwrap();
        Self { say, hear: stream.into_inner(), asked: 0 }
    }

    pub(crate) async fn say(&self, message: Said) {
        // The node may have hung up: what it said before is what the test is about.
        drop(self.say.send(FromRack { message: Some(message) }).await);
    }

    /// A message of no kind.
    pub(crate) async fn mumble(&self) {
        drop(self.say.send(FromRack { message: None }).await);
    }

    /// What the node says next.
    pub(crate) async fn next(&mut self) -> Told {
        let told = timeout(PATIENCE, self.hear.message()).await.expect("the node says something");
        told.unwrap().expect("the node goes on").message.unwrap()
    }

    /// What it says next that `wanted` makes something of.
    pub(crate) async fn next_such<T>(&mut self, wanted: impl Fn(Told) -> Option<T>) -> T {
        let found = async {
            loop {
                if let Some(found) = wanted(self.next().await) {
                    return found;
                }
            }
        };
        timeout(PATIENCE, found).await.expect("it is told")
    }

    /// The next change of the view, in one part.
    pub(crate) async fn view(&mut self) -> View {
        let view = self.next_such(|told| match told {
            Told::View(view) => Some(view),
            Told::Goodbye(goodbye) => panic!("{goodbye:?}"),
            _ => None,
        });
        let view = view.await;
        assert!(!view.more, "views here fit into one part");
        view
    }

    /// The last word.
    pub(crate) async fn goodbye(&mut self) -> Goodbye {
        let is_goodbye = |told| match told {
            Told::Goodbye(goodbye) => Some(goodbye),
            _ => None,
        };
        let goodbye = self.next_such(is_goodbye).await;
        assert!(self.hear.message().await.unwrap().is_none(), "nothing follows a goodbye");
        goodbye
    }

    /// Waits for the last word, which must be this.
    pub(crate) async fn ends_with(&mut self, code: GoodbyeCode) {
        let goodbye = self.goodbye().await;
        assert_eq!(goodbye.code(), code, "{}", goodbye.text);
    }

    /// Asks, and waits for the answer.
    pub(crate) async fn ask(&mut self, steps: &[LeaseStep]) -> Answers {
        self.asked += 1;
        let asked = self.asked;
        self.say(Said::Ask(lease::ask::write(asked, steps).unwrap())).await;
        let answers = self.next_such(|told| match told {
            Told::Answers(answers) => Some(answers),
            Told::Goodbye(goodbye) => panic!("{goodbye:?}"),
            _ => None,
        });
        let answers = lease::answers::read(answers.await).unwrap();
        assert_eq!(answers.id, asked);
        answers
    }

    /// Asks what is applied.
    pub(crate) async fn done(&mut self, steps: &[LeaseStep]) -> Applied {
        self.ask(steps).await.result.unwrap()
    }

    /// Says all the time how it is, with an address on a VLAN, until that is dropped.
    pub(crate) fn beating(&self, vlan: u32, server_id: Ipv4Addr) -> JoinSet<()> {
        self.beating_at(vlan, server_id, 1)
    }

    /// The same, by a view of this revision.
    pub(crate) fn beating_at(
        &self,
        vlan: u32,
        server_id: Ipv4Addr,
        applied_revision: u64,
    ) -> JoinSet<()> {
        let service = VlanService {
            vlan,
            server_id: Some(server_id.into()),
            live: true,
            trouble: String::new(),
        };
        self.beats(Heartbeat { applied_revision, backlog: 0, vlans: vec![service] })
    }

    /// Says all the time that it serves nothing.
    pub(crate) fn beating_nothing(&self) -> JoinSet<()> {
        self.beats(Heartbeat::default())
    }

    fn beats(&self, beat: Heartbeat) -> JoinSet<()> {
        let (say, mut beats) = (self.say.clone(), JoinSet::new());
        beats.spawn(async move {
            let mut next = tokio::time::interval(Duration::from_millis(300));
            loop {
                next.tick().await;
                let message = Some(Said::Heartbeat(beat.clone()));
                drop(say.send(FromRack { message }).await);
            }
        });
        beats
    }
}
