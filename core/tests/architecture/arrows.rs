//! Which crate of ours may depend on which, read from the manifests.
//!
//! Ordinary, build and test dependencies follow the same arrows. Foreign crates are deny.toml's business.

use crate::tree::Tree;

/// Package, and the packages of ours it may name. An arrow that is not here does not exist.
const ARROWS: [(&str, &[&str]); 13] = [
    ("regent-core", &[]),
    ("regent-proto", &["regent-core"]),
    ("regent-power", &[]),
    // Its tests cut the power under a journal.
    ("regent-raft", &["regent-core", "regent-proto", "regent-power"]),
    // Its tests cut the power under its records.
    ("regent-rack-agent", &["regent-core", "regent-proto", "regent-power"]),
    ("regent-api", &["regent-core", "regent-proto", "regent-raft", "regent-rack-agent"]),
    ("regent-benches", &["regent-core", "regent-raft", "regent-api", "regent-jepsen"]),
    ("regent-check", &[]),
    ("regent-report", &["regent-check"]),
    (
        "regent-jepsen",
        &[
            "regent-core",
            "regent-raft",
            "regent-api",
            "regent-rack-agent",
            "regent-power",
            "regent-check",
            "regent-report",
        ],
    ),
    (
        "regent-sim",
        &["regent-core", "regent-raft", "regent-rack-agent", "regent-check", "regent-report"],
    ),
    ("regent-lease-model", &["regent-core", "regent-rack-agent"]),
    (
        "regent-fuzz",
        &["regent-core", "regent-proto", "regent-raft", "regent-api", "regent-rack-agent"],
    ),
];

const SECTIONS: [&str; 3] = ["dependencies", "dev-dependencies", "build-dependencies"];

/// A sentence for each edge that no arrow allows.
pub(crate) fn violations(tree: &Tree) -> Vec<String> {
    let manifests: Vec<toml::Table> = tree
        .members()
        .iter()
        .map(|member| {
            tree.manifest(&format!("{member}/Cargo.toml")).expect("members have manifests")
        })
        .collect();
    let ours: Vec<&str> = manifests.iter().map(package_name).collect();
    manifests.iter().flat_map(|manifest| forbidden_edges(manifest, &ours)).collect()
}

fn forbidden_edges(manifest: &toml::Table, ours: &[&str]) -> Vec<String> {
    let from = package_name(manifest);
    let Some((_, allowed)) = ARROWS.iter().find(|(package, _)| *package == from) else {
        return vec![format!("{from} is a new crate: say in ARROWS what it may import")];
    };
    dependencies(manifest)
        .into_iter()
        .filter(|to| ours.contains(&to.as_str()) && !allowed.contains(&to.as_str()))
        .map(|to| format!("{from} must not depend on {to}: no such arrow (docs/architecture.md)"))
        .collect()
}

fn package_name(manifest: &toml::Table) -> &str {
    manifest["package"]["name"].as_str().expect("every package has a name")
}

fn dependencies(manifest: &toml::Table) -> Vec<String> {
    let targets = manifest.get("target").and_then(toml::Value::as_table);
    let per_target = targets.into_iter().flat_map(|all| all.values().filter_map(|t| t.as_table()));
    std::iter::once(manifest).chain(per_target).flat_map(dependencies_in).collect()
}

fn dependencies_in(table: &toml::Table) -> Vec<String> {
    let sections = SECTIONS.iter().filter_map(|section| table.get(*section)?.as_table());
    sections.flat_map(|section| section.iter().map(|(key, value)| real_name(key, value))).collect()
}

/// A dependency may be renamed; the package it stands for counts.
fn real_name(key: &str, value: &toml::Value) -> String {
    value.get("package").and_then(toml::Value::as_str).unwrap_or(key).to_owned()
}

#[cfg(test)]
mod tests {
    use super::violations;
    use crate::tree::Tree;

    fn found(core_manifest: &str) -> Vec<String> {
        let core = format!("[package]\nname = \"regent-core\"\n{core_manifest}");
        violations(&Tree::planted(&[
            ("Cargo.toml", "[workspace]\nmembers = [\"core\", \"raft\"]"),
            ("core/Cargo.toml", &core),
            (
                "raft/Cargo.toml",
                "[package]\nname = \"regent-raft\"\n[dependencies]\nregent-core.path = \"../core\"",
            ),
        ]))
    }

    #[test]
    fn allowed_arrows_and_foreign_crates_pass() {
        assert_eq!(found("[dependencies]\nserde = \"1\""), Vec::<String>::new());
    }

    #[test]
    fn an_arrow_upwards_is_found_in_every_section_and_under_every_name() {
        for planted in [
            "[dependencies]\nregent-raft.workspace = true",
            "[dev-dependencies]\nregent-raft = { path = \"../raft\" }",
            "[build-dependencies]\nhidden = { package = \"regent-raft\", version = \"1\" }",
            "[target.'cfg(unix)'.dependencies]\nregent-raft.workspace = true",
        ] {
            let violations = found(planted);
            assert_eq!(violations.len(), 1, "{planted}");
            assert!(violations[0].starts_with("regent-core must not depend on regent-raft"));
        }
    }

    #[test]
    fn a_crate_nobody_has_placed_is_reported() {
        let tree = Tree::planted(&[
            ("Cargo.toml", "[workspace]\nmembers = [\"misc\"]"),
            ("misc/Cargo.toml", "[package]\nname = \"regent-misc\""),
        ]);
        assert!(violations(&tree)[0].starts_with("regent-misc is a new crate"));
    }
}
