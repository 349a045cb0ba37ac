//! Questions about foreign names, asked of other servers: cached, bounded, never longer than the client waits.
//!
//! What other servers know is theirs: their records are passed on as they came.

use crate::dns::answer;
use crate::dns::code::Code;
use crate::dns::limits::{
    CACHED_ANSWERS_MAX, FORWARD_MAX, FORWARDED_MAX, FORWARDED_OF_LOOPBACK_MAX,
    FORWARDED_OF_ONE_CLIENT_MAX, RESOLVERS_MAX, UPSTREAM_MAX,
};
use crate::dns::question::{Question, Transport};
use crate::dns::response::Forwarded;
use crate::dns_figures::DnsFigures;
use crate::shares::{Share, Shares};
use futures::poll;
use hickory_proto::op::{Edns, Message, OpCode, Query, ResponseCode};
use hickory_proto::rr::{Name, Record, RecordType};
use hickory_resolver::TokioResolver;
use hickory_resolver::config::{
    ConnectionConfig, NameServerConfig, ResolveHosts, ResolverConfig, ResolverOpts,
};
use hickory_resolver::net::runtime::TokioRuntimeProvider;
use hickory_resolver::net::{DnsError, NetError};
use std::collections::BTreeMap;
use std::net::{IpAddr, SocketAddr};
use std::pin::pin;
use std::sync::{Arc, Mutex};
use std::task::Poll;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::time::timeout;

/// Asks other servers.
pub struct Forwarder {
    resolvers: Mutex<BTreeMap<Vec<SocketAddr>, Arc<TokioResolver>>>,
    permits: Arc<Semaphore>,
    /// How many of the permits each client holds; so it has no more rows than there are permits.
    shares: Arc<Shares>,
}

impl Default for Forwarder {
    fn default() -> Self {
        Self {
            resolvers: Mutex::new(BTreeMap::new()),
            permits: Arc::new(Semaphore::new(FORWARDED_MAX)),
            shares: Arc::default(),
        }
    }
}

/// What others said.
struct Told {
    code: ResponseCode,
    answers: Vec<Record>,
    authorities: Vec<Record>,
}

impl Forwarder {
    /// Asks, and makes the answer to the client. Whoever has too much under way is answered at once, like one whose
    /// servers failed: its resolver then tries another server.
    pub async fn ask(&self, forwarded: &Forwarded, figures: &DnsFigures) -> Vec<u8> {
        let failed = || answer::error(&forwarded.question, Code::ServFail, true);
        let Some(_room) = self.room(forwarded.client) else {
            figures.forwarded_limited.inc();
            return failed();
        };
        let answer = self.answer(forwarded, figures).await;
        answer.unwrap_or_else(|| {
            figures.forwarded_failed.inc();
            failed()
        })
    }

    /// Room for one question of a client, until it is dropped.
    fn room(&self, client: IpAddr) -> Option<(OwnedSemaphorePermit, Share)> {
        let local = client.to_canonical().is_loopback();
        let max = if local { FORWARDED_OF_LOOPBACK_MAX } else { FORWARDED_OF_ONE_CLIENT_MAX };
        let permit = Arc::clone(&self.permits).try_acquire_owned().ok()?;
        Some((permit, self.shares.take(client, max)?))
    }

    async fn answer(&self, forwarded: &Forwarded, figures: &DnsFigures) -> Option<Vec<u8>> {
        let mut asking = pin!(timeout(FORWARD_MAX, self.told(forwarded)));
        // Only what is kept is told without waiting for anybody.
        let (told, counter) = match poll!(asking.as_mut()) {
            Poll::Ready(told) => (told, &figures.forwarded_cached),
            Poll::Pending => (asking.await, &figures.forwarded_answered),
        };
        let mut told = told.ok()??;
        told.answers.splice(0..0, own_aliases(forwarded).ok()?);
        let answer = message(&forwarded.question, told)?;
        counter.inc();
        Some(answer)
    }

