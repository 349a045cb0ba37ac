//! The nouns of the domain, as MAAS names them. Plain data: rules that span objects live in `apply`.

pub mod dns_name;
pub mod dns_name_text;
pub mod domain;
pub mod hostname;
pub mod interface;
pub mod master_file;
pub mod member;
pub mod node;
pub mod node_status;
pub mod record_data;
pub mod record_parse;
pub mod record_type;
pub mod reverse;
pub mod serial;
pub mod soa;
