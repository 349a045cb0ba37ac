//! Which network interfaces of the machine the agent uses, as an operator chose.

use serde::Deserialize;
use std::fmt;

/// Longest name of an interface, in bytes (Linux `IFNAMSIZ` less its end).
const NAME_BYTES_MAX: usize = 15;
/// Most names in either list.
pub const NAMES_MAX: usize = 64;

/// Allowed and denied interfaces. A name that ends in `*` stands for all that begin so.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct InterfaceChoice {
    /// These and no others; all if it is empty.
    pub allow: Vec<String>,
    /// None of these, whether they are allowed or not.
    pub deny: Vec<String>,
}

/// Why a choice makes no sense.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum InterfaceChoiceError {
    /// No interface is called that.
    #[error("`{0}` is no name of an interface")]
    BadName(String),
    /// More than [`NAMES_MAX`] names.
    #[error("{0} names of interfaces, at most {NAMES_MAX} are allowed in a list")]
    TooMany(usize),
}

impl InterfaceChoice {
    /// Whether the interface of this name is used.
    #[must_use]
    pub fn takes(&self, name: &str) -> bool {
        let is_in = |list: &[String]| list.iter().any(|pattern| fits(pattern, name));
        (self.allow.is_empty() || is_in(&self.allow)) && !is_in(&self.deny)
    }

    /// Whether every interface is used.
    #[must_use]
    pub fn takes_all(&self) -> bool {
        self.allow.is_empty() && self.deny.is_empty()
    }

    /// Checks that there could be such interfaces.
    ///
    /// # Errors
    /// The first fault.
    pub fn check(&self) -> Result<(), InterfaceChoiceError> {
        for list in [&self.allow, &self.deny] {
            if list.len() > NAMES_MAX {
                return Err(InterfaceChoiceError::TooMany(list.len()));
            }
            if let Some(bad) = list.iter().find(|name| !is_name(name)) {
                return Err(InterfaceChoiceError::BadName(bad.clone()));
            }
        }
        Ok(())
    }
}

impl fmt::Display for InterfaceChoice {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (self.allow.is_empty(), self.deny.is_empty()) {
            (true, true) => f.write_str("all"),
            (true, false) => write!(f, "all but {}", self.deny.join(" ")),
            (false, true) => f.write_str(&self.allow.join(" ")),
            (false, false) => write!(f, "{} but {}", self.allow.join(" "), self.deny.join(" ")),
        }
    }
}

fn fits(pattern: &str, name: &str) -> bool {
    pattern.strip_suffix('*').map_or(pattern == name, |start| name.starts_with(start))
}

fn is_name(pattern: &str) -> bool {
    let name = pattern.strip_suffix('*').unwrap_or(pattern);
    let is_part = |c: char| c.is_ascii_graphic() && !['/', ':', '*'].contains(&c);
    !pattern.is_empty() && pattern.len() <= NAME_BYTES_MAX && name.chars().all(is_part)
}

#[cfg(test)]
mod tests {
    use super::{InterfaceChoice, InterfaceChoiceError, NAMES_MAX};

    fn choice(allow: &[&str], deny: &[&str]) -> InterfaceChoice {
        let owned = |names: &[&str]| names.iter().map(ToString::to_string).collect();
        InterfaceChoice { allow: owned(allow), deny: owned(deny) }
    }

    #[test]
    fn without_a_choice_every_interface_is_used() {
        assert!(choice(&[], &[]).takes("eth0"));
        assert!(choice(&[], &[]).takes_all());
    }

    #[test]
    fn allowed_interfaces_and_no_others_are_used() {
        let some = choice(&["eth0", "br-*"], &[]);
        assert!(some.takes("eth0") && some.takes("br-") && some.takes("br-lab"));
        assert!(!some.takes("eth00") && !some.takes("br") && !some.takes("lo"));
    }

    #[test]
    fn denied_interfaces_are_not_used_even_if_they_are_allowed() {
        assert!(!choice(&[], &["docker*"]).takes("docker0"));
        assert!(choice(&[], &["docker*"]).takes("eth0"));
        assert!(!choice(&["eth*"], &["eth1"]).takes("eth1"));
    }

    #[test]
    fn names_that_no_interface_has_are_refused() {
        for bad in ["", "eth0 ", "a/b", "eth0:1", "*a", "a**", "sixteen-letters-", "ö"] {
            let refused = Err(InterfaceChoiceError::BadName(bad.to_owned()));
            assert_eq!(choice(&[bad], &[]).check(), refused);
            assert_eq!(choice(&[], &[bad]).check(), refused);
        }
        assert_eq!(choice(&["fifteen-letters", "*"], &["br-*"]).check(), Ok(()));
        let many = vec!["a"; NAMES_MAX + 1];
        assert_eq!(choice(&many, &[]).check(), Err(InterfaceChoiceError::TooMany(65)));
    }
}
