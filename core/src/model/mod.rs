//! The nouns of the domain, one to a file. Values and their rules only; nothing here changes state.

pub mod dns_name;
pub mod dns_name_text;
pub mod hostname;
pub mod master_file;
pub mod record_data;
pub mod record_parse;
pub mod record_type;
pub mod reverse;
pub mod serial;
pub mod soa;
