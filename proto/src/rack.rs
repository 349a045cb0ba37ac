//! What a rack agent and a region say to each other (`regent/rack/v1/rack.proto`).

#![expect(
    missing_docs,
    unused_qualifications,
    clippy::allow_attributes,
    clippy::allow_attributes_without_reason,
    clippy::missing_errors_doc,
    reason = "generated from the schema, which documents itself"
)]

tonic::include_proto!("regent.rack.v1");
