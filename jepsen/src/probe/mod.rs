//! `regent-jepsen probe`: which faults this machine can be made to have, each by trying it.
//!
//! [`ability`] is one of them and how it is tried, [`table`] what people see of all.

pub mod ability;
pub mod table;

use crate::judgement::Judgement;
use crate::probe::ability::Ability;
use crate::probe::table::Table;
use crate::seclusion;
use crate::tell::tell;
use clap::{Args, ValueEnum};
use std::path::PathBuf;

/// How to tell it.
#[derive(Clone, Debug, Args)]
pub struct ProbeArguments {
    /// What it looks like.
    #[arg(long, short, value_enum, default_value_t = Output::Table)]
    pub output: Output,
    /// The folder to work in, once inside a namespace of its own.
    #[arg(long, hide = true)]
    pub inside: Option<PathBuf>,
}

/// What it looks like.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Output {
    /// For people.
    Table,
    /// For programs.
    Json,
}

/// Tries everything and tells what works.
///
/// # Errors
/// When there is no room for a process.
pub fn run(arguments: &ProbeArguments) -> anyhow::Result<Judgement> {
    let say = |table: &Table| match arguments.output {
        Output::Table => tell(&table.to_string()),
        Output::Json => tell(&table.json().to_string()),
    };
    let Some(work) = &arguments.inside else {
        return seclusion::start_again(|why| {
            say(&Table::nothing(why));
            Judgement::Skipped
        });
    };
    seclusion::enter()?;
    say(&Table(Ability::ALL.map(|ability| (ability, ability.missing(work))).to_vec()));
    Ok(Judgement::Passed)
}
