//! Everything that can be typed, as one tree: the commands, and below each noun its verbs.

use crate::cli::arguments::{Arguments, Global};
use crate::cli::noun_arguments::{Verb, command_of};
use crate::cli::nouns::{NOUNS, Noun, find};
use clap::{ArgMatches, Command, CommandFactory as _, Error, FromArgMatches as _};

/// What was typed.
#[derive(Debug)]
pub enum Typed {
    /// A command.
    Command(Arguments),
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
        Self::of(&command().get_matches()).unwrap_or_else(|error| error.exit())
    }

    /// What holds for every command.
    #[must_use]
    pub const fn global(&self) -> &Global {
        match self {
            Self::Command(arguments) => &arguments.global,
            Self::Noun { global, .. } => global,
        }
    }

    fn of(matches: &ArgMatches) -> Result<Self, Error> {
        let noun = matches.subcommand().and_then(|(name, below)| Some((find(name)?, below)));
        match noun {
            Some((noun, below)) => Ok(Self::Noun {
                noun,
                verb: Verb::from_arg_matches(below)?,
                global: Global::from_arg_matches(matches)?,
            }),
            None => Arguments::from_arg_matches(matches).map(Self::Command),
        }
    }
}

/// The tree.
#[must_use]
pub fn command() -> Command {
    NOUNS.iter().fold(Arguments::command(), |tree, noun| tree.subcommand(command_of(noun)))
}

#[cfg(test)]
mod tests {
    use super::{Typed, command};
    use crate::cli::noun_arguments::Verb;

    #[test]
    fn tree_holds_together() {
        command().debug_assert();
    }

    #[test]
    fn verb_is_read_below_its_noun_with_what_holds_for_all() {
        let line = ["regent", "machine", "act", "7", "mark_broken", "comment=x", "-o", "json"];
        let Typed::Noun { noun, verb, global } =
            Typed::of(&command().get_matches_from(line)).unwrap()
        else {
            panic!("machine is a noun");
        };
        assert_eq!(
            (noun.path, global.output),
            ("machines", crate::cli::output::OutputFormat::Json)
        );
        let Verb::Act { id, action, fields, .. } = verb else { panic!("act is a verb") };
        assert_eq!((id.as_str(), action.as_str(), fields.len()), ("7", "mark_broken", 1));
    }
}
