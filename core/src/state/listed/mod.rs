//! Where each noun is listed in the secondary indexes, one file a noun.

mod domain;
mod interface;
mod member;
mod node;
