//! No import circles: inside each folder, its files and folders stand on floors.
//!
//! A folder counts as one with everything in it. So a circle between two files is found in the folder that
//! holds both, and so is one that closes only between two folders, through different files.

use crate::imports::{self, Import};
use crate::tree::Tree;
use std::collections::BTreeMap;

/// Inside one folder: who imports whom, with one import of two files as the proof.
type Edges = BTreeMap<String, BTreeMap<String, Import>>;

/// One drawn circle for each folder that has any.
pub(crate) fn violations(tree: &Tree) -> Vec<String> {
    let mut folders: BTreeMap<String, Edges> = BTreeMap::new();
    for import in tree.members().iter().flat_map(|member| imports::inside(tree, member)) {
        // That one is reported by `imports`, in better words.
        if import.points_at_own_folder() {
            continue;
        }
        let (folder, from, to) = neighbours(&import);
        folders.entry(folder).or_default().entry(from).or_default().entry(to).or_insert(import);
    }
    folders.iter().filter_map(|(folder, edges)| drawn_circle(folder, edges)).collect()
}

/// The innermost folder that holds both files, and which of its children each belongs to.
fn neighbours(import: &Import) -> (String, String, String) {
    let from: Vec<&str> = import.from.split('/').collect();
    let to: Vec<&str> = import.to.split('/').collect();
    let shared = from.iter().zip(&to).take_while(|(a, b)| a == b).count();
    let child = |path: &[&str]| path[shared].trim_end_matches(".rs").to_owned();
    (from[..shared].join("/"), child(&from), child(&to))
}

fn drawn_circle(folder: &str, edges: &Edges) -> Option<String> {
    let circle = circle(edges)?;
    let steps: Vec<&Import> =
        circle.iter().zip(circle.iter().cycle().skip(1)).map(|(a, b)| &edges[*a][*b]).collect();
    let proofs = steps.iter().map(|step| format!("\n  {} imports {}", step.from, step.to));
    let ring = [circle.as_slice(), &circle[..1]].concat().join(" -> ");
    Some(format!("{folder} has a circle: {ring}{}", proofs.collect::<String>()))
}

/// Takes away whoever imports nobody that is left; what then remains leads into a circle.
fn circle(edges: &Edges) -> Option<Vec<&str>> {
    let mut left: BTreeMap<&str, Vec<&str>> = edges
        .iter()
        .map(|(from, to)| (from.as_str(), to.keys().map(String::as_str).collect()))
        .collect();
    loop {
        let names: Vec<&str> = left.keys().copied().collect();
        for targets in left.values_mut() {
            targets.retain(|target| names.contains(target));
        }
        left.retain(|_, targets| !targets.is_empty());
        if left.len() == names.len() {
            break;
        }
    }
    let mut walked = vec![*left.keys().next()?];
    loop {
        let next = left[walked[walked.len() - 1]][0];
        if let Some(start) = walked.iter().position(|name| *name == next) {
            return Some(walked.split_off(start));
        }
        walked.push(next);
    }
}

#[cfg(test)]
mod tests {
    use super::violations;
    use crate::tree::Tree;

    fn found(files: &[(&str, &str)]) -> Vec<String> {
        let root = ("Cargo.toml", "[workspace]\nmembers = [\"c\"]");
        violations(&Tree::planted(&[&[root], files].concat()))
    }

    #[test]
    fn files_that_only_import_downwards_pass() {
        let files = [
            ("c/src/apply/mod.rs", "use crate::apply::lease::x; use crate::model::y;"),
            ("c/src/apply/lease.rs", "use crate::model::y; use crate::apply::draft::z;"),
            ("c/src/apply/draft.rs", "use crate::model::y;"),
            ("c/src/model.rs", "#[cfg(test)]\nmod tests { use crate::apply::lease::x; }"),
        ];
        assert_eq!(found(&files), Vec::<String>::new());
    }

    #[test]
    fn a_circle_of_three_files_is_drawn_with_its_imports() {
        let files = [
            ("c/src/a.rs", "use crate::b::x;"),
            ("c/src/b.rs", "fn f() { crate::d::y() }"),
            ("c/src/d.rs", "use crate::{a::z};"),
            ("c/src/e.rs", "use crate::a::z;"),
        ];
        let drawn = "c/src has a circle: a -> b -> d -> a\n  c/src/a.rs imports c/src/b.rs\n  \
                     c/src/b.rs imports c/src/d.rs\n  c/src/d.rs imports c/src/a.rs";
        assert_eq!(found(&files), [drawn]);
    }

    #[test]
    fn folders_stand_in_a_circle_even_if_no_two_files_do() {
        let files = [
            ("c/src/a/up.rs", "use crate::b::low::x;"),
            ("c/src/a/low.rs", ""),
            ("c/src/b/up.rs", "use crate::a::low::y;"),
            ("c/src/b/low.rs", ""),
        ];
        let drawn = found(&files);
        assert_eq!(drawn.len(), 1);
        assert!(drawn[0].starts_with("c/src has a circle: a -> b -> a\n"), "{}", drawn[0]);
    }
}
