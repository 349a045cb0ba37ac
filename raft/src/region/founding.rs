//! The beginning of a site: the founder's group of one, its record as the first member, and what every site has.
//!
//! A founder may die between any two of these steps; what is missing is made up when it leads again.

use crate::error::{MembershipError, ProposeError, StartError};
use crate::region::change::CHANGE_MAX;
use crate::region::handle::Region;
use crate::region::prepare::FOUNDER;
use crate::runtime::elapsed;
use crate::type_config::{NodeId, RegionNode};
use regent_core::command::Command;
use regent_core::command::member::MemberCommand;
use regent_core::command::site::SiteCommand;
use regent_core::object::Key;
use regent_core::outcome::Outcome;
use std::collections::BTreeMap;
use std::time::Duration;
use tokio::time::interval;

/// The default domain of a new site, as MAAS names it.
const FIRST_DOMAIN: &str = "maas";
/// How often a founder looks whether its site was founded.
const LOOK_EVERY: Duration = Duration::from_millis(200);

impl Region {
    /// Makes the founder's cluster, if this is the founder and it was not made yet.
    pub(crate) async fn found_cluster(&self, founder: RegionNode) -> Result<(), StartError> {
        let (raft, identity) = (&self.shared.raft, &self.shared.identity);
        let raft_error = |error: &dyn std::fmt::Display| StartError::Raft(error.to_string());
        let made = raft.is_initialized().await.map_err(|error| raft_error(&error))?;
        if identity.node_id != FOUNDER || made {
            return Ok(());
        }
        let members = BTreeMap::from([(FOUNDER, founder)]);
        raft.initialize(members).await.map_err(|error| raft_error(&error))?;
        self.admit_founder().await.map_err(|error| raft_error(&error))
    }

    /// As founder, founds the site if that was broken off at an earlier start.
    pub(crate) async fn found_site(self) {
        let mut look = interval(LOOK_EVERY);
        while self.identity().node_id == FOUNDER {
            look.tick().await;
            if !self.published().state.tables().members.is_empty() {
                return;
            }
            if self.shared.has_applied_its_term()
                && let Err(error) = self.admit_founder().await
            {
                tracing::warn!(%error, "the site is not founded yet");
            }
        }
    }

    /// Records the founder as the first member, before anybody else can take its number, and what every site has
    /// from the start.
    ///
    /// # Errors
    /// [`MembershipError`].
    pub(crate) async fn admit_founder(&self) -> Result<(), MembershipError> {
        let identity = &self.shared.identity;
        if !self.published().state.tables().members.is_empty() {
            return Ok(());
        }
        let (name, store) = (identity.name.clone(), identity.store.to_string());
        let domain = FIRST_DOMAIN.parse().expect("a plain name");
        let admission = MemberCommand::Admit { name, store };
        let founding = Command::Batch(vec![
            Command::Member(admission.clone()),
            Command::Site(SiteCommand::Bootstrap { domain }),
        ]);
        let reply = self.propose_as_node(founding, elapsed::now() + CHANGE_MAX).await?;
        match reply.result {
            Ok(_) => Ok(()),
            // Founded meanwhile, or somebody made the first objects by hand: the record is what is still missing.
            Err(_in_use) => self.propose_member(admission).await.map(drop),
        }
    }

    /// Has a change of the members' records applied. Gives back the member's number.
    pub(crate) async fn propose_member(
        &self,
        command: MemberCommand,
    ) -> Result<NodeId, MembershipError> {
        let reply =
            self.propose_as_node(Command::Member(command), elapsed::now() + CHANGE_MAX).await?;
        match reply.result {
            Ok(Outcome::Created(object) | Outcome::Updated(object)) => match object.key {
                Key::Number(id) => Ok(id),
                Key::Address(_) | Key::Name(_) => Err(ProposeError::OutcomeUnknown.into()),
            },
            Ok(_) => Err(ProposeError::OutcomeUnknown.into()),
            Err(rejection) => Err(MembershipError::Refused(rejection.to_string())),
        }
    }
}
