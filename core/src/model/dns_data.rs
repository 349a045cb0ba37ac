//! A DNS record that people gave: any but addresses, which are linked to the resource itself.

use crate::id::DnsResourceId;
use crate::model::record_data::RecordData;
use serde::{Deserialize, Serialize};

/// A DNS record of a DNS resource.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DnsData {
    /// The resource whose name it stands at.
    pub resource: DnsResourceId,
    /// Time to live in seconds; the domain's if absent.
    pub ttl: Option<u32>,
    /// Its type and data.
    pub rdata: RecordData,
}
