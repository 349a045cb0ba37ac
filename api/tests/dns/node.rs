//! A node that is nothing but a state and a DNS server on it.

use prometheus_client::encoding::text::encode;
use prometheus_client::registry::Registry;
use regent_api::dns::config::DnsSection;
use regent_api::dns::listening::Listening;
use regent_api::dns::question::Transport;
use regent_api::dns::responder::Responder;
use regent_api::dns::response::Response;
use regent_api::dns::server::{DnsServer, Sockets};
use regent_api::dns::source::Source;
use regent_api::dns_figures::DnsFigures;
use regent_core::apply::apply;
use regent_core::command::{Command, Proposal, Request};
use regent_core::object::Key;
use regent_core::outcome::Outcome;
use regent_core::state::State;
use regent_core::state::digest::Digest;
use regent_core::state::meta::Meta;
use regent_core::time::{ClusterTime, WallTime};
use regent_raft::state_machine::published::{Progress, Published};
use regent_raft::type_config::StoredMembership;
use serde_json::{Value, json};
use std::net::SocketAddr;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tokio::sync::watch;

/// The state, and who follows it.
pub(crate) struct Held {
    published: Mutex<Arc<Published>>,
    progress: watch::Sender<Progress>,
    /// Whether the next question finds a fault in the program.
    fails_once: AtomicBool,
}

/// A node with its DNS server.
pub(crate) struct Node {
    held: Arc<Held>,
    figures: Arc<DnsFigures>,
    _server: DnsServer,
    pub(crate) address: SocketAddr,
}

impl Source for Held {
    fn published(&self) -> Arc<Published> {
        assert!(!self.fails_once.swap(false, Ordering::SeqCst), "a fault, as the test wants it");
        Arc::clone(&self.published.lock().unwrap())
    }

    fn progress(&self) -> watch::Receiver<Progress> {
        self.progress.subscribe()
    }

    fn last_contact(&self) -> Option<Duration> {
        Some(Duration::from_millis(7))
    }

    fn is_leader(&self) -> bool {
        true
    }
}

impl Node {
    /// A node with a founded site: default domain `maas`, subnet 10.0.0.0/24.
    pub(crate) async fn start(config: DnsSection) -> Self {
        Self::listening_on("127.0.0.1:0", config).await
    }

    /// The same, somewhere else.
    pub(crate) async fn listening_on(address: &str, config: DnsSection) -> Self {
        Self::current_after(async {}, address, config).await
    }

    /// The same, behind the others until `is_current` ends.
    pub(crate) async fn current_after(
        is_current: impl Future<Output = ()> + Send + 'static,
        address: &str,
        config: DnsSection,
    ) -> Self {
        let published = Published {
            applied: None,
            membership: StoredMembership::default(),
            state: State::new(Meta::default()),
            since_boot: Duration::ZERO,
        };
        let held = Arc::new(Held {
            published: Mutex::new(Arc::new(published)),
            progress: watch::Sender::new(Progress::default()),
            fails_once: AtomicBool::new(false),
        });
        let sockets = Sockets::bind(address.parse().unwrap()).await.unwrap();
        let address = sockets.local_addr().unwrap();
        let source: Arc<dyn Source> = held.clone();
        let figures = Arc::new(DnsFigures::default());
        let counted = Arc::clone(&figures);
        let _server = DnsServer::start(vec![sockets], config, source, counted, is_current);
        let node = Self { held, figures, _server, address };
        node.run(json!({ "Site": { "Bootstrap": { "domain": "maas" } } }));
        node.subnet("10.0.0.0/24");
        node
    }

    /// Applies a command written as JSON; the number of what it created.
    pub(crate) fn run(&self, command: Value) -> u32 {
        let command: Command = serde_json::from_value(command).unwrap();
        let mut published = self.held.published.lock().unwrap();
        let request = Request {
            principal: "test".into(),
            origin: None,
            key: None,
            guards: Vec::new(),
            command,
        };
        let index = published.state.meta().revision.0 + 1;
        let proposal = Proposal { at: ClusterTime(0), wall: WallTime(0), request };
        let applied = apply(&published.state, index, &proposal);
        let outcome = applied.reply.result.unwrap();
        *published = Arc::new(Published { state: applied.state, ..Published::clone(&published) });
        let revision = published.state.meta().revision;
        drop(published);
        self.held.progress.send_replace(Progress { index, revision });
        match outcome {
            Outcome::Created(object) => match object.key {
                Key::Number(number) => u32::try_from(number).unwrap(),
                Key::Address(_) | Key::Name(_) => 0,
            },
            _ => 0,
        }
    }

    /// What its server counted, as Prometheus reads it.
    pub(crate) fn figures(&self) -> String {
        let (mut registry, mut text) = (Registry::default(), String::new());
        self.figures.register(&mut registry);
        encode(&mut text, &registry).unwrap();
        text
    }

    /// Gives the default domain another name.
    pub(crate) fn rename_default_domain(&self, name: &str) {
        self.run(json!({ "Domain": { "Update": { "id": 0, "patch": { "name": name } } } }));
    }

    /// What the node decides about a packet of a client that does not sit on this host.
    pub(crate) fn decide(&self, packet: &[u8], client: &str, config: DnsSection) -> Response {
        let source: Arc<dyn Source> = self.held.clone();
        let responder = Responder::new(source, config, Listening::default());
        responder.respond(packet, client.parse().unwrap(), Transport::Udp)
    }

    /// The message it answers such a packet with.
    pub(crate) fn respond(&self, packet: &[u8], client: &str) -> Vec<u8> {
        match self.decide(packet, client, DnsSection::default()) {
            Response::Message(message) => message,
            Response::Forward(_) | Response::Transfer(_) | Response::Silence => {
                panic!("it is no message")
            }
        }
    }

    pub(crate) fn fail_once(&self) {
        self.held.fails_once.store(true, Ordering::SeqCst);
    }

    pub(crate) fn subnet(&self, cidr: &str) -> u32 {
        let subnet = regent_core::model::subnet::Subnet::new(
            regent_core::id::VlanId(5001),
            cidr.parse().unwrap(),
        );
        self.run(json!({ "Subnet": { "Create": subnet } }))
    }

    /// A name with addresses in the default domain.
    pub(crate) fn name(&self, name: &str, addresses: &[&str]) -> u32 {
        let addresses: Vec<u32> = addresses.iter().map(|ip| self.address(ip)).collect();
        self.run(json!({ "DnsResource": { "Create": {
            "name": name, "domain": 0, "address_ttl": null, "addresses": addresses,
        } } }))
    }

    fn address(&self, ip: &str) -> u32 {
        self.run(json!({ "StaticIpAddress": { "Create": {
            "ip": ip, "alloc_type": "UserReserved", "subnet": null, "interfaces": [], "user": null,
            "lease_time": 0, "temp_expires_on": null, "comment": "",
        } } }))
    }

    pub(crate) fn record(&self, name: &str, rtype: &str, rdata: &str) {
        let resource = self.name(name, &[]);
        self.run(json!({ "DnsData": { "Create": {
            "resource": resource, "ttl": null, "rdata": { "rtype": rtype, "rdata": rdata },
        } } }));
    }

    pub(crate) fn digest(&self) -> Digest {
        self.held.published().state.digest()
    }

    pub(crate) fn serial(&self, zone: &str) -> u32 {
        self.held.published().state.dns().serial(&zone.parse().unwrap()).0
    }
}
