//! What is done with one request: answered here, forwarded, transferred, refused, or met with silence.

use crate::dns::answer;
use crate::dns::code::Code;
use crate::dns::config::DnsSection;
use crate::dns::forward::Forwarder;
use crate::dns::listening::{Listening, is_of_this_host};
use crate::dns::question::{Asked, Question, Reading, Transport, read};
use crate::dns::response::{Forwarded, Response};
use crate::dns::site::Sites;
use crate::dns::source::Source;
use crate::dns::transfer::Transfers;
use crate::dns_figures::DnsFigures;
use regent_core::dns::answer::{Answer, Wanted};
use regent_core::dns::view::DnsView;
use regent_core::model::dns_name::DomainName;
use regent_core::model::record_data::RecordData;
use regent_core::model::record_type::RecordType;
use regent_core::model::serial::Serial;
use regent_core::state::State;
use std::net::{IpAddr, SocketAddr};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;

/// Bytes of a request that are logged when it made the program fail.
const REQUEST_SHOWN_BYTES: usize = 512;

/// What all sockets of a node answer from.
pub struct Responder {
    /// The node.
    pub source: Arc<dyn Source>,
    /// Its settings.
    pub config: DnsSection,
    /// Those of the site.
    pub sites: Sites,
    /// Where it is not to ask.
    pub listening: Listening,
    /// Asks others.
    pub forwarder: Forwarder,
    /// Runs transfers.
    pub transfers: Transfers,
    /// What is counted on the way.
    pub figures: Arc<DnsFigures>,
}

impl Responder {
    /// Answers from a node, with its settings, for sockets that listen there.
    #[must_use]
    pub fn new(source: Arc<dyn Source>, config: DnsSection, listening: Listening) -> Self {
        Self {
            source,
            config,
            sites: Sites::default(),
            listening,
            forwarder: Forwarder::default(),
            transfers: Transfers::default(),
            figures: Arc::default(),
        }
    }

    /// Decides about a request. Should that panic, it costs this one request its answer and nothing else: nothing is
    /// changed on the way to an answer.
    #[must_use]
    pub fn respond(&self, request: &[u8], client: IpAddr, transport: Transport) -> Response {
        let decide = AssertUnwindSafe(|| self.decide(request, client, transport));
        catch_unwind(decide).unwrap_or_else(|_| {
            let start = request.chunks(REQUEST_SHOWN_BYTES).next();
            tracing::error!(%client, request = ?start, "answering a DNS request failed");
            Response::Silence
        })
    }

    /// Tells a client to ask over TCP, whatever it asks.
    #[must_use]
    pub fn shorten(&self, request: &[u8]) -> Response {
        match read(request, Transport::Udp) {
            Reading::Question(question) => Response::Message(answer::shortened(&question)),
            Reading::Error(_) | Reading::Silence => Response::Silence,
        }
    }

    fn decide(&self, request: &[u8], client: IpAddr, transport: Transport) -> Response {
        let question = match read(request, transport) {
            Reading::Question(question) => question,
            Reading::Error(bytes) => return Response::Message(bytes),
            Reading::Silence => return Response::Silence,
        };
        match question.asked {
            Asked::Server => Response::Message(answer::about_server(&question, &*self.source)),
            Asked::Records(wanted) => self.records(question, wanted, client),
            Asked::Transfer { since } => self.transfer(question, since, client),
        }
    }

    fn records(&self, question: Question, wanted: Wanted, client: IpAddr) -> Response {
        let published = self.source.published();
        let state = &published.state;
        let allowed = self.may_forward(state, client);
        let asks_others = allowed && question.recursion_desired;
        let view = state.dns();
        let found = if asks_others && view.has_servers(&question.name) {
            None
        } else {
            view.lookup(&question.name, wanted)
        };
        let Some(found) = found else {
            let servers =
                if asks_others { self.servers(state, &question.name, client) } else { Vec::new() };
            return if servers.is_empty() {
                Response::Message(answer::error(&question, Code::Refused, allowed))
            } else {
                let name = question.name.clone();
                Response::Forward(Box::new(Forwarded {
                    question,
                    client,
                    name,
                    answer: None,
                    servers,
                }))
            };
        };
        if asks_others && let Some(target) = leads_away(view, &found, wanted) {
            let servers = self.servers(state, &target, client);
            if !servers.is_empty() {
                let answer = Some(found);
                return Response::Forward(Box::new(Forwarded {
                    question,
                    client,
                    name: target,
                    answer,
                    servers,
                }));
            }
        }
        Response::Message(answer::message(&question, &found, allowed))
    }

    fn transfer(&self, question: Question, since: Option<Serial>, client: IpAddr) -> Response {
        let published = self.source.published();
        let ours = published.state.dns().zone(&question.name).is_some();
        if !ours || !self.config.allow_transfer.contain(client) {
            return Response::Message(answer::error(&question, Code::Refused, false));
        }
        let serial = published.state.dns().serial(&question.name);
        let is_up_to_date = since.is_some_and(|since| !serial.is_newer_than(since));
        match question.transport {
            Transport::Tcp if !is_up_to_date => Response::Transfer(Box::new(question)),
            // To one who has it all, and over UDP, the SOA alone tells whether there is anything new (RFC 1995 sections 2
            // and 4).
            Transport::Tcp | Transport::Udp => {
                let soa = Wanted::Type(RecordType::Soa);
                let found = published.state.dns().lookup(&question.name, soa);
                let found = found.unwrap_or_else(Answer::empty);
                Response::Message(answer::message(&question, &found, false))
            }
        }
    }

    /// Whether others are asked for this client: this host, what the node's configuration lists, what the site trusts,
    /// and hosts of subnets with `allow_dns`.
    fn may_forward(&self, state: &State, client: IpAddr) -> bool {
        let client = client.to_canonical();
        client.is_loopback()
            || self.config.allow_forward.contain(client)
            || self.sites.of(state).trusts(state, client)
    }

    /// Whom to ask about a name for a client: the servers of its domain, else those of the node, else those of the site.
    ///
    /// Never this server itself; and nobody if the client is one of them, as two nodes in each other's lists would ask
    /// each other without end. On one host, addresses do not tell a client from a server.
    fn servers(&self, state: &State, name: &DomainName, client: IpAddr) -> Vec<SocketAddr> {
        let own = state.dns().forward_servers(name).unwrap_or_default();
        let mut servers: Vec<SocketAddr> = if !own.is_empty() {
            own.iter().map(|server| server.socket_address()).collect()
        } else if !self.config.upstreams.is_empty() {
            self.config.upstreams.iter().map(|upstream| upstream.0).collect()
        } else {
            self.sites.of(state).upstreams.clone()
        };
        servers.retain(|server| !self.listening.includes(*server));
        let client = client.to_canonical();
        let is_asked = servers.iter().any(|server| server.ip().to_canonical() == client);
        if is_asked && !is_of_this_host(client) {
            servers.clear();
        }
        servers
    }
}

/// Where the last alias of an answer leads, if others know more there.
fn leads_away(view: &DnsView, answer: &Answer, wanted: Wanted) -> Option<DomainName> {
    if matches!(wanted, Wanted::Any | Wanted::Type(RecordType::Cname)) {
        return None;
    }
    let RecordData::Cname(target) = &answer.answers.last()?.data else { return None };
    view.is_elsewhere(target).then(|| target.clone())
}
