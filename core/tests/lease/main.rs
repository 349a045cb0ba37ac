//! The region's half of the lease protocol, rule by rule. That the rules together keep the promise is shown by
//! `jepsen/lease-model`.

mod adopt;
mod block;
mod commit;
mod ended;
mod for_good;
mod free;
mod quarantine;
mod release;
mod relinquish;
mod site;
