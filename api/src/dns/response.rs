//! What can be done about a request.

use crate::dns::question::Question;
use regent_core::dns::answer::Answer;
use regent_core::model::dns_name::DomainName;
use std::net::{IpAddr, SocketAddr};

/// What is to be done about a request.
pub enum Response {
    /// Nothing.
    Silence,
    /// These bytes are the answer.
    Message(Vec<u8>),
    /// Others are to be asked.
    Forward(Box<Forwarded>),
    /// A zone is to be sent.
    Transfer(Box<Question>),
}

/// A question that others are asked.
#[derive(Clone, Debug)]
pub struct Forwarded {
    /// The question.
    pub question: Question,
    /// Who asks it.
    pub client: IpAddr,
    /// The name to ask for: where our own aliases lead, if they lead away.
    pub name: DomainName,
    /// Our own aliases on the way there.
    pub answer: Option<Answer>,
    /// Whom to ask.
    pub servers: Vec<SocketAddr>,
}
