//! The files the checks look at, in memory, so that a check can be shown a tree with a planted fault.
//!
//! Holds manifests and Rust sources of the workspace members, and the scripts and units beside them. Does not interpret them.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

/// Folders of what builds, checks and ships the workspace.
const SCRIPTS: [&str; 3] = [".cargo/", ".ci/", "deploy/"];

/// Text of each file by its path from the repository root, always with `/`.
pub(crate) struct Tree {
    files: BTreeMap<String, String>,
}

impl Tree {
    /// The repository this test was built from.
    pub(crate) fn of_this_repository() -> Self {
        let root =
            Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("core is in the workspace");
        let mut tree = Self { files: BTreeMap::new() };
        tree.add(root, root.join("Cargo.toml"));
        for member in tree.members() {
            tree.add_folder(root, &root.join(member), &is_manifest_or_source);
        }
        for folder in SCRIPTS {
            tree.add_folder(root, &root.join(folder), &|_| true);
        }
        tree
    }

    /// A tree made up for a test.
    pub(crate) fn planted(files: &[(&str, &str)]) -> Self {
        let own = |(path, text): &(&str, &str)| ((*path).to_owned(), (*text).to_owned());
        Self { files: files.iter().map(own).collect() }
    }

    /// Folders of the workspace members, as the root manifest lists them.
    pub(crate) fn members(&self) -> Vec<String> {
        let manifest =
            self.manifest("Cargo.toml").expect("the root manifest is part of every tree");
        let members = manifest["workspace"]["members"].as_array().expect("members is a list");
        members.iter().filter_map(|member| member.as_str().map(str::to_owned)).collect()
    }

    /// The parsed manifest at this path, if there is one.
    pub(crate) fn manifest(&self, path: &str) -> Option<toml::Table> {
        Some(self.files.get(path)?.parse().expect("cargo has read this manifest before us"))
    }

    /// Every Rust file: path and text.
    pub(crate) fn sources(&self) -> impl Iterator<Item = (&str, &str)> {
        let all = self.files.iter().map(|(path, text)| (path.as_str(), text.as_str()));
        all.filter(|(path, _)| path.ends_with(".rs"))
    }

    /// Everything that builds, checks and ships the workspace: path and text.
    pub(crate) fn scripts(&self) -> impl Iterator<Item = (&str, &str)> {
        let all = self.files.iter().map(|(path, text)| (path.as_str(), text.as_str()));
        all.filter(|(path, _)| SCRIPTS.iter().any(|folder| path.starts_with(folder)))
    }

    /// Whether there is a file at this path.
    pub(crate) fn has(&self, path: &str) -> bool {
        self.files.contains_key(path)
    }

    fn add_folder(&mut self, root: &Path, folder: &Path, is_wanted: &dyn Fn(&str) -> bool) {
        for entry in std::fs::read_dir(folder).expect("members of the workspace exist") {
            let path = entry.expect("the folder can be listed").path();
            let name = path.file_name().and_then(|name| name.to_str()).unwrap_or_default();
            if path.is_dir() && name != "target" && !name.starts_with('.') {
                self.add_folder(root, &path, is_wanted);
            } else if is_wanted(name) {
                self.add(root, path);
            }
        }
    }

    fn add(&mut self, root: &Path, path: PathBuf) {
        let text = std::fs::read_to_string(&path).expect("sources are readable UTF-8");
        let path = path.strip_prefix(root).expect("only files below the root are added");
        self.files.insert(path.to_string_lossy().replace('\\', "/"), text);
    }
}

fn is_manifest_or_source(name: &str) -> bool {
    name == "Cargo.toml" || name.ends_with(".rs")
}

#[test]
fn this_repository_is_read_with_manifests_and_sources() {
    let tree = Tree::of_this_repository();
    assert!(tree.members().contains(&"core".to_owned()));
    assert!(tree.has("core/Cargo.toml"));
    assert!(tree.has("core/tests/architecture/tree.rs"));
    assert!(tree.scripts().any(|(path, _)| path == ".ci/run"));
    assert!(tree.sources().all(|(path, _)| !path.contains("/target/")));
}
