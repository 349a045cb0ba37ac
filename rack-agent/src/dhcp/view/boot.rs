//! How clients boot on a VLAN or subnet (rule R18). Without these settings nobody is told to boot anything.

use std::collections::BTreeMap;
use std::net::Ipv4Addr;

/// A boot file of one architecture.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BootFile {
    /// Its path on the boot server.
    pub path: String,
    /// What the loader puts before further paths (RFC 5071); PowerNV needs it.
    pub prefix: Option<String>,
}

/// How clients boot.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Boot {
    /// The boot server: the answering rack's own address on the VLAN, or a foreign one.
    pub server: Ipv4Addr,
    /// Files by architecture (RFC 4578 and IANA's list).
    pub files: BTreeMap<u16, BootFile>,
    /// The script iPXE loads, as a URL.
    pub ipxe_script: Option<String>,
    /// URLs for firmware that boots over HTTP, by architecture.
    pub http: BTreeMap<u16, String>,
}
