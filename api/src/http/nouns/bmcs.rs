//! `/v1/bmcs`.

use crate::http::nouns::edits::edits;
use crate::http::resource::{Field, Resource, field};
use crate::http::wire::Wire;
use regent_core::command::Command;
use regent_core::command::bmc::BmcPatch;
use regent_core::id::StaticIpAddressId;
use regent_core::model::bmc::Bmc;
use regent_core::model::parameter::Parameters;
use regent_core::model::secret_name::is_secret;
use serde_json::Value;

/// Bmcs over HTTP.
pub struct Bmcs;

impl Resource for Bmcs {
    type Stored = Bmc;
    type Draft = BmcPatch;
    const PATH: &'static str = "bmcs";
    const SINGULAR: &'static str = "bmc";
    const ABOUT: &'static str =
        "A BMC: what switches a machine's power. Its secrets can be sent, never read.";
    const FIELDS: &'static [Field<Self>] = &[
        field!(required power_type: String, "The driver that speaks to it."),
        Field::<Self>::new(
            "power_parameters",
            "What the driver needs to know. Secrets among it are kept apart and never shown.",
            Parameters::shape,
            |_, _, row| without_secrets(&row.value.power_parameters),
            |value, draft| {
                draft.power_parameters = Some(Wire::read(value)?);
                Ok(())
            },
        ),
        field!(ip_address: Option<StaticIpAddressId>, "The address it is reached at."),
        field!(created_by_commissioning: bool, "Whether its machine told of it, and not a person."),
    ];

    edits!(Command::Bmc, |_| {
        Ok(Bmc {
            power_type: String::new(),
            power_parameters: Parameters::new(),
            ip_address: None,
            created_by_commissioning: false,
        })
    });
}

/// Parameters as clients see them: should a secret ever stand among them, it is left out.
pub fn without_secrets(parameters: &Parameters) -> Value {
    let plain = parameters.iter().filter(|(name, _)| !is_secret(name));
    plain.map(|(name, value)| (name.clone(), value.show())).collect()
}
