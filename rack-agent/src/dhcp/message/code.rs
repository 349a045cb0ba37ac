//! Numbers of DHCP options (RFC 2132 unless another RFC is named) and of message types.
//!
//! Only those the server reads or writes by itself. Snippets may carry any other.

/// Filler without length.
pub const PAD: u8 = 0;
/// Subnet mask.
pub const SUBNET_MASK: u8 = 1;
/// Routers.
pub const ROUTERS: u8 = 3;
/// Domain name servers.
pub const DNS_SERVERS: u8 = 6;
/// Host name.
pub const HOST_NAME: u8 = 12;
/// Domain name.
pub const DOMAIN_NAME: u8 = 15;
/// Interface MTU.
pub const MTU: u8 = 26;
/// Broadcast address.
pub const BROADCAST: u8 = 28;
/// NTP servers.
pub const NTP_SERVERS: u8 = 42;
/// Requested IP address.
pub const REQUESTED_ADDRESS: u8 = 50;
/// IP address lease time.
pub const LEASE_TIME: u8 = 51;
/// Option overload: options also in `file` and `sname`.
pub const OVERLOAD: u8 = 52;
/// DHCP message type.
pub const MESSAGE_TYPE: u8 = 53;
/// Server identifier.
pub const SERVER_ID: u8 = 54;
/// Parameter request list.
pub const PARAMETERS: u8 = 55;
/// Maximum DHCP message size.
pub const SIZE_MAX: u8 = 57;
/// Renewal time (T1).
pub const RENEWAL_TIME: u8 = 58;
/// Rebinding time (T2).
pub const REBINDING_TIME: u8 = 59;
/// Vendor class identifier.
pub const VENDOR_CLASS: u8 = 60;
/// Client identifier.
pub const CLIENT_ID: u8 = 61;
/// TFTP server name.
pub const BOOT_SERVER: u8 = 66;
/// Bootfile name.
pub const BOOT_FILE: u8 = 67;
/// User class (RFC 3004).
pub const USER_CLASS: u8 = 77;
/// Rapid commit (RFC 4039).
pub const RAPID_COMMIT: u8 = 80;
/// Client FQDN (RFC 4702).
pub const FQDN: u8 = 81;
/// Relay agent information (RFC 3046).
pub const RELAY: u8 = 82;
/// Client system architectures (RFC 4578).
pub const ARCHITECTURES: u8 = 93;
/// Client machine identifier (RFC 4578).
pub const MACHINE_ID: u8 = 97;
/// Domain search (RFC 3397).
pub const DOMAIN_SEARCH: u8 = 119;
/// Classless static routes (RFC 3442).
pub const STATIC_ROUTES: u8 = 121;
/// iPXE's own options: whoever sends it is iPXE.
pub const IPXE: u8 = 175;
/// Path prefix of boot files (RFC 5071).
pub const PATH_PREFIX: u8 = 210;
/// Classless static routes, as older Windows asks for them; the same bytes as [`STATIC_ROUTES`].
pub const STATIC_ROUTES_WINDOWS: u8 = 249;
/// End of an options area.
pub const END: u8 = 255;
