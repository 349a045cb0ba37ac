//! Commands about DNS records other than addresses.

use crate::command::edit::Edit;
use crate::command::patch::patch;
use crate::id::DnsDataId;
use crate::model::dns_data::DnsData;
use crate::model::record_data::RecordData;

/// A change of the DNS records.
pub type DnsDataCommand = Edit<DnsData, DnsDataPatch, DnsDataId>;

patch! {
    /// Changed fields of a DNS record; it stays at its resource.
    DnsDataPatch of DnsData {
        /// Time to live in seconds.
        ttl: Option<u32>,
        /// Its type and data.
        rdata: RecordData,
    }
}
