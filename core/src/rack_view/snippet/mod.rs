//! DHCP snippets: text in the language of ISC's server, of which options and boot files are understood here. What is not is
//! told, never left out in silence.

mod definition;
mod option_name;
mod option_type;
mod statement;
mod token;
mod value;

use crate::rack_view::setting::Settings;
use crate::rack_view::snippet::definition::Definitions;
use crate::rack_view::snippet::option_type::OptionType;
use crate::rack_view::snippet::statement::{Statement, statements};
use crate::rack_view::snippet::token::Token;
use crate::rack_view::snippet::value::encode;

/// What a text means.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Understood {
    /// The options it sets.
    pub settings: Settings,
    /// The statements that have no meaning here.
    pub not_understood: Vec<NotUnderstood>,
}

/// A statement that has no meaning here.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{statement}: {why}")]
pub struct NotUnderstood {
    /// The statement, cut where it is long.
    pub statement: String,
    /// Why.
    pub why: String,
}

/// Reads a snippet.
#[must_use]
pub fn understand(text: &str) -> Understood {
    let mut understood = Understood::default();
    let mut definitions = Definitions::default();
    for statement in statements(text) {
        let turn = statement.tokens.as_ref().map_err(ToString::to_string);
        let turn = turn.and_then(|tokens| take(tokens, &mut definitions, &mut understood.settings));
        if let Err(why) = turn {
            let Statement { text: statement, .. } = statement;
            understood.not_understood.push(NotUnderstood { statement, why });
        }
    }
    understood
}

/// Takes one statement over.
fn take(
    tokens: &[Token],
    definitions: &mut Definitions,
    settings: &mut Settings,
) -> Result<(), String> {
    let [Token::Word(keyword), rest @ ..] = tokens else {
        return Err("is no statement".to_owned());
    };
    match keyword.to_ascii_lowercase().as_str() {
        "option" => option(rest, definitions, settings),
        "filename" => set(settings, 67, &OptionType::Text, rest),
        "next-server" => {
            // As a text, which is what option 66 is; the reply has the address in its field too.
            encode(&OptionType::Address, rest)?;
            set(settings, 66, &OptionType::Text, rest)
        }
        "default-lease-time" | "max-lease-time" | "min-lease-time" => {
            Err("how long leases are is the region's own affair".to_owned())
        }
        _ => Err("is not known here".to_owned()),
    }
}

fn option(
    tokens: &[Token],
    definitions: &mut Definitions,
    settings: &mut Settings,
) -> Result<(), String> {
    let [Token::Word(name), rest @ ..] = tokens else { return Err("names no option".to_owned()) };
    if matches!(rest, [Token::Word(word), ..] if word.eq_ignore_ascii_case("code")) {
        return definitions.define(name, rest);
    }
    let (code, of) = definitions.find(name).ok_or_else(|| format!("no option {name} is known"))?;
    set(settings, code, &of, rest)
}

fn set(settings: &mut Settings, code: u8, of: &OptionType, value: &[Token]) -> Result<(), String> {
    let value = encode(of, value)?;
    settings.set(code, value).map_err(|error| error.to_string())
}

#[cfg(test)]
mod tests {
    use super::understand;

    fn options(text: &str) -> Vec<(u8, Vec<u8>)> {
        let understood = understand(text);
        assert_eq!(understood.not_understood, [], "{text}");
        understood.settings.iter().map(|(code, value)| (code, value.to_vec())).collect()
    }

