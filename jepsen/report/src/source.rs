//! Which source a run was of, as git tells it. Without git, or outside a checkout, it is not known, and that is said.

use serde::{Deserialize, Serialize};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::OnceLock;

/// Says it where git cannot, as in a container with the executables alone: `COMMIT` or `COMMIT PRODUCT`.
pub const VARIABLE: &str = "REGENT_SOURCE";
/// What stands for what is not known.
const UNKNOWN: &str = "unknown";
/// What a commit ends with if files differ from it.
const CHANGED: char = '+';
/// The folders in which most of what a run tries lives; the age of a proof is counted from their last change.
const PRODUCT: [&str; 2] = ["core/src", "raft/src"];

/// Which source a run was of.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Source {
    /// The commit that was checked out; with a `+` behind it if files were changed since.
    pub commit: String,
    /// The last commit that changed the code of `core` or `raft`, in the same way.
    pub product: String,
}

impl Source {
    /// What is checked out where this program was built, or else where one is; as it was when this was first asked, since
    /// many runs of a process are of one source.
    #[must_use]
    pub fn here() -> Self {
        static HERE: OnceLock<Source> = OnceLock::new();
        let look = || match std::env::var(VARIABLE) {
            Ok(said) => Self::said(&said),
            Err(_) => Self::of(&Self::folder()),
        };
        HERE.get_or_init(look).clone()
    }

    /// Of which nothing is known.
    #[must_use]
    pub fn unknown() -> Self {
        Self { commit: UNKNOWN.to_owned(), product: UNKNOWN.to_owned() }
    }

    /// Within a checkout, if this program lies in the folder where cargo put it.
    fn folder() -> PathBuf {
        let built = std::env::current_exe().ok().and_then(|file| Some(file.parent()?.to_owned()));
        let built = built.filter(|folder| Self::of(folder) != Self::unknown());
        built.unwrap_or_else(|| PathBuf::from("."))
    }

    fn said(words: &str) -> Self {
        let mut words = words.split_whitespace().map(str::to_owned);
        let commit = words.next().unwrap_or_else(|| UNKNOWN.to_owned());
        let product = words.next().unwrap_or_else(|| commit.clone());
        Self { commit, product }
    }

    /// What is checked out in a folder.
    #[must_use]
    pub fn of(folder: &Path) -> Self {
        let Some(root) = git(folder, &["rev-parse", "--show-toplevel"]) else {
            return Self::unknown();
        };
        let root = Path::new(&root);
        Self { commit: last(root, &[]), product: last(root, &PRODUCT) }
    }
}

/// The last commit of some paths, or of all if there are none.
fn last(root: &Path, paths: &[&str]) -> String {
    let ask = |question: &[&str]| git(root, &[question, &["--"], paths].concat());
    let commit = ask(&["log", "-1", "--format=%h", "--abbrev=10"]);
    let Some(mut commit) = commit.filter(|commit| !commit.is_empty()) else {
        return UNKNOWN.to_owned();
    };
    let changed = ask(&["status", "--porcelain", "--untracked-files=no"]);
    if changed.is_none_or(|changed| !changed.is_empty()) {
        commit.push(CHANGED);
    }
    commit
}

fn git(folder: &Path, question: &[&str]) -> Option<String> {
    let asked = Command::new("git").arg("-C").arg(folder).args(question).output().ok()?;
    let answer = String::from_utf8(asked.stdout).ok()?;
    asked.status.success().then(|| answer.trim().to_owned())
}

#[cfg(test)]
mod tests {
    use super::Source;

    #[test]
    fn where_nothing_is_checked_out_nothing_is_known() {
        let folder = tempfile::tempdir().unwrap();
        assert_eq!(Source::of(folder.path()), Source::unknown());
    }

    #[test]
    fn what_is_said_counts_and_one_word_is_both() {
        let said = Source::said("abc def");
        assert_eq!((said.commit.as_str(), said.product.as_str()), ("abc", "def"));
        assert_eq!(Source::said("abc").product, "abc");
    }
}
