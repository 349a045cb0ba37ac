//! BMCs: what is secret among their power parameters is kept apart before anything is stored.

use crate::apply::draft::Draft;
use crate::apply::noun::{self, Noun};
use crate::apply::parameters::check_parameters;
use crate::apply::secret::{keep, split};
use crate::apply::text::{NameRule, check_name};
use crate::command::bmc::BmcCommand;
use crate::command::edit::Edit;
use crate::command::patch::Patch;
use crate::id::BmcId;
use crate::model::bmc::Bmc;
use crate::model::node::Node;
use crate::model::static_ip_address::StaticIpAddress;
use crate::outcome::Outcome;
use crate::rejection::Rejection;
use crate::state::tables::Stored;

pub(in crate::apply) fn run(draft: &mut Draft, command: &BmcCommand) -> Result<Outcome, Rejection> {
    match command {
        Edit::Create(bmc) => {
            let mut bmc = bmc.clone();
            let secrets = split("power_parameters", &mut bmc.power_parameters)?;
            let id = noun::create(draft, bmc)?;
            keep(draft, &Bmc::object(&id), secrets)?;
            Ok(Outcome::Created(Bmc::object(&id)))
        }
        Edit::Update { id, patch } => {
            let id = draft.resolve::<Bmc>(*id)?;
            let mut patch = patch.clone();
            let given = patch.power_parameters.as_mut();
            let secrets = given.map(|given| split("power_parameters", given));
            let secrets = secrets.transpose()?.unwrap_or_default();
            let outcome = noun::update::<Bmc>(draft, id, |bmc| patch.apply_to(bmc))?;
            keep(draft, &Bmc::object(&id), secrets)?;
            Ok(outcome)
        }
        Edit::Delete { .. } => noun::run(draft, command),
    }
}

impl Noun for Bmc {
    fn checked(draft: &Draft, _: Option<BmcId>, mut bmc: Self) -> Result<Self, Rejection> {
        check_name("power_type", &bmc.power_type, NameRule::Key)?;
        check_parameters("power_parameters", &bmc.power_parameters)?;
        bmc.ip_address = draft.existing_if_any::<StaticIpAddress>("ip_address", bmc.ip_address)?;
        Ok(bmc)
    }

    /// Its machines are left without power control, as in MAAS.
    fn before_delete(draft: &mut Draft, id: BmcId) -> Result<(), Rejection> {
        for node in draft.referring::<Node>(&Self::object(&id))? {
            draft.modify::<Node>(&node, |node| node.bmc = None)?;
        }
        Ok(())
    }
}
