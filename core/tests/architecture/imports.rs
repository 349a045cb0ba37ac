//! Which file of a crate imports which other file of it, and the manners of doing so.
//!
//! Test code is free: it may say `super::` and import what it likes.

use crate::code;
use crate::tree::Tree;

/// One file naming something another file of the same crate defines.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Import {
    /// The file that names.
    pub(crate) from: String,
    /// The file that is named.
    pub(crate) to: String,
}

impl Import {
    /// Whether the named file is the sign at the door of a folder the naming file stands in.
    pub(crate) fn points_at_own_folder(&self) -> bool {
        let (folder, file) = self.to.rsplit_once('/').unwrap_or(("", &self.to));
        matches!(file, "mod.rs" | "lib.rs") && self.from.starts_with(&format!("{folder}/"))
    }
}

/// All imports inside the crate in this folder, sorted, each once.
pub(crate) fn inside(tree: &Tree, member: &str) -> Vec<Import> {
    let mut imports: Vec<Import> = importers(tree, member)
        .flat_map(|(file, text)| {
            let paths = code::paths(&code::without_tests(text)).into_iter();
            let own = paths.filter(|path| path[0] == "crate");
            own.map(|path| Import { from: file.to_owned(), to: defining_file(tree, member, &path) })
        })
        .filter(|import| import.from != import.to)
        .collect();
    imports.sort();
    imports.dedup();
    imports
}

/// A sentence for each import through a folder's own `mod.rs` and for each relative path.
pub(crate) fn violations(tree: &Tree) -> Vec<String> {
    let members = tree.members();
    let upwards = members.iter().flat_map(|member| inside(tree, member)).filter_map(|import| {
        let Import { from, to } = &import;
        import.points_at_own_folder().then(|| {
            format!("{from} imports {to}, which stands above it: name the file that defines it")
        })
    });
    let relative =
        members.iter().flat_map(|member| importers(tree, member)).filter_map(|(file, text)| {
            let paths = code::paths(&code::without_tests(text));
            let path = paths.iter().find(|path| path[0] == "super")?;
            Some(format!("{file} says {}: write the path from crate:: on", path.join("::")))
        });
    upwards.chain(relative).collect()
}

/// Library files that are not tests. Executables are crates of their own and stand on top.
fn importers<'t>(tree: &'t Tree, member: &str) -> impl Iterator<Item = (&'t str, &'t str)> {
    let src = format!("{member}/src/");
    let main = format!("{member}/src/main.rs");
    tree.sources().filter(move |(file, _)| {
        file.strip_prefix(&src).is_some_and(|rest| !rest.starts_with("bin/"))
            && *file != main
            && !file.ends_with("/tests.rs")
            && !file.contains("/tests/")
    })
}

/// The file of the longest leading part of a path; the root of the crate if none.
fn defining_file(tree: &Tree, member: &str, path: &[String]) -> String {
    let below_root = &path[1..];
    (1..=below_root.len())
        .rev()
        .map(|length| format!("{member}/src/{}", below_root[..length].join("/")))
        .flat_map(|stem| [format!("{stem}.rs"), format!("{stem}/mod.rs")])
        .find(|file| tree.has(file))
        .unwrap_or_else(|| format!("{member}/src/lib.rs"))
}

#[cfg(test)]
mod tests {
    use super::{inside, violations};
    use crate::tree::Tree;

    const ROOT: (&str, &str) = ("Cargo.toml", "[workspace]\nmembers = [\"c\"]");

    #[test]
    fn a_path_resolves_to_the_deepest_file_on_its_way() {
        let tree = Tree::planted(&[
            ROOT,
            ("c/src/a.rs", "use crate::net::{mac::MacAddr, Cidr}; fn f() { crate::time::now() }"),
            ("c/src/net/mod.rs", ""),
            ("c/src/net/mac.rs", ""),
            ("c/src/time.rs", ""),
        ]);
        let found: Vec<String> = inside(&tree, "c").into_iter().map(|import| import.to).collect();
        assert_eq!(found, ["c/src/net/mac.rs", "c/src/net/mod.rs", "c/src/time.rs"]);
    }

    #[test]
    fn a_child_that_imports_its_folder_or_the_crate_root_is_reported() {
        let tree = Tree::planted(&[
            ROOT,
            ("c/src/lib.rs", ""),
            ("c/src/net/mod.rs", ""),
            ("c/src/net/mac.rs", "use crate::net::Cidr;\nuse crate::Error;"),
        ]);
        let found = violations(&tree);
        assert!(found[0].starts_with("c/src/net/mac.rs imports c/src/lib.rs"), "{found:?}");
        assert!(found[1].starts_with("c/src/net/mac.rs imports c/src/net/mod.rs"), "{found:?}");
    }

    #[test]
    fn super_is_reported_outside_of_tests_only() {
        let code = "use super::b;\n#[cfg(test)]\nmod tests { use super::f; }";
        let tree = Tree::planted(&[ROOT, ("c/src/a.rs", code)]);
        assert_eq!(violations(&tree), ["c/src/a.rs says super::b: write the path from crate:: on"]);
        let tree = Tree::planted(&[ROOT, ("c/src/a/tests.rs", "use super::f;")]);
        assert_eq!(violations(&tree), Vec::<String>::new());
    }
}
