//! Commands about reserved IPs.

use crate::command::edit::Edit;
use crate::command::patch::patch;
use crate::id::ReservedIpId;
use crate::model::reserved_ip::ReservedIp;

/// A change of the reserved IPs.
pub type ReservedIpCommand = Edit<ReservedIp, ReservedIpPatch, ReservedIpId>;

patch! {
    /// Changed fields of a reserved IP; the rest of it never changes.
    ReservedIpPatch of ReservedIp {
        /// Free text for people.
        comment: String,
    }
}
