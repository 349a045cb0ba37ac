//! What region nodes say to each other (`regent/raft/v1/peer.proto`). Sealed payloads stay opaque bytes here.

#![expect(
    missing_docs,
    unused_qualifications,
    clippy::allow_attributes,
    clippy::allow_attributes_without_reason,
    clippy::missing_errors_doc,
    reason = "generated from the schema, which documents itself"
)]

tonic::include_proto!("regent.raft.v1");
