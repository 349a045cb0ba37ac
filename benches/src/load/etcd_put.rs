//! A put into etcd over gRPC, its own protocol: the two messages of it that are needed, and one connection.

use prost::Message;
use tonic::client::Grpc;
use tonic::codegen::http::uri::PathAndQuery;
use tonic::transport::{Channel, Endpoint};
use tonic::{Request, Status};
use tonic_prost::ProstCodec;

/// Bytes of a value, as many as in the requests through the JSON gateway.
const VALUE_BYTES: usize = 201;
const PUT: &str = "/etcdserverpb.KV/Put";

/// `etcdserverpb.PutRequest`, without the fields that stay empty.
#[derive(Clone, PartialEq, Message)]
struct PutRequest {
    #[prost(bytes = "vec", tag = "1")]
    key: Vec<u8>,
    #[prost(bytes = "vec", tag = "2")]
    value: Vec<u8>,
}

/// `etcdserverpb.PutResponse`: what it says is not looked at.
#[derive(Clone, PartialEq, Message)]
struct PutResponse {}

/// One connection to one member; opened when it is first used.
pub struct EtcdPut {
    host: String,
    channel: Option<Grpc<Channel>>,
}

impl EtcdPut {
    /// To `host:port`.
    #[must_use]
    pub const fn new(host: String) -> Self {
        Self { host, channel: None }
    }

    /// Puts the key of this number.
    ///
    /// # Errors
    /// As etcd or the connection says.
    pub async fn put(&mut self, number: u64) -> Result<(), Status> {
        let unavailable = |error: tonic::transport::Error| Status::unavailable(error.to_string());
        if self.channel.is_none() {
            let endpoint = Endpoint::from_shared(format!("http://{}", self.host));
            let endpoint = endpoint.map_err(unavailable)?.tcp_nodelay(true);
            self.channel = Some(Grpc::new(endpoint.connect().await.map_err(unavailable)?));
        }
        let Some(channel) = &mut self.channel else {
            return Err(Status::unavailable("no channel"));
        };
        channel.ready().await.map_err(unavailable)?;
        let (key, value) = (format!("{number:09}").into_bytes(), vec![b'r'; VALUE_BYTES]);
        let codec = ProstCodec::<PutRequest, PutResponse>::default();
        let request = Request::new(PutRequest { key, value });
        channel.unary(request, PathAndQuery::from_static(PUT), codec).await.map(drop)
    }
}
