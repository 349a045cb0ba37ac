//! Planted bugs (`core/src/planted.rs`) stay out of every release: their feature is on by itself nowhere, and only the
//! checks that are about them turn it on.

use crate::tree::Tree;

const FEATURE: &str = "planted-bugs";

/// The only scripts that build with the feature.
const RUNNERS: [&str; 2] = [".ci/long.d/planted", ".ci/long.d/planted-netns"];

/// A sentence for each crate or dependency that has the feature on unasked, and for each script that turns it on.
pub(crate) fn violations(tree: &Tree) -> Vec<String> {
    let manifests = tree.members().into_iter().map(|member| format!("{member}/Cargo.toml"));
    let manifests = manifests.chain(["Cargo.toml".to_owned()]);
    let on = manifests.filter_map(|file| {
        let manifest = tree.manifest(&file).expect("members have manifests");
        let has_it_on = is_on(&toml::Value::Table(manifest), &mut Vec::new())?;
        Some(format!("{file} turns {FEATURE} on at {has_it_on}: no release may have it"))
    });
    let scripts = tree.scripts();
    let scripts = scripts.filter(|(file, text)| !RUNNERS.contains(file) && text.contains(FEATURE));
    let only = RUNNERS.join(" and ");
    let scripts = scripts.map(|(file, _)| format!("{file} names {FEATURE}: only {only} may"));
    on.chain(scripts).collect()
}

/// Where a manifest names the feature other than to define it, or to have the crates below follow.
fn is_on(value: &toml::Value, path: &mut Vec<String>) -> Option<String> {
    let defines = path.as_slice() == ["features", FEATURE];
    // A test that wants the feature is left out where it is off.
    let wants = path.last().is_some_and(|key| key == "required-features");
    match value {
        _ if defines || wants => None,
        toml::Value::String(text) => {
            let names_it = text.rsplit('/').next() == Some(FEATURE);
            names_it.then(|| path.join("."))
        }
        toml::Value::Array(items) => items.iter().find_map(|item| is_on(item, path)),
        toml::Value::Table(table) => table.iter().find_map(|(key, value)| {
            path.push(key.clone());
            let found = is_on(value, path);
            path.pop();
            found
        }),
        toml::Value::Integer(_)
        | toml::Value::Float(_)
        | toml::Value::Boolean(_)
        | toml::Value::Datetime(_) => None,
    }
}

#[cfg(test)]
mod tests {
    use super::{FEATURE, RUNNERS, violations};
    use crate::tree::Tree;

    fn found(manifest: &str, script: (&str, &str)) -> Vec<String> {
        violations(&Tree::planted(&[
            ("Cargo.toml", "[workspace]\nmembers = [\"core\"]"),
            ("core/Cargo.toml", manifest),
            script,
        ]))
    }

    #[test]
    fn feature_that_is_defined_and_passed_on_is_on_nowhere() {
        let defined = format!(
            "[features]\n{FEATURE} = [\"below/{FEATURE}\"]\n[[test]]\nrequired-features = [\"{FEATURE}\"]"
        );
        for runner in RUNNERS {
            let found = found(&defined, (runner, "--features planted-bugs"));
            assert_eq!(found, Vec::<String>::new());
        }
    }

    #[test]
    fn feature_that_is_on_unasked_is_found_wherever_that_is_said() {
        let nothing = (".ci/run", "cargo test");
        for manifest in [
            "[features]\ndefault = [\"planted-bugs\"]\nplanted-bugs = []",
            "[features]\nother = [\"below/planted-bugs\"]",
            "[dependencies]\nbelow = { path = \"../below\", features = [\"planted-bugs\"] }",
        ] {
            assert_eq!(found(manifest, nothing).len(), 1, "{manifest}");
        }
        let released = found("", ("deploy/build", "cargo build --features planted-bugs"));
        assert_eq!(released.len(), 1);
    }
}
