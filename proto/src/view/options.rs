//! Options that admins set.

use crate::malformed::{Fault, Malformed, check_length};
use crate::rack;
use crate::view::each::each;
use regent_core::rack_view::setting::{OPTION_BYTES_MAX, OptionError, Settings};

/// Options there are.
const OPTIONS_MAX: usize = 256;

pub(in crate::view) fn read(part: &str, options: Vec<rack::Option>) -> Result<Settings, Malformed> {
    let options = each(part, options, OPTIONS_MAX, |option| {
        let rack::Option { code, value } = option;
        let fault = Fault::OutOfRange { value: code.into(), min: 0, max: u8::MAX.into() };
        let code = u8::try_from(code).map_err(|_| Malformed::new("code", fault))?;
        check_length("value", value.len(), OPTION_BYTES_MAX)?;
        Ok((code, value))
    })?;
    let mut settings = Settings::default();
    for (place, (code, value)) in options.into_iter().enumerate() {
        settings.set(code, value.into()).map_err(|error| {
            let fault = match error {
                OptionError::Protocol(_) => Fault::UnknownCode(code.into()),
                OptionError::Long { bytes, .. } => {
                    Fault::TooLong { bytes, bytes_max: OPTION_BYTES_MAX }
                }
            };
            Malformed::new("code", fault).within(format_args!("{part}[{place}]"))
        })?;
    }
    Ok(settings)
}

pub(in crate::view) fn write(settings: &Settings) -> Vec<rack::Option> {
    let option = |(code, value): (u8, &[u8])| rack::Option {
        code: code.into(),
        value: value.to_vec().into(),
    };
    settings.iter().map(option).collect()
}
