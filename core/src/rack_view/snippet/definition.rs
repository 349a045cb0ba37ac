//! Options by name: those known from the start, and those a snippet defines.

use crate::rack_view::snippet::option_name::OPTION_NAMES;
use crate::rack_view::snippet::option_type::OptionType;
use crate::rack_view::snippet::token::Token;
use std::collections::BTreeMap;

/// Options by name.
#[derive(Debug, Default)]
pub(in crate::rack_view::snippet) struct Definitions(BTreeMap<String, (u8, OptionType)>);

impl Definitions {
    /// Code and type of an option.
    pub(in crate::rack_view::snippet) fn find(&self, name: &str) -> Option<(u8, OptionType)> {
        let name = name.to_ascii_lowercase();
        let name = name.strip_prefix("dhcp.").unwrap_or(&name);
        if let Some(code) = name.strip_prefix("unknown-") {
            return code.parse().ok().map(|code| (code, OptionType::Octets));
        }
        let known = OPTION_NAMES.iter().find(|(known, ..)| *known == name);
        let known = known.map(|(_, code, of)| (*code, *of));
        self.0.get(name).copied().or(known)
    }

    /// Takes a definition over: `code NUMBER = TYPE`.
    ///
    /// # Errors
    /// Why it has no meaning.
    pub(in crate::rack_view::snippet) fn define(
        &mut self,
        name: &str,
        tokens: &[Token],
    ) -> Result<(), String> {
        let [_, Token::Word(code), Token::Equals, of @ ..] = tokens else {
            return Err("is no definition like code NUMBER = TYPE".to_owned());
        };
        let code = code.parse().map_err(|_| format!("{code} is no option's number"))?;
        let words: Option<Vec<&str>> = of.iter().map(word).collect();
        let of = match words.unwrap_or_default().as_slice() {
            ["ip-address"] => OptionType::Address,
            ["array", "of", "ip-address"] => OptionType::Addresses,
            ["text"] => OptionType::Text,
            ["string"] => OptionType::Octets,
            ["boolean"] => OptionType::Flag,
            ["unsigned", "integer", "8"] => OptionType::U8,
            ["array", "of", "unsigned", "integer", "8"] | ["array", "of", "integer", "8"] => {
                OptionType::U8s
            }
            ["unsigned", "integer", "16"] => OptionType::U16,
            ["unsigned", "integer", "32"] => OptionType::U32,
            ["signed", "integer", "32"] | ["integer", "32"] => OptionType::I32,
            ["domain-list"] => OptionType::Names,
            _ => return Err("is of a type not known here".to_owned()),
        };
        self.0.insert(name.to_ascii_lowercase(), (code, of));
        Ok(())
    }
}

fn word(token: &Token) -> Option<&str> {
    match token {
        Token::Word(word) => Some(word),
        Token::Text(_) | Token::Comma | Token::Equals => None,
    }
}