    async fn told(&self, forwarded: &Forwarded) -> Option<Told> {
        let resolver = self.resolver(&forwarded.servers)?;
        let name = foreign_name(&forwarded.name)?;
        let rtype = RecordType::from(forwarded.question.qtype);
        match resolver.lookup(name, rtype).await {
            Ok(lookup) => Some(Told {
                code: ResponseCode::NoError,
                answers: lookup.answers().to_vec(),
                authorities: Vec::new(),
            }),
            Err(NetError::Dns(DnsError::NoRecordsFound(none))) => Some(Told {
                code: none.response_code,
                answers: Vec::new(),
                authorities: none.soa.map(|soa| soa.into_record_of_rdata()).into_iter().collect(),
            }),
            Err(error) => {
                tracing::debug!(name = %forwarded.name, %error, "forwarding failed");
                None
            }
        }
    }

    /// The resolver for a list of servers, with its cache. When lists change often, caches start anew.
    fn resolver(&self, servers: &[SocketAddr]) -> Option<Arc<TokioResolver>> {
        let mut resolvers = self.resolvers.lock().expect("nothing panics under this lock");
        if let Some(resolver) = resolvers.get(servers) {
            return Some(Arc::clone(resolver));
        }
        if resolvers.len() >= RESOLVERS_MAX {
            resolvers.clear();
        }
        let resolver = Arc::new(resolver_of(servers)?);
        resolvers.insert(servers.to_vec(), Arc::clone(&resolver));
        Some(resolver)
    }
}

fn resolver_of(servers: &[SocketAddr]) -> Option<TokioResolver> {
    let server = |address: &SocketAddr| {
        let connection = |mut connection: ConnectionConfig| {
            connection.port = address.port();
            connection
        };
        let connections =
            vec![connection(ConnectionConfig::udp()), connection(ConnectionConfig::tcp())];
        NameServerConfig::new(address.ip(), true, connections)
    };
    let config = ResolverConfig::from_parts(None, Vec::new(), servers.iter().map(server).collect());
    let mut builder = TokioResolver::builder_with_config(config, TokioRuntimeProvider::default());
    *builder.options_mut() = options();
    builder.build().inspect_err(|error| tracing::warn!(%error, "forwarding is not possible")).ok()
}

fn options() -> ResolverOpts {
    let mut options = ResolverOpts::default();
    options.timeout = UPSTREAM_MAX;
    options.attempts = 2;
    options.cache_size = CACHED_ANSWERS_MAX;
    options.use_hosts_file = ResolveHosts::Never;
    options.preserve_intermediates = true;
    options.try_tcp_on_error = true;
    options
}

/// Our own aliases that led to the foreign name.
fn own_aliases(
    forwarded: &Forwarded,
) -> Result<Vec<Record>, hickory_proto::serialize::binary::DecodeError> {
    let Some(own) = &forwarded.answer else { return Ok(Vec::new()) };
    let alone = Question { edns: false, ..forwarded.question.clone() };
    Message::from_vec(&answer::message(&alone, own, true)).map(|message| message.answers)
}

/// The message with what others said.
fn message(question: &Question, told: Told) -> Option<Vec<u8>> {
    let mut message = Message::response(question.id, OpCode::Query);
    message.metadata.recursion_desired = question.recursion_desired;
    message.metadata.recursion_available = true;
    message.metadata.response_code = told.code;
    let mut query = Query::query(foreign_name(&question.name)?, RecordType::from(question.qtype));
    query.set_query_class(question.qclass.into());
    message.add_query(query);
    message.add_answers(told.answers).add_authorities(told.authorities);
    if question.edns {
        let mut edns = Edns::new();
        edns.set_max_payload(u16::try_from(question.bytes_max).unwrap_or(u16::MAX).min(1232));
        message.set_edns(edns);
    }
    let bytes = message.to_vec().ok()?;
    if question.transport == Transport::Udp && bytes.len() > question.bytes_max {
        return message.truncate().to_vec().ok();
    }
    Some(bytes)
}

fn foreign_name(name: &regent_core::model::dns_name::DomainName) -> Option<Name> {
    let mut foreign = Name::from_labels(name.labels()).ok()?;
    foreign.set_fqdn(true);
    Some(foreign)
}
