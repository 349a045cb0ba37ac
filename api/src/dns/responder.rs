//! What is done with one request: answered here, forwarded, transferred, refused, or met with silence.

use crate::dns::answer;
use crate::dns::code::Code;
use crate::dns::config::DnsSection;
use crate::dns::forward::Forwarder;
use crate::dns::question::{Asked, Question, Reading, Transport, read};
use crate::dns::response::{Forwarded, Response};
use crate::dns::source::Source;
use crate::dns::transfer::Transfers;
use regent_core::dns::answer::{Answer, Wanted};
use regent_core::dns::view::DnsView;
use regent_core::model::dns_name::DomainName;
use regent_core::model::record_data::RecordData;
use regent_core::model::record_type::RecordType;
use regent_core::state::State;
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;

/// What all sockets of a node answer from.
pub struct Responder {
    /// The node.
    pub source: Arc<dyn Source>,
    /// Its settings.
    pub config: DnsSection,
    /// Asks others.
    pub forwarder: Forwarder,
    /// Runs transfers.
    pub transfers: Transfers,
}

impl Responder {
    /// Decides about a request.
    #[must_use]
    pub fn respond(&self, request: &[u8], client: IpAddr, transport: Transport) -> Response {
        let question = match read(request, transport) {
            Reading::Question(question) => question,
            Reading::Error(bytes) => return Response::Message(bytes),
            Reading::Silence => return Response::Silence,
        };
        match question.asked {
            Asked::Server => Response::Message(answer::about_server(&question, &*self.source)),
            Asked::Records(wanted) => self.records(question, wanted, client),
            Asked::Transfer => self.transfer(question, client),
        }
    }

    fn records(&self, question: Question, wanted: Wanted, client: IpAddr) -> Response {
        let published = self.source.published();
        let state = &published.state;
        let allowed = self.may_forward(state, client);
        let view = state.dns();
        let found =
            if allowed && view.forward_servers(&question.name).is_some_and(|s| !s.is_empty()) {
                None
            } else {
                view.lookup(&question.name, wanted)
            };
        let asks_others = allowed && question.recursion_desired;
        let Some(found) = found else {
            let servers =
                if asks_others { self.servers(state, &question.name) } else { Vec::new() };
            return if servers.is_empty() {
                Response::Message(answer::error(&question, Code::Refused, allowed))
            } else {
                let name = question.name.clone();
                Response::Forward(Box::new(Forwarded { question, name, answer: None, servers }))
            };
        };
        if asks_others && let Some(target) = leads_away(view, &found, wanted) {
            let servers = self.servers(state, &target);
            if !servers.is_empty() {
                let answer = Some(found);
                return Response::Forward(Box::new(Forwarded {
                    question,
                    name: target,
                    answer,
                    servers,
                }));
            }
        }
        Response::Message(answer::message(&question, &found, allowed))
    }

    fn transfer(&self, question: Question, client: IpAddr) -> Response {
        let published = self.source.published();
        let ours = published.state.dns().zone(&question.name).is_some();
        if !ours || !self.config.allow_transfer.contain(client) {
            return Response::Message(answer::error(&question, Code::Refused, false));
        }
        match question.transport {
            Transport::Tcp => Response::Transfer(Box::new(question)),
            // Over UDP the SOA alone tells whether there is anything new (RFC 1995 section 4).
            Transport::Udp => {
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
            || self.forwarder.site_trusts(state, client)
    }

    /// Whom to ask about a name: the servers of its domain, else those of the node, else those of the site.
    fn servers(&self, state: &State, name: &DomainName) -> Vec<SocketAddr> {
        let own = state.dns().forward_servers(name).unwrap_or_default();
        if !own.is_empty() {
            return own.iter().map(|server| server.socket_address()).collect();
        }
        if !self.config.upstreams.is_empty() {
            return self.config.upstreams.iter().map(|upstream| upstream.0).collect();
        }
        self.forwarder.site_upstreams(state)
    }
}

/// Where the last alias of an answer leads, if that is no name of ours.
fn leads_away(view: &DnsView, answer: &Answer, wanted: Wanted) -> Option<DomainName> {
    if matches!(wanted, Wanted::Any | Wanted::Type(RecordType::Cname)) {
        return None;
    }
    let RecordData::Cname(target) = &answer.answers.last()?.data else { return None };
    view.zone_of(target).is_none().then(|| target.clone())
}
