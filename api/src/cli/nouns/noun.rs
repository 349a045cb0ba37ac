//! What the command line knows of a noun: what it is called, what a list shows, what its fields mean, what is done to it.
//!
//! Which fields there are, and what may be written to them, the API knows and says.

use crate::cli::nouns::collection::Collection;

/// A noun.
#[derive(Debug)]
pub struct Noun {
    /// As typed: `machine`.
    pub name: &'static str,
    /// Where the API has them.
    pub collection: Collection,
    /// What it is.
    pub about: &'static str,
    /// How one of them is named on the command line.
    pub known_by: &'static str,
    /// What a list shows; the lines of a sheet begin with it.
    pub columns: &'static [&'static str],
    /// Fields whose values people write in another way than the API.
    pub fields: &'static [(&'static str, Means)],
    /// Which writes the API takes.
    pub writes: Writes,
    /// What can be done to it beyond changing fields.
    pub actions: &'static [Action],
    /// Lines that work, after `regent`.
    pub examples: &'static [&'static str],
}

/// What people write for a field.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Means {
    /// An object of another collection, by what it is known by.
    One(Collection),
    /// Several of them, `a,b`.
    Many(Collection),
    /// A list of texts, `a,b`.
    Texts,
    /// Milliseconds until something that may never come: people read `never` where the API has none.
    Countdown,
}

/// Which writes a noun takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Writes {
    /// Create, set, delete.
    All,
    /// Set and delete: something else makes them.
    NoCreate,
    /// None: they are recorded by something else.
    None,
}

impl Writes {
    /// Whether one can be made.
    #[must_use]
    pub const fn creates(self) -> bool {
        match self {
            Self::All => true,
            Self::NoCreate | Self::None => false,
        }
    }

    /// Whether one can be changed and deleted.
    #[must_use]
    pub const fn changes(self) -> bool {
        match self {
            Self::All | Self::NoCreate => true,
            Self::None => false,
        }
    }
}

/// What is done to a noun beyond changing its fields: one route of the API.
#[derive(Clone, Copy, Debug)]
pub struct Action {
    /// As typed: `mark-broken`.
    pub name: &'static str,
    /// What it does.
    pub about: &'static str,
    /// The method.
    pub method: ActionMethod,
    /// The route. `{id}` is the object, any other `{word}` is typed behind it.
    pub route: &'static str,
    /// What is sent with it.
    pub takes: Takes,
    /// A field that is always sent.
    pub preset: Option<(&'static str, u8)>,
    /// A flag that may be typed with it.
    pub flag: Option<Flag>,
    /// How what it is done to is named, where that is another way than the noun's.
    pub known_by: Option<&'static str>,
    /// What it answers.
    pub answers: Answers,
}

/// A word that makes an action do what cannot be undone; whoever sits at a terminal is asked first.
#[derive(Clone, Copy, Debug)]
pub struct Flag {
    /// As typed: `now` is `--now`.
    pub name: &'static str,
    /// What it means, and what comes of it.
    pub about: &'static str,
    /// The field that is sent as true.
    pub field: &'static str,
    /// What is asked, before the name of the object.
    pub question: &'static str,
}

/// What is sent with an action.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Takes {
    /// Nothing.
    Nothing,
    /// Fields, as help shows them.
    Fields(&'static str),
    /// Texts under names that whoever sends them makes up.
    Notes,
}

/// By which method an action is asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ActionMethod {
    /// Reads.
    Get,
    /// Does.
    Post,
    /// Changes.
    Patch,
    /// Removes.
    Delete,
}

/// What an action answers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Answers {
    /// The object as it is now.
    Object,
    /// A list of objects of this collection.
    Items(Collection),
    /// Something of its own.
    Sheet,
    /// Answers in words: each a sentence and its reasons.
    Words,
}

impl Action {
    /// A step that is recorded and answers the object.
    pub(in crate::cli::nouns) const fn post(
        name: &'static str,
        about: &'static str,
        route: &'static str,
    ) -> Self {
        let (method, answers) = (ActionMethod::Post, Answers::Object);
        let (takes, preset, flag, known_by) = (Takes::Nothing, None, None, None);
        Self { name, about, method, route, takes, preset, flag, known_by, answers }
    }

    /// Of what is named in another way.
    pub(in crate::cli::nouns) const fn of(self, known_by: &'static str) -> Self {
        Self { known_by: Some(known_by), ..self }
    }

    /// With a flag.
    pub(in crate::cli::nouns) const fn flagged(self, flag: Flag) -> Self {
        Self { flag: Some(flag), ..self }
    }

    /// With fields.
    pub(in crate::cli::nouns) const fn taking(self, fields: &'static str) -> Self {
        Self { takes: Takes::Fields(fields), ..self }
    }

    /// By another method.
    pub(in crate::cli::nouns) const fn by(self, method: ActionMethod) -> Self {
        Self { method, ..self }
    }

    /// With another answer.
    pub(in crate::cli::nouns) const fn answering(self, answers: Answers) -> Self {
        Self { answers, ..self }
    }

    /// Whether it is done to one object, and not to the collection.
    #[must_use]
    pub fn is_about_one(&self) -> bool {
        self.route.contains("{id}")
    }

    /// Whether it changes nothing.
    #[must_use]
    pub const fn reads(&self) -> bool {
        match self.method {
            ActionMethod::Get => true,
            ActionMethod::Post | ActionMethod::Patch | ActionMethod::Delete => false,
        }
    }

    /// What is typed behind the object, if anything is.
    #[must_use]
    pub fn part(&self) -> Option<&'static str> {
        let words = self.route.split('/').filter_map(|segment| segment.strip_prefix('{'));
        words.filter_map(|word| word.strip_suffix('}')).find(|word| *word != "id")
    }
}

impl Noun {
    /// What people write for a field.
    #[must_use]
    pub fn means(&self, field: &str) -> Option<Means> {
        self.fields.iter().find(|(name, _)| *name == field).map(|(_, means)| *means)
    }

    /// The action of this name.
    #[must_use]
    pub fn action(&self, name: &str) -> Option<&Action> {
        self.actions.iter().find(|action| action.name == name)
    }
}
