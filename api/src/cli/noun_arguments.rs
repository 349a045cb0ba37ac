//! What can be typed after a noun: the same verbs for all of them, as far as the API takes them, and the noun's own.

use crate::cli::nouns::noun::{Action, Noun, Takes};
use clap::{Arg, ArgAction, ArgMatches, Args, Command, Error, FromArgMatches as _, ValueEnum};

/// What is typed by whoever does not want to be asked.
const YES: &str = "yes";

/// What is done to a noun.
#[derive(Debug)]
pub enum Verb {
    /// List them.
    Ls(List),
    /// Show one.
    Show(Show),
    /// Make one.
    Create(Create),
    /// Change fields of one.
    Set(Set),
    /// Delete one.
    Delete(Delete),
    /// Do something to one that is more than changing fields.
    Act(&'static Action, Act),
}

/// A list.
#[derive(Debug, Args)]
pub struct List {
    /// Only those where FIELD=VALUE; the same field again: either value. FIELD__ne, __lt, __gt, __prefix, __contains,
    /// __in, __isnull, __within compare otherwise.
    #[arg(long, value_name = "FIELD=VALUE")]
    pub filter: Vec<String>,
    /// By this field; -FIELD for falling order.
    #[arg(long, value_name = "FIELD", allow_hyphen_values = true)]
    pub sort: Option<String>,
    /// How many at most.
    #[arg(long, default_value_t = 10_000)]
    pub limit: usize,
    /// These fields, FIELD,…, in full width.
    #[arg(long, value_name = "FIELD,…", value_delimiter = ',')]
    pub columns: Vec<String>,
    /// No first line with the names of the fields.
    #[arg(long)]
    pub no_headers: bool,
    /// How fresh.
    #[command(flatten)]
    pub read: Read,
}

/// One of them.
#[derive(Debug, Args)]
pub struct Show {
    /// Which.
    pub id: String,
    /// How fresh.
    #[command(flatten)]
    pub read: Read,
}

/// A new one.
#[derive(Debug, Args)]
pub struct Create {
    /// Its fields. What another object is known by stands for its number, `a,b` for a list, FIELD.PART=VALUE for a part.
    #[arg(value_name = "FIELD=VALUE")]
    pub fields: Vec<String>,
    /// The write.
    #[command(flatten)]
    pub write: Write,
}

/// Changed fields of one.
#[derive(Debug, Args)]
pub struct Set {
    /// Which.
    #[arg(index = 1)]
    pub id: String,
    /// The fields, as for create; `null` empties one.
    #[arg(index = 2, required = true, value_name = "FIELD=VALUE")]
    pub fields: Vec<String>,
    /// The write.
    #[command(flatten)]
    pub write: Write,
}

/// One that goes.
#[derive(Debug, Args)]
pub struct Delete {
    /// Which.
    pub id: String,
    /// Do not ask, even on a terminal.
    #[arg(long, short)]
    pub yes: bool,
    /// The write.
    #[command(flatten)]
    pub write: Write,
}

/// Something done, as far as the action takes it.
#[derive(Debug)]
pub struct Act {
    /// To which.
    pub id: String,
    /// To which part of it.
    pub part: String,
    /// With what.
    pub fields: Vec<String>,
    /// Whether its flag was typed.
    pub is_flagged: bool,
    /// Whether nobody is to be asked, even on a terminal.
    pub yes: bool,
    /// The write, or the read.
    pub write: Write,
}

/// How fresh an answer must be.
#[derive(Debug, Default, Args)]
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
#[derive(Debug, Default, Args)]
pub struct Write {
    /// The key of an earlier attempt whose outcome is unknown; it is applied once [default: a new one].
    #[arg(long, value_name = "KEY")]
    pub idempotency_key: Option<String>,
    /// Say what would come of it, and write nothing.
    #[arg(long)]
    pub dry_run: bool,
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

impl Write {
    /// As parameters of a request.
    #[must_use]
    pub fn query(&self) -> Vec<(String, String)> {
        self.dry_run.then(|| ("dry_run".to_owned(), "true".to_owned())).into_iter().collect()
    }
}

impl Verb {
    /// Reads what was typed after the noun.
    ///
    /// # Errors
    /// [`Error`] as clap tells it.
    pub fn of(noun: &'static Noun, matches: &ArgMatches) -> Result<Self, Error> {
        let (name, below) = matches.subcommand().expect("a verb is required");
        Ok(match name {
            "ls" => Self::Ls(List::from_arg_matches(below)?),
            "show" => Self::Show(Show::from_arg_matches(below)?),
            "create" => Self::Create(Create::from_arg_matches(below)?),
            "set" => Self::Set(Set::from_arg_matches(below)?),
            "delete" => Self::Delete(Delete::from_arg_matches(below)?),
            other => {
                let action = noun.action(other).expect("the other verbs are actions");
                Self::Act(action, Act::of(action, below)?)
            }
        })
    }
}

impl Act {
    fn of(action: &Action, matches: &ArgMatches) -> Result<Self, Error> {
        let word = |name: &str| matches.get_one::<String>(name).cloned().unwrap_or_default();
        let is_about_one = action.is_about_one();
        let fields = match action.takes {
            Takes::Nothing => Vec::new(),
            Takes::Fields(_) | Takes::Notes => {
                matches.get_many("fields").into_iter().flatten().cloned().collect()
            }
        };
        Ok(Self {
            id: if is_about_one { word("id") } else { String::new() },
            part: action.part().map(|_| word("part")).unwrap_or_default(),
            fields,
            is_flagged: action.flag.is_some_and(|flag| matches.get_flag(flag.name)),
            yes: action.flag.is_some() && matches.get_flag(YES),
            write: if action.reads() {
                Write::default()
            } else {
                Write::from_arg_matches(matches)?
            },
        })
    }
}

/// What can be typed after this noun.
#[must_use]
pub fn command_of(noun: &'static Noun) -> Command {
    let one = |command: Command| {
        let which = format!("Which: its {}.", noun.known_by);
        command.mut_arg("id", |id| id.help(which))
    };
    let ls = List::augment_args(Command::new("ls")).about("List them");
    let show = one(Show::augment_args(Command::new("show")).about("Show one"));
    let create = Create::augment_args(Command::new("create")).about("Make one");
    let set = one(Set::augment_args(Command::new("set")).about("Change fields of one"));
    let delete = one(Delete::augment_args(Command::new("delete")).about("Delete one"));
    Command::new(noun.name)
        .about(noun.about)
        .after_help(examples(noun))
        .subcommand_required(true)
        .arg_required_else_help(true)
        .subcommands([ls, show])
        .subcommands(noun.writes.creates().then_some(create))
        .subcommands(noun.writes.changes().then_some([set, delete]).into_iter().flatten())
        .subcommands(noun.actions.iter().map(|action| command_of_action(noun, action)))
}

fn command_of_action(noun: &Noun, action: &'static Action) -> Command {
    let mut command = Command::new(action.name).about(action.about);
    if action.is_about_one() {
        let which = format!("Which: its {}.", action.known_by.unwrap_or(noun.known_by));
        let id = Arg::new("id").value_name("ID").help(which);
        command = command.arg(id.required(true));
    }
    if let Some(part) = action.part() {
        let which = format!("Which {part}: its number.");
        command = command.arg(Arg::new("part").value_name(part).help(which).required(true));
    }
    let fields = Arg::new("fields").value_name("FIELD=VALUE").num_args(0..);
    match action.takes {
        Takes::Nothing => {}
        Takes::Fields(known) => command = command.arg(fields.help(known)),
        Takes::Notes => {
            let help = "Any name and any text; null takes a note back";
            command = command.arg(fields.value_name("NOTE=TEXT").help(help).required(true));
        }
    }
    if let Some(flag) = action.flag {
        let word = Arg::new(flag.name).long(flag.name).help(flag.about);
        let yes = Arg::new(YES).long(YES).short('y').help("Do not ask, even on a terminal");
        let both = [word, yes].map(|arg| arg.action(ArgAction::SetTrue));
        command = command.args(both);
    }
    if action.reads() { command } else { Write::augment_args(command).about(action.about) }
}

fn examples(noun: &Noun) -> String {
    let lines = noun.examples.iter().map(|line| format!("\n  regent {line}"));
    format!("Examples:{}", lines.collect::<String>())
}
