//! What names and texts may look like. The rules are MAAS's; what it took must not be refused on the way back in.

use crate::model::text::{self, TEXT_BYTES_MAX};
use crate::rejection::Rejection;

/// Characters of a name.
pub(in crate::apply) const NAME_CHARS_MAX: usize = 256;

/// Which characters a name is made of, beside letters, digits and underscores of any script.
#[derive(Clone, Copy, Debug)]
pub(in crate::apply) enum NameRule {
    /// Zones, pools and VLANs: hyphens and spaces, but not at the start.
    Model,
    /// Fabrics and spaces: hyphens.
    Word,
    /// Subnets: whatever can be printed.
    Subnet,
    /// Tags: ASCII only, hyphens.
    Tag,
    /// Keys of workload annotations: hyphens and dots.
    Key,
}

impl NameRule {
    fn allows(self, character: char) -> bool {
        let word = character.is_alphanumeric() || character == '_';
        match self {
            Self::Model => word || character == ' ' || character == '-',
            Self::Word => word || character == '-',
            // MAAS's forms allow less, but its database holds more.
            Self::Subnet => !character.is_control(),
            Self::Tag => character.is_ascii() && (word || character == '-'),
            Self::Key => word || character == '-' || character == '.',
        }
    }
}

/// Refuses a name that is empty, too long or made of other characters than `rule` allows.
pub(in crate::apply) fn check_name(
    field: &str,
    name: &str,
    rule: NameRule,
) -> Result<(), Rejection> {
    if name.is_empty() {
        return Err(Rejection::invalid(field, "must not be empty"));
    }
    if name.chars().count() > NAME_CHARS_MAX {
        return Err(Rejection::invalid(field, format!("longer than {NAME_CHARS_MAX} characters")));
    }
    if let Some(stray) = name.chars().find(|character| !rule.allows(*character)) {
        return Err(Rejection::invalid(field, format!("{stray:?} has no place in it")));
    }
    if matches!(rule, NameRule::Model) && name.starts_with(['-', ' ']) {
        return Err(Rejection::invalid(field, "wants a letter, digit or underscore first"));
    }
    Ok(())
}

/// Refuses a text above a length.
pub(in crate::apply) fn check_length(
    field: &str,
    text: &str,
    bytes_max: usize,
) -> Result<(), Rejection> {
    text::check_length(text.len(), bytes_max).map_err(|error| Rejection::invalid(field, error))
}

/// Refuses a free text above its limit.
pub(in crate::apply) fn check_text(field: &str, text: &str) -> Result<(), Rejection> {
    check_length(field, text, TEXT_BYTES_MAX)
}

/// Refuses a name of the form `PREFIX-NUMBER`, which the state machine gives itself, on any object but that one.
pub(in crate::apply) fn check_not_generated(
    name: &str,
    prefix: &str,
    own: Option<u32>,
) -> Result<(), Rejection> {
    let Some(number) = name.strip_prefix(prefix).and_then(|rest| rest.strip_prefix('-')) else {
        return Ok(());
    };
    let digits = !number.is_empty() && number.bytes().all(|byte| byte.is_ascii_digit());
    if digits && Some(number.to_owned()) != own.map(|id| id.to_string()) {
        let reason = format!("names like {prefix}-1 are given by the region");
        return Err(Rejection::invalid("name", reason));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::{NameRule, check_name, check_not_generated};

    #[test]
    fn names_are_held_to_the_rule_of_their_noun() {
        for (name, rule, good) in [
            ("rack 7", NameRule::Model, true),
            ("-rack", NameRule::Model, false),
            ("Zürich_1", NameRule::Word, true),
            ("two words", NameRule::Word, false),
            ("10.0.0.0/16 – lab", NameRule::Subnet, true),
            ("gpu-node", NameRule::Tag, true),
            ("größe", NameRule::Tag, false),
            ("app.kubernetes", NameRule::Key, true),
            ("", NameRule::Key, false),
        ] {
            assert_eq!(check_name("name", name, rule).is_ok(), good, "{name}");
        }
    }

    #[test]
    fn generated_names_are_kept_for_their_own_object() {
        assert!(check_not_generated("fabric-3", "fabric", None).is_err());
        assert!(check_not_generated("fabric-3", "fabric", Some(4)).is_err());
        assert!(check_not_generated("fabric-3", "fabric", Some(3)).is_ok());
        assert!(check_not_generated("fabric-x", "fabric", None).is_ok());
    }
}
