//! Who may name what: each foreign crate has one home, so that replacing it means changing that home.

use crate::code::{self, NamedPath};
use crate::tree::Tree;

/// Names that only certain files may use.
struct Rule {
    /// Crates (compared with the start of a path) or types (capitalised, anywhere in it).
    names: &'static [&'static str],
    /// Where the rule holds: the whole tree if empty.
    within: &'static str,
    /// Files and folders that may use the names; without `.rs`, so that a file may grow into a folder.
    homes: &'static [&'static str],
    /// What the rule is good for.
    because: &'static str,
}

const RULES: [Rule; 10] = [
    Rule {
        names: &["sled"],
        within: "",
        homes: &["raft/src/log_store/sled"],
        because: "the store must be replaceable by writing one file",
    },
    Rule {
        names: &["redb"],
        within: "",
        homes: &["rack-agent/src/store/records"],
        because: "the store must be replaceable by writing one file",
    },
    Rule {
        names: &["openraft"],
        within: "",
        homes: &["raft"],
        because: "nobody but raft depends on the ways of an alpha release",
    },
    Rule {
        names: &["axum", "utoipa", "utoipa_axum"],
        within: "",
        homes: &["api/src/http", "api/tests"],
        because: "HTTP is one face of several",
    },
    Rule {
        names: &["tonic"],
        within: "",
        homes: &[
            "proto",
            "raft/src/network",
            "raft/tests/network",
            "api/src/grpc",
            "api/tests/racks",
            "rack-agent/src/region",
            "rack-agent/tests/region",
            "benches/src/load/etcd_put",
            // Requests on the wire between simulated nodes.
            "jepsen/sim/src/network",
        ],
        because: "gRPC lives at the edges",
    },
    Rule {
        names: &["hickory_proto", "hickory_server", "hickory_resolver"],
        within: "",
        homes: &["api/src/dns", "api/tests", "fuzz/targets/src/subject/dns"],
        because: "DNS is one face of several",
    },
    Rule {
        names: &["dhcproto"],
        within: "",
        homes: &["rack-agent/tests", "fuzz/targets/src/subject/dhcp"],
        because: "DHCP is read and written by ourselves; another implementation checks that",
    },
    Rule {
        names: &["stateright"],
        within: "",
        homes: &["jepsen/lease-model"],
        because: "a model checker is no part of what is shipped",
    },
    Rule {
        names: &["SystemTime", "UNIX_EPOCH"],
        within: "",
        homes: &[
            "raft/src/clock",
            "raft/tests",
            "api/tests",
            "rack-agent/tests",
            "benches",
            "jepsen",
            "core/tests/architecture",
        ],
        because: "the wall clock is read in one place and decides nothing",
    },
    Rule {
        names: &["regent_rack_agent"],
        within: "api",
        homes: &["api/src/dev", "api/tests/racks"],
        because: "only the dev cluster runs a rack agent inside the region's executable",
    },
];

/// A sentence for each file that names what it may not.
pub(crate) fn violations(tree: &Tree) -> Vec<String> {
    tree.sources()
        .flat_map(|(file, text)| {
            let paths = code::paths(&code::without_prose(text));
            RULES.iter().filter_map(move |rule| broken(rule, file, &paths))
        })
        .collect()
}

fn broken(rule: &Rule, file: &str, paths: &[NamedPath]) -> Option<String> {
    let at_home = rule.homes.iter().any(|home| stands_in(file, home));
    if at_home || !stands_in(file, rule.within) {
        return None;
    }
    let name = rule.names.iter().find(|name| paths.iter().any(|path| mentions(path, name)))?;
    let homes = rule.homes.join(", ");
    Some(format!("{file} names {name}, at home in {homes}: {}", rule.because))
}

fn stands_in(file: &str, place: &str) -> bool {
    let rest = file.strip_prefix(place);
    place.is_empty() || rest.is_some_and(|rest| rest == ".rs" || rest.starts_with('/'))
}

fn mentions(path: &NamedPath, name: &str) -> bool {
    if name.starts_with(char::is_uppercase) {
        path.iter().any(|word| word == name)
    } else {
        path[0] == name
    }
}

#[cfg(test)]
mod tests {
    use super::violations;
    use crate::tree::Tree;

    fn found(file: &str, text: &str) -> Vec<String> {
        violations(&Tree::planted(&[(file, text)]))
    }

    #[test]
    fn each_rule_bites_next_door() {
        for (file, text) in [
            ("raft/src/log_store/journal.rs", "fn f(e: sled::Error) {}"),
            ("raft/tests/damage.rs", "use sled;"),
            ("rack-agent/src/store/open.rs", "fn f(e: redb::Error) {}"),
            ("api/src/http/context.rs", "use openraft::Raft;"),
            ("api/src/daemon.rs", "axum::serve(a, b)"),
            ("api/src/dns/server.rs", "use tonic::Status;"),
            ("api/src/http/domains.rs", "use hickory_proto::{rr::Name};"),
            ("raft/src/submit.rs", "use std::time::{Duration, SystemTime};"),
            ("api/src/daemon.rs", "use regent_rack_agent::config::Config;"),
        ] {
            assert_eq!(found(file, text).len(), 1, "{file}: {text}");
        }
    }

    #[test]
    fn names_at_home_pass_and_so_do_modules_and_words_alike() {
        for (file, text) in [
            ("raft/src/log_store/sled.rs", "use sled::Db;"),
            ("raft/src/log_store/mod.rs", "pub mod sled;\nuse crate::log_store::sled::Store;"),
            ("raft/src/region/start.rs", "use crate::log_store::{sled::Store};"),
            ("core/src/lib.rs", "//! Knows no sled::Db.\nconst S: &str = \"sled::Db\";"),
            ("api/src/http.rs", "use axum::Router;"),
            ("raft/src/clock.rs", "std::time::SystemTime::now()"),
            ("api/src/dev/agent.rs", "use regent_rack_agent::config::Config;"),
            ("jepsen/src/sim/world.rs", "use regent_rack_agent::config::Config;"),
        ] {
            assert_eq!(found(file, text), Vec::<String>::new(), "{file}: {text}");
        }
    }
}
