//! Everything that can be typed, as one tree: the commands, and below each noun its verbs.

use crate::cli::arguments::{Arguments, Global};
use crate::cli::noun_arguments::{Verb, command_of};
use crate::cli::nouns::collection::VLANS;
use crate::cli::nouns::noun::Noun;
use crate::cli::nouns::{all, find};
use crate::cli::usage;
use crate::cli::vlan_dhcp_arguments::DhcpVerb;
use clap::{ArgMatches, Command, CommandFactory as _, Error, FromArgMatches as _, Subcommand as _};

/// What a VLAN has below it beside its verbs.
const DHCP: &str = "dhcp";

/// What was typed.
#[derive(Debug)]
pub enum Typed {
    /// A command.
    Command(Arguments),
    /// What is done about DHCP on a VLAN.
    VlanDhcp {
        /// What.
        verb: DhcpVerb,
        /// What holds for every command.
        global: Global,
    },
    /// A verb of a noun.
    Noun {
        /// The noun.
        noun: &'static Noun,
        /// The verb.
        verb: Verb,
        /// What holds for every command.
        global: Global,
    },
}

impl Typed {
    /// Reads the command line of this process; help, versions and errors end it.
    #[must_use]
    pub fn read() -> Self {
        let read = command().try_get_matches().and_then(|matches| Self::of(&matches));
        read.unwrap_or_else(|error| usage::end(&error))
    }

    /// What holds for every command.
    #[must_use]
    pub const fn global(&self) -> &Global {
        match self {
            Self::Command(arguments) => &arguments.global,
            Self::Noun { global, .. } | Self::VlanDhcp { global, .. } => global,
        }
    }

    fn of(matches: &ArgMatches) -> Result<Self, Error> {
        let noun = matches.subcommand().and_then(|(name, below)| Some((find(name)?, below)));
        let global = || Global::from_arg_matches(matches);
        match noun {
            Some((noun, below))
                if noun.collection == VLANS && below.subcommand_matches(DHCP).is_some() =>
            {
                let below = below.subcommand_matches(DHCP).expect("it was just looked for");
                Ok(Self::VlanDhcp { verb: DhcpVerb::from_arg_matches(below)?, global: global()? })
            }
            Some((noun, below)) => {
                Ok(Self::Noun { noun, verb: Verb::of(noun, below)?, global: global()? })
            }
            None => Arguments::from_arg_matches(matches).map(Self::Command),
        }
    }
}

/// The tree.
#[must_use]
pub fn command() -> Command {
    all().fold(Arguments::command(), |tree, noun| {
        let own = (noun.collection == VLANS).then(dhcp);
        tree.subcommand(command_of(noun).subcommands(own))
    })
}

fn dhcp() -> Command {
    let dhcp = Command::new(DHCP).about("Have racks serve it, or not, and see whether they do");
    let dhcp = dhcp.subcommand_required(true).arg_required_else_help(true);
    DhcpVerb::augment_subcommands(dhcp)
}

#[cfg(test)]
mod tests {
    use super::{Typed, command};
    use crate::cli::noun_arguments::Verb;
    use crate::cli::nouns::all;
    use crate::cli::output::OutputFormat;

    #[test]
    fn tree_holds_together() {
        command().debug_assert();
    }

    fn typed(line: &[&str]) -> Typed {
        Typed::of(&command().get_matches_from(line)).unwrap()
    }

    #[test]
    fn verb_is_read_below_its_noun_with_what_holds_for_all() {
        let line = ["regent", "machine", "mark-broken", "7", "comment=x", "-o", "json"];
        let Typed::Noun { noun, verb, global } = typed(&line) else {
            panic!("machine is a noun");
        };
        assert_eq!((noun.name, global.output), ("machine", OutputFormat::Json));
        let Verb::Act(action, act) = verb else { panic!("mark-broken is an action") };
        assert_eq!((action.name, act.id.as_str(), act.fields.len()), ("mark-broken", "7", 1));
    }

    #[test]
    fn every_example_in_help_is_a_line_that_is_understood() {
        for noun in all() {
            assert!(!noun.examples.is_empty(), "{}", noun.name);
            for example in noun.examples {
                let words: Vec<_> = std::iter::once("regent").chain(example.split(' ')).collect();
                let read = command().try_get_matches_from(&words);
                assert!(read.is_ok_and(|matches| Typed::of(&matches).is_ok()), "{example}");
            }
        }
    }

    #[test]
    fn every_verb_says_what_it_does_and_not_what_its_arguments_are() {
        let tree = command();
        for noun in all() {
            let below = tree.find_subcommand(noun.name).unwrap().get_subcommands();
            for (verb, about) in below.map(|verb| (verb.get_name(), verb.get_about().unwrap())) {
                let wanted = noun.action(verb).map(|action| action.about);
                let about = about.to_string();
                assert!(
                    wanted.is_none_or(|wanted| wanted == about),
                    "{} {verb}: {about}",
                    noun.name
                );
                assert!(!["A write", "A list", "A new one"].contains(&about.as_str()), "{verb}");
            }
        }
    }
}
