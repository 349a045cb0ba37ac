//! The seam between `raft` and what runs it: only `raft/src/runtime/` starts tasks, jobs and threads, draws random numbers
//! and measures time. Whoever did so elsewhere could not be simulated the same way twice.

use crate::code::{self, NamedPath};
use crate::tree::Tree;

const WITHIN: &str = "raft/src/";
const SEAM: &str = "raft/src/runtime/";

/// Words that follow each other in no path outside of the seam.
const PATHS: [&[&str]; 11] = [
    &["tokio", "spawn"],
    &["task", "spawn"],
    &["spawn_blocking"],
    &["JoinSet"],
    &["TaskTracker"],
    &["tokio", "fs"],
    &["thread", "spawn"],
    &["thread", "Builder"],
    &["thread", "scope"],
    &["rand"],
    &["Instant", "now"],
];

/// Methods that are called nowhere outside of it.
const METHODS: [&str; 4] = [".spawn_blocking(", ".spawn_blocking_on(", ".block_on(", ".elapsed("];

/// A choice between futures, which goes by chance unless it says otherwise.
const CHOICE: &str = "select! {";
const IN_ORDER: &str = "biased;";

/// A sentence for each file that goes past the seam, and for each that leaves a choice to tokio's chance.
pub(crate) fn violations(tree: &Tree) -> Vec<String> {
    let inside = tree.sources().filter(|(file, _)| is_bound(file));
    inside
        .flat_map(|(file, text)| {
            let code = code::without_tests(text);
            let past = past_the_seam(&code).map(|name| {
                format!("{file} names {name}: tasks, threads, chance and time come from {SEAM}")
            });
            let choice = leaves_a_choice(&code).then(|| {
                format!("{file} has a select! that is not {IN_ORDER} its outcome is chance")
            });
            past.into_iter().chain(choice)
        })
        .collect()
}

fn is_bound(file: &str) -> bool {
    let is_test = file.contains("/tests/") || file.ends_with("/tests.rs");
    file.starts_with(WITHIN) && !file.starts_with(SEAM) && !is_test
}

fn past_the_seam(code: &str) -> Option<String> {
    let paths = code::paths(code);
    let path = PATHS.iter().find(|words| paths.iter().any(|path| has(path, words)));
    let method = METHODS.iter().find(|method| code.contains(**method));
    path.map(|words| words.join("::")).or(method.map(|method| (*method).to_owned()))
}

fn has(path: &NamedPath, words: &[&str]) -> bool {
    path.windows(words.len()).any(|part| part.iter().eq(words))
}

fn leaves_a_choice(code: &str) -> bool {
    code.split(CHOICE).skip(1).any(|choice| !choice.trim_start().starts_with(IN_ORDER))
}

#[cfg(test)]
mod tests {
    use super::violations;
    use crate::tree::Tree;

    fn found(file: &str, text: &str) -> usize {
        violations(&Tree::planted(&[(file, text)])).len()
    }

    #[test]
    fn everything_that_goes_past_the_seam_is_reported() {
        for text in [
            "fn f() { tokio::spawn(g()); }",
            "use tokio::{spawn, sync::watch};",
            "use tokio::task; fn f() { task::spawn_blocking(g); }",
            "fn f(runtime: Handle) { runtime.spawn_blocking(g); }",
            "use std::thread; fn f() { thread::Builder::new(); }",
            "use tokio_util::task::TaskTracker;",
            "fn f() -> u64 { rand::random() }",
            "fn f(at: std::time::Instant) -> Duration { at.elapsed() }",
            "use std::time::Instant; fn f() -> Instant { Instant::now() }",
            "async fn f() { tokio::select! { () = g() => {} } }",
        ] {
            assert_eq!(found("raft/src/region/read.rs", text), 1, "{text}");
        }
    }

    #[test]
    fn seam_itself_its_users_tests_and_other_crates_pass() {
        for (file, text) in [
            ("raft/src/runtime/tasks.rs", "fn f() { tokio::spawn(g()); }"),
            ("raft/src/region/read.rs", "use crate::runtime::tasks; fn f() { tasks::spawn(g()); }"),
            ("raft/src/region/read.rs", "async fn f() { select! { biased; () = g() => {} } }"),
            (
                "raft/src/region/read.rs",
                "#[cfg(test)]\nmod tests { fn f() { tokio::spawn(g()); } }",
            ),
            ("raft/src/region/tests/read.rs", "fn f() { Instant::now(); }"),
            ("api/src/daemon.rs", "fn f() { tokio::spawn(g()); }"),
        ] {
            assert_eq!(found(file, text), 0, "{file}: {text}");
        }
    }
}