    #[test]
    fn options_of_every_type_become_the_bytes_their_rfc_asks_for() {
        for (text, code, bytes) in [
            ("option time-offset -3600;", 2, vec![0xff, 0xff, 0xf1, 0xf0]),
            ("option ntp-servers 10.0.0.1, 10.0.0.2;", 42, vec![10, 0, 0, 1, 10, 0, 0, 2]),
            ("option domain-name \"lab.example\";", 15, b"lab.example".to_vec()),
            ("option interface-mtu 9000;", 26, vec![0x23, 0x28]),
            ("option ip-forwarding true;", 19, vec![1]),
            ("option default-ip-ttl 64;", 23, vec![64]),
            ("option arp-cache-timeout 60;", 35, vec![0, 0, 0, 60]),
            ("option domain-search \"a.b\", \"c\";", 119, vec![1, b'a', 1, b'b', 0, 1, b'c', 0]),
            ("option vendor-encapsulated-options 01:04:ff;", 43, vec![1, 4, 0xff]),
            ("option vendor-encapsulated-options \"ab\";", 43, b"ab".to_vec()),
            ("option static-routes 10.1.0.0 10.0.0.1;", 33, vec![10, 1, 0, 0, 10, 0, 0, 1]),
            (
                "option rfc3442-classless-static-routes 8, 10, 10,0,0,1;",
                121,
                vec![8, 10, 10, 0, 0, 1],
            ),
            ("option unknown-224 de:ad;", 224, vec![0xde, 0xad]),
            ("filename \"pxelinux.0\";", 67, b"pxelinux.0".to_vec()),
            ("next-server 10.0.0.7;", 66, b"10.0.0.7".to_vec()),
        ] {
            assert_eq!(options(text), [(code, bytes)], "{text}");
        }
    }

    #[test]
    fn comments_blanks_and_case_do_not_matter_and_the_last_of_a_kind_wins() {
        let text =
            "# servers\n  OPTION Time-Servers\t10.0.0.1 ; # old\noption time-servers 10.0.0.2;\n";
        assert_eq!(options(text), [(4, vec![10, 0, 0, 2])]);
        assert_eq!(options(" \n# nothing but a comment"), []);
    }

    #[test]
    fn options_defined_in_a_snippet_are_known_from_there_on() {
        let text = "option cisco code 150 = array of ip-address; option cisco 10.0.0.1, 10.0.0.2;
                    option answer code 200 = unsigned integer 16; option answer 42;";
        assert_eq!(options(text), [(150, vec![10, 0, 0, 1, 10, 0, 0, 2]), (200, vec![0, 42])]);
    }

    #[test]
    fn what_is_not_understood_is_told_and_the_rest_counts() {
        let text = "option time-servers 10.0.0.1;
                    max-lease-time 60;
                    class \"phones\" { match if substring (option vendor-class-identifier, 0, 3) = \"abc\"; }
                    option time-servers ten;
                    option no-such-option 1;
                    option dhcp-lease-time 5;
                    option interface-mtu 70000;
                    option domain-name \"unfinished";
        let understood = understand(text);
        assert_eq!(understood.settings.iter().collect::<Vec<_>>(), [(4, &[10, 0, 0, 1][..])]);
        let told: Vec<String> = understood.not_understood.iter().map(ToString::to_string).collect();
        assert_eq!(
            told,
            [
                "max-lease-time 60: how long leases are is the region's own affair",
                "class \"phones\" { match if substring (option vendor-class-identifier, 0, 3) = \"abc\"; }: \
                 is a block, and only single statements are known here",
                "option time-servers ten: ten is no IPv4 address",
                "option no-such-option 1: no option no-such-option is known",
                "option dhcp-lease-time 5: no option dhcp-lease-time is known",
                "option interface-mtu 70000: 70000 is no number from 0 to 65535",
                "option domain-name \"unfinished: a text has no end",
            ]
        );
    }

    #[test]
    fn nothing_that_anybody_writes_takes_long_or_stops_the_reader() {
        for text in
            ["{", "}", "{{{{", "\"", ";;;;", "option", "option ;", "= , ;", "option a code;", "\\"]
        {
            let _ = understand(text);
        }
        let understood = understand(&"x;".repeat(100_000));
        assert_eq!(understood.not_understood.len(), 257);
        assert!(understood.not_understood[256].why.contains("256"));
    }
}
