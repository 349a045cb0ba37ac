//! Another site, as it comes in piece by piece over `/v1/imports` (docs/api.md): what every site has from the start, and machines
//! whose names no other site has.

use crate::cluster::api::Content;
use regent_core::apply::apply;
use regent_core::codec::{seal, to_bare};
use regent_core::command::import::ImportCommand;
use regent_core::command::site::SiteCommand;
use regent_core::command::{Command, Proposal, Request};
use regent_core::id::{NodeId, SystemId};
use regent_core::model::global_defaults::{DEFAULT_DOMAIN, DEFAULT_ZONE};
use regent_core::model::hostname::Hostname;
use regent_core::model::import::{StagedRow, StagedValue, belongs_to_site};
use regent_core::model::node::{Node, NodeType};
use regent_core::state::State;
use regent_core::state::digest::Digest;
use regent_core::state::meta::Meta;
use regent_core::state::table::Table;
use regent_core::state::tables::{Stored, TableVisitor};
use regent_core::time::{ClusterTime, WallTime};
use serde_json::json;
use std::collections::BTreeSet;
use std::convert::Infallible;

/// Rows of a piece: few, so that there are many pieces.
const ROWS_PER_PIECE: usize = 20;

/// A site.
pub struct OtherSite {
    /// What its import is called.
    pub id: String,
    /// The names of its machines.
    pub hostnames: BTreeSet<String>,
    number: u64,
    rows: Vec<StagedRow>,
}

/// One request of an import. Each may be repeated, at any node.
#[derive(Clone, Debug, PartialEq)]
pub struct Step {
    /// Where it goes.
    pub path: String,
    /// What it says.
    pub content: Content,
}

impl OtherSite {
    /// The `number`th, with so many machines.
    #[must_use]
    pub fn make(number: u64, machines: u32) -> Self {
        let mut rows = Rows(Vec::new());
        let Ok(()) = founded().tables().visit(&mut rows);
        let Rows(mut rows) = rows;
        let mut hostnames = BTreeSet::new();
        for machine in 1..=machines {
            let name = format!("site-{number}-{machine}");
            let hostname = Hostname::new(&name).expect("letters, digits and hyphens");
            let id = SystemId::nth(machine.into());
            let mut node = Node::new(id, NodeType::Machine, hostname, DEFAULT_ZONE);
            node.domain = Some(DEFAULT_DOMAIN);
            rows.push(staged(NodeId(machine), node));
            hostnames.insert(name);
        }
        Self { id: format!("site-{number}"), hostnames, number, rows }
    }

    /// All that has to be asked, in order; the last makes it the state of the site.
    #[must_use]
    pub fn steps(&self, replace: Replace) -> Vec<Step> {
        let (id, source) = (&self.id, format!("{:064x}", self.number));
        let replace = replace == Replace::EarlierImport;
        let begin = json!({ "id": id, "source": source, "replace": replace });
        let mut steps = vec![Step { path: "/v1/imports".into(), content: Content::Json(begin) }];
        for (number, rows) in self.rows.chunks(ROWS_PER_PIECE).enumerate() {
            let path = format!("/v1/imports/{id}/chunks/{number}");
            steps.push(Step { path, content: Content::Sealed(seal(&rows)) });
        }
        let digest = |sum: Digest, row| sum.with(ImportCommand::digest_of(row));
        let digest = self.rows.iter().fold(Digest::default(), digest).to_string();
        let commit = json!({ "count": self.rows.len(), "digest": digest });
        let path = format!("/v1/imports/{id}/commit");
        steps.push(Step { path, content: Content::Json(commit) });
        steps
    }
}

/// What an import may take the place of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Replace {
    /// A site without machines.
    NoMachines,
    /// What an earlier import brought, with everything that was changed since.
    EarlierImport,
}

/// A site as it is from the start.
fn founded() -> State {
    let domain = "maas".parse().expect("a name of a domain");
    let command = Command::Site(SiteCommand::Bootstrap { domain });
    let request =
        Request { principal: String::new(), origin: None, key: None, guards: Vec::new(), command };
    let (at, wall) = (ClusterTime::default(), WallTime::default());
    apply(&State::new(Meta::default()), 1, &Proposal { at, wall, request }).state
}

fn staged<T: Stored>(id: T::Id, value: T) -> StagedRow {
    let (created, updated) = (WallTime::default(), WallTime::default());
    let bytes = to_bare(&StagedValue { id, created, updated, value });
    StagedRow { kind: T::KIND as u8, bytes }
}

/// The rows of a state that are the site's.
struct Rows(Vec<StagedRow>);

impl TableVisitor for Rows {
    type Error = Infallible;

    fn visit<T: Stored>(&mut self, table: &Table<T::Id, T>) -> Result<(), Infallible> {
        if belongs_to_site(T::KIND) {
            self.0.extend(table.iter().map(|(id, row)| staged(id.clone(), row.value.clone())));
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::{OtherSite, Replace};

    #[test]
    fn site_is_begun_sent_in_pieces_and_committed() {
        let site = OtherSite::make(2, 50);
        let steps = site.steps(Replace::EarlierImport);
        let paths: Vec<_> = steps.iter().map(|step| step.path.as_str()).collect();
        assert_eq!(paths.first(), Some(&"/v1/imports"));
        assert!(paths[1..].starts_with(&["/v1/imports/site-2/chunks/0"]), "{paths:?}");
        assert_eq!(paths.len(), 5, "{paths:?}");
        assert_eq!(paths.last(), Some(&"/v1/imports/site-2/commit"));
        assert_eq!(site.hostnames.len(), 50);
    }
}
