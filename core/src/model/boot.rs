//! How clients of a VLAN or subnet boot from the network (DHCP rule R18). Without these settings nobody is told to.

use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::net::Ipv4Addr;

/// Architectures that files, and that URLs, may be set for.
pub const BOOT_ARCHITECTURES_MAX: usize = 64;
/// Longest path, prefix or URL: what one DHCP option holds (RFC 2132 section 2).
pub const BOOT_TEXT_BYTES_MAX: usize = 255;

/// How clients boot. Architectures are numbers of IANA's list (RFC 4578 section 2.1).
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct BootSettings {
    /// The server that has the files; the answering rack's own address on the VLAN if none.
    pub server: Option<Ipv4Addr>,
    /// The file of each architecture.
    pub files: BTreeMap<u16, BootFile>,
    /// The script iPXE loads, as a URL.
    pub ipxe_script: Option<String>,
    /// The URL for firmware that boots over HTTP, by architecture.
    pub http: BTreeMap<u16, String>,
}

/// A boot file of one architecture.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct BootFile {
    /// Its path on the boot server.
    pub path: String,
    /// What the loader puts before further paths (RFC 5071); PowerNV needs it.
    pub prefix: Option<String>,
}
