//! The rack's half of the lease protocol, rule by rule. That the rules together keep the promise is shown by
//! `jepsen/lease-model`.

mod record;
mod right;
mod site;
