//! The nouns of the domain, one to a file. Values and their rules only; nothing here changes state.

pub mod dns_name;
pub mod dns_name_text;
pub mod hostname;
