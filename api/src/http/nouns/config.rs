//! `/v1/config`: settings of the site, by MAAS's names.

use crate::http::nouns::edits::missing;
use crate::http::problem::Problem;
use crate::http::resource::{Access, Field, Resource};
use crate::http::wire::Wire;
use regent_core::command::Command;
use regent_core::command::setting::SettingCommand;
use regent_core::model::parameter::ParameterValue;
use regent_core::model::setting::{Setting, SettingName};

/// Settings over HTTP.
pub struct Settings;

/// A setting being asked for.
#[derive(Default)]
pub struct SettingDraft {
    name: Option<String>,
    value: Option<ParameterValue>,
}

impl Resource for Settings {
    type Stored = Setting;
    type Draft = SettingDraft;
    const PATH: &'static str = "config";
    const SINGULAR: &'static str = "setting";
    const ABOUT: &'static str = "A setting of the site that differs from what is built in.";
    const FIELDS: &'static [Field<Self>] = &[
        Field::<Self>::new(
            "name",
            "Which, by MAAS's name for it.",
            String::shape,
            |_, name, _| name.0.show(),
            |value, draft| {
                draft.name = Some(String::read(value)?);
                Ok(())
            },
        )
        .with(Access::RequiredOnCreate),
        Field::<Self>::new(
            "value",
            "Its value.",
            ParameterValue::shape,
            |_, _, row| row.value.value.show(),
            |value, draft| {
                draft.value = Some(ParameterValue::read(value)?);
                Ok(())
            },
        )
        .with(Access::Required),
    ];

    fn to_create(draft: SettingDraft) -> Result<Command, Problem> {
        let name = SettingName(draft.name.ok_or_else(|| missing("name"))?);
        let value = draft.value.ok_or_else(|| missing("value"))?;
        Ok(Command::Setting(SettingCommand::Set { name, value }))
    }

    fn to_update(name: SettingName, draft: SettingDraft) -> Result<Command, Problem> {
        let value = draft.value.ok_or_else(|| missing("value"))?;
        Ok(Command::Setting(SettingCommand::Set { name, value }))
    }

    fn to_delete(name: SettingName) -> Result<Command, Problem> {
        Ok(Command::Setting(SettingCommand::Unset { name }))
    }
}
