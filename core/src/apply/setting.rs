//! Settings of the site: any name, MAAS's by convention, but those of secrets.

use crate::apply::draft::Draft;
use crate::apply::terms;
use crate::apply::text::{NameRule, check_length, check_name};
use crate::command::setting::SettingCommand;
use crate::model::parameter::ParameterValue;
use crate::model::secret_name::is_secret;
use crate::model::setting::{SETTING_NAME_BYTES_MAX, Setting, SettingName};
use crate::model::text::TEXT_BYTES_MAX;
use crate::outcome::Outcome;
use crate::query::terms::TermSetting;
use crate::rejection::Rejection;
use crate::state::tables::Stored;

/// Settings the site may have.
const SETTINGS_MAX: usize = 4096;

pub(in crate::apply) fn run(
    draft: &mut Draft,
    command: &SettingCommand,
) -> Result<Outcome, Rejection> {
    match command {
        SettingCommand::Set { name, value } => {
            check_name("name", &name.0, NameRule::Key)?;
            check_length("name", &name.0, SETTING_NAME_BYTES_MAX)?;
            if is_secret(&name.0) {
                let reason = "is the name of a secret, and everybody can read settings";
                return Err(Rejection::invalid("name", reason));
            }
            if value.size_bytes() > TEXT_BYTES_MAX {
                return Err(Rejection::invalid(
                    "value",
                    format!("more than {TEXT_BYTES_MAX} bytes"),
                ));
            }
            check_term(name, value)?;
            check_room(draft, name)?;
            terms::remember(draft);
            draft.put(name.clone(), Setting { value: value.clone() });
            Ok(Outcome::Updated(Setting::object(name)))
        }
        SettingCommand::Unset { name } => {
            terms::remember(draft);
            draft.delete::<Setting>(name)?;
            Ok(Outcome::Deleted(Setting::object(name)))
        }
    }
}

/// A length of time that the lease protocol is built on has bounds.
fn check_term(name: &SettingName, value: &ParameterValue) -> Result<(), Rejection> {
    let Some(setting) = TermSetting::named(&name.0) else { return Ok(()) };
    if setting.read(value).is_some() {
        return Ok(());
    }
    let (least, most) = (setting.least.0 / 1000, setting.most.0 / 1000);
    Err(Rejection::invalid("value", format!("wants whole seconds from {least} to {most}")))
}

fn check_room(draft: &Draft, name: &SettingName) -> Result<(), Rejection> {
    let table = &draft.state().tables().settings;
    if table.get(name).is_none() && table.len() >= SETTINGS_MAX {
        return Err(Rejection::Limit { what: "settings".into(), max: SETTINGS_MAX as u64 });
    }
    Ok(())
}
