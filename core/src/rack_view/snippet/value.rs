//! Values of options as the bytes that travel.

use crate::model::dns_name::DomainName;
use crate::rack_view::snippet::option_type::OptionType;
use crate::rack_view::snippet::token::Token;
use std::fmt::Display;
use std::net::Ipv4Addr;
use std::str::FromStr;

/// The bytes of a value.
///
/// # Errors
/// Why it is no value of this type.
pub(in crate::rack_view::snippet) fn encode(
    of: &OptionType,
    tokens: &[Token],
) -> Result<Vec<u8>, String> {
    match of {
        OptionType::Address => address(single(tokens)?),
        OptionType::Addresses => each(tokens, address),
        OptionType::Pairs => pairs(tokens),
        OptionType::Text => text(tokens),
        OptionType::Octets => match tokens {
            [Token::Word(word)] => octets(word),
            _ => text(tokens),
        },
        OptionType::U8 => number::<u8>(single(tokens)?, (u8::MIN, u8::MAX)).map(|n| vec![n]),
        OptionType::U8s => {
            each(tokens, |word| number::<u8>(word, (u8::MIN, u8::MAX)).map(|n| vec![n]))
        }
        OptionType::U16 => {
            number(single(tokens)?, (u16::MIN, u16::MAX)).map(|n| n.to_be_bytes().to_vec())
        }
        OptionType::U32 => {
            number(single(tokens)?, (u32::MIN, u32::MAX)).map(|n| n.to_be_bytes().to_vec())
        }
        OptionType::I32 => {
            number(single(tokens)?, (i32::MIN, i32::MAX)).map(|n| n.to_be_bytes().to_vec())
        }
        OptionType::Flag => match single(tokens)?.to_ascii_lowercase().as_str() {
            "true" | "on" => Ok(vec![1]),
            "false" | "off" => Ok(vec![0]),
            other => Err(format!("{other} is neither true nor false")),
        },
        OptionType::Names => each(tokens, |name| {
            let name = name.parse::<DomainName>().map_err(|error| error.to_string())?;
            Ok(name.as_wire().to_vec())
        }),
    }
}

/// The one item there is.
fn single(tokens: &[Token]) -> Result<&str, String> {
    match tokens {
        [Token::Word(item) | Token::Text(item)] => Ok(item),
        [] => Err("has no value".to_owned()),
        _ => Err("wants one value".to_owned()),
    }
}

/// Items with commas between them, one behind the other.
fn each(
    tokens: &[Token],
    turn: impl Fn(&str) -> Result<Vec<u8>, String>,
) -> Result<Vec<u8>, String> {
    let mut bytes = Vec::new();
    for item in tokens.split(|token| *token == Token::Comma) {
        bytes.extend(turn(single(item)?)?);
    }
    Ok(bytes)
}

fn address(word: &str) -> Result<Vec<u8>, String> {
    let address = word.parse::<Ipv4Addr>();
    address
        .map(|address| address.octets().to_vec())
        .map_err(|_| format!("{word} is no IPv4 address"))
}

fn pairs(tokens: &[Token]) -> Result<Vec<u8>, String> {
    let mut bytes = Vec::new();
    for pair in tokens.split(|token| *token == Token::Comma) {
        let [Token::Word(one), Token::Word(other)] = pair else {
            return Err("wants addresses in pairs".to_owned());
        };
        bytes.extend(address(one)?);
        bytes.extend(address(other)?);
    }
    Ok(bytes)
}

fn text(tokens: &[Token]) -> Result<Vec<u8>, String> {
    let text = single(tokens)?;
    if text.is_empty() || text.contains('\0') {
        return Err("is no text for an option".to_owned());
    }
    Ok(text.as_bytes().to_vec())
}

/// Octets like `01:ab:c`.
fn octets(word: &str) -> Result<Vec<u8>, String> {
    let octet = |digits: &str| {
        let is_short = (1..=2).contains(&digits.len()) && !digits.starts_with('+');
        let octet = u8::from_str_radix(digits, 16).ok().filter(|_| is_short);
        octet.ok_or_else(|| format!("{word} is neither a text nor octets like 01:ab"))
    };
    word.split(':').map(octet).collect()
}

fn number<T: FromStr + Display>(word: &str, (min, max): (T, T)) -> Result<T, String> {
    word.parse().map_err(|_| format!("{word} is no number from {min} to {max}"))
}
