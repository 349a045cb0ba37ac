//! What this machine can do, as people and programs read it.

use crate::probe::ability::Ability;
use serde_json::{Value, json};
use std::fmt;

/// Each ability, and why it is not there if it is not.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Table(pub Vec<(Ability, Option<String>)>);

impl Table {
    /// A machine that can do nothing, for one reason.
    #[must_use]
    pub fn nothing(why: &str) -> Self {
        Self(Ability::ALL.map(|ability| (ability, Some(why.to_owned()))).to_vec())
    }

    /// Whether there can be machines of their own; what is missing beside that is left out.
    #[must_use]
    pub fn can_netns(&self) -> bool {
        let needed = [Ability::Namespaces, Ability::Disks];
        let Self(rows) = self;
        needed.iter().all(|needed| rows.iter().any(|row| row == &(*needed, None)))
    }

    /// One object for each.
    #[must_use]
    pub fn json(&self) -> Value {
        let row = |(ability, missing): &(Ability, Option<String>)| {
            json!({
                "name": ability.name(),
                "about": ability.about(),
                "works": missing.is_none(),
                "missing": missing,
            })
        };
        self.0.iter().map(row).collect()
    }
}

impl fmt::Display for Table {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (ability, missing) in &self.0 {
            let works = if missing.is_none() { "yes" } else { "no" };
            let note = missing.as_ref().map_or_else(String::new, |why| format!(" ({why})"));
            writeln!(f, "{:<11} {works:<4}{}{note}", ability.name(), ability.about())?;
        }
        let netns = if self.can_netns() { "netns and local" } else { "local" };
        writeln!(f, "tiers: {netns}")
    }
}

#[cfg(test)]
mod tests {
    use super::Table;
    use crate::probe::ability::Ability;

    #[test]
    fn what_is_missing_is_told_with_its_reason() {
        let table =
            Table(vec![(Ability::Cuts, Some("nft is absent".into())), (Ability::Disks, None)]);
        let told = table.to_string();
        assert!(told.contains("cuts        no  nftables in the bridge family (nft is absent)"));
        assert!(told.contains("disks       yes ext4"), "{told}");
        assert!(told.ends_with("tiers: local\n") && !table.can_netns(), "{told}");
        let whole = Table(vec![(Ability::Namespaces, None), (Ability::Disks, None)]);
        assert!(whole.to_string().ends_with("tiers: netns and local\n"));
        assert_eq!(table.json()[0]["works"], false);
        assert_eq!(table.json()[1]["missing"], serde_json::Value::Null);
    }

    #[test]
    fn machine_without_root_can_do_nothing() {
        let Table(rows) = Table::nothing("needs root");
        assert_eq!(rows.len(), Ability::ALL.len());
        assert!(rows.iter().all(|(_, missing)| missing.as_deref() == Some("needs root")));
    }
}
