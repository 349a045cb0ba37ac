//! What can be typed after a noun; the same for all of them.

use crate::cli::nouns::Noun;
use clap::builder::PossibleValuesParser;
use clap::{Args, Command, Subcommand, ValueEnum};

/// What is done to a noun.
#[derive(Debug, Subcommand)]
pub enum Verb {
    /// List them.
    Ls(List),
    /// Show one.
    Show {
        /// Its id or name.
        id: String,
        /// How fresh.
        #[command(flatten)]
        read: Read,
    },
    /// Make one.
    Create {
        /// FIELD=VALUE …; a value that is JSON is taken as JSON, any other as a text.
        fields: Vec<String>,
        /// The write.
        #[command(flatten)]
        write: Write,
    },
    /// Change fields of one.
    Set {
        /// Its id or name.
        id: String,
        /// FIELD=VALUE …; `null` empties a field.
        #[arg(required = true)]
        fields: Vec<String>,
        /// The write.
        #[command(flatten)]
        write: Write,
    },
    /// Delete one.
    Delete {
        /// Its id or name.
        id: String,
        /// The write.
        #[command(flatten)]
        write: Write,
    },
    /// Do something to one that is more than changing fields.
    Act {
        /// Its id or name.
        #[arg(index = 1)]
        id: String,
        /// What.
        #[arg(index = 2)]
        action: String,
        /// FIELD=VALUE …, what the action wants to know.
        #[arg(index = 3)]
        fields: Vec<String>,
        /// The write.
        #[command(flatten)]
        write: Write,
    },
}

/// A list.
#[derive(Debug, Args)]
pub struct List {
    /// Only those where FIELD=VALUE; several for one field mean any of them, for several fields all.
    #[arg(long)]
    pub filter: Vec<String>,
    /// By this field; -FIELD for falling order.
    #[arg(long, allow_hyphen_values = true)]
    pub sort: Option<String>,
    /// How many at most.
    #[arg(long, default_value_t = 10_000)]
    pub limit: usize,
    /// These fields, FIELD,….
    #[arg(long, value_delimiter = ',')]
    pub columns: Vec<String>,
    /// No first line with the names of the fields.
    #[arg(long)]
    pub no_headers: bool,
    /// How fresh.
    #[command(flatten)]
    pub read: Read,
}

/// How fresh an answer must be.
#[derive(Debug, Args)]
pub struct Read {
    /// Everything acknowledged before, or what the asked node has.
    #[arg(long, value_enum)]
    pub consistency: Option<Consistency>,
    /// With stale: how old at most, e.g. 5s.
    #[arg(long)]
    pub max_stale: Option<String>,
    /// What the asked node must have at least: the revision an earlier reply named.
    #[arg(long)]
    pub min_revision: Option<u64>,
    /// How long it may wait for that, e.g. 10s.
    #[arg(long)]
    pub wait: Option<String>,
}

/// What a read promises.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Consistency {
    /// Everything acknowledged before the read is in it.
    Linearizable,
    /// What the asked node has, with a leader or without.
    Stale,
}

/// A write.
#[derive(Debug, Args)]
pub struct Write {
    /// The key of an earlier attempt whose outcome is unknown; it is applied once [default: a new one].
    #[arg(long)]
    pub idempotency_key: Option<String>,
}

impl Read {
    /// As parameters of a request.
    #[must_use]
    pub fn query(&self) -> Vec<(String, String)> {
        let consistency = self.consistency.map(|level| match level {
            Consistency::Linearizable => "linearizable".to_owned(),
            Consistency::Stale => "stale".to_owned(),
        });
        let parameters = [
            ("consistency", consistency),
            ("max_stale", self.max_stale.clone()),
            ("min_revision", self.min_revision.map(|revision| revision.to_string())),
            ("wait", self.wait.clone()),
        ];
        let given = parameters.into_iter().filter_map(|(name, value)| Some((name.into(), value?)));
        given.collect()
    }
}

/// What can be typed after this noun.
#[must_use]
pub fn command_of(noun: &Noun) -> Command {
    let actions = noun.actions;
    Verb::augment_subcommands(Command::new(noun.name).about(noun.about))
        .subcommand_required(true)
        .arg_required_else_help(true)
        .mut_subcommand("act", |act| match actions {
            [] => act.hide(true),
            actions => act.mut_arg("action", |action| {
                action.value_parser(PossibleValuesParser::new(actions.iter().copied()))
            }),
        })
}
