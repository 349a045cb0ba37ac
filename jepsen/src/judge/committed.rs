//! Judging from the logs on the disks of nodes that have stopped, with no word of theirs but the index and digest they
//! agreed on: the committed entries are applied again from the first, and what takes effect is counted.

use crate::cluster::status::Agreement;
use crate::judge::expected::{Effect, Expected};
use crate::judge::violation::Violation;
use crate::load::record::Noun;
use regent_core::apply;
use regent_core::codec;
use regent_core::command::edit::Edit;
use regent_core::command::node::NodeCommand;
use regent_core::command::{Command, Proposal, Request};
use regent_core::model::dns_name::DomainName;
use regent_core::model::record_data::RecordData;
use regent_core::model::relative_name::RelativeName;
use regent_core::state::State;
use regent_core::state::meta::Meta;
use regent_raft::offline_log::{OfflineEntry, OfflineLog};
use std::collections::BTreeMap;

/// What the committed log says.
#[derive(Clone, Debug, Default)]
pub struct Replayed {
    /// Entries applied.
    pub entries: usize,
    /// Writes of clients that took effect, by mark.
    pub effects: BTreeMap<String, Effect>,
    /// Entries that only repeat an earlier one.
    pub repetitions: usize,
    /// What is wrong with the logs themselves.
    pub violations: Vec<Violation>,
}

/// Judges the logs of all nodes up to what they agreed on.
#[must_use]
pub fn judge(
    logs: &[OfflineLog],
    agreed: &Agreement,
    expected: &Expected<'_>,
) -> (Replayed, Vec<Violation>) {
    let mut violations: Vec<_> = logs.iter().filter_map(|log| usable(log, agreed)).collect();
    violations.extend(logs.windows(2).filter_map(|pair| difference(&pair[0], &pair[1], agreed)));
    let Some(first) = logs.first().filter(|_| violations.is_empty()) else {
        return (Replayed::default(), violations);
    };
    let replayed = replay(first, agreed);
    violations.extend(replayed.violations.iter().cloned());
    violations.extend(expected.judge(&replayed.effects, "the committed log"));
    (replayed, violations)
}

fn usable(log: &OfflineLog, agreed: &Agreement) -> Option<Violation> {
    let last = log.entries.last().map_or(0, |entry| entry.index);
    let what = match log.purged {
        Some(purged) => format!("entries up to {purged} are gone"),
        None if last < agreed.index => {
            format!("it ends at {last}, but {} entries were applied", agreed.index)
        }
        None => return None,
    };
    Some(Violation::Unusable { node: log.identity.name.clone(), what })
}

fn committed<'a>(
    log: &'a OfflineLog,
    agreed: &Agreement,
) -> impl Iterator<Item = &'a OfflineEntry> {
    let last = agreed.index;
    log.entries.iter().take_while(move |entry| entry.index <= last)
}

fn difference(log: &OfflineLog, other: &OfflineLog, agreed: &Agreement) -> Option<Violation> {
    let mut pairs = committed(log, agreed).zip(committed(other, agreed));
    let (entry, _) = pairs.find(|(entry, twin)| entry != twin)?;
    let (node, other) = (log.identity.name.clone(), other.identity.name.clone());
    Some(Violation::LogsDiffer { node, other, index: entry.index })
}

fn replay(log: &OfflineLog, agreed: &Agreement) -> Replayed {
    let cluster_id = log.identity.cluster_id.clone();
    let mut state = State::new(Meta { cluster_id, ..Meta::default() });
    let mut replayed = Replayed::default();
    for entry in committed(log, agreed) {
        state = replayed.entry(&state, entry, &log.identity.name);
    }
    let digest = state.digest().to_string();
    if digest != agreed.digest {
        let told = agreed.digest.clone();
        replayed.violations.push(Violation::Digest { index: agreed.index, replayed: digest, told });
    }
    replayed
}

impl Replayed {
    fn entry(&mut self, state: &State, entry: &OfflineEntry, node: &str) -> State {
        self.entries += 1;
        let Some(stamped) = &entry.stamped else { return apply::blank(state, entry.index) };
        let request: Request = match codec::open(&stamped.request) {
            Ok(request) => request,
            Err(error) => {
                let what = format!("entry {} cannot be read: {error}", entry.index);
                self.violations.push(Violation::Unusable { node: node.to_owned(), what });
                return apply::blank(state, entry.index);
            }
        };
        let marks = marks_of(&request.command);
        let proposal = Proposal { at: stamped.at, wall: stamped.wall, request };
        let applied = apply::apply(state, entry.index, &proposal);
        if applied.reply.replayed {
            self.repetitions += 1;
        } else if applied.reply.result.is_ok() {
            let first = Effect { times: 0, revision: applied.reply.revision.0 };
            for mark in marks {
                self.effects.entry(mark).or_insert(first).times += 1;
            }
        }
        applied.state
    }
}

/// The marks clients put into a command; a transaction may hold several steps with one.
fn marks_of(command: &Command) -> Vec<String> {
    if let Command::Batch(steps) = command {
        return steps.iter().flat_map(marks_of).collect();
    }
    mark_of(command).into_iter().collect()
}

/// The mark a client put into a command that is no transaction.
fn mark_of(command: &Command) -> Option<String> {
    let (noun, text) = if let Command::Node(node) = command {
        let text = match &**node {
            NodeCommand::Create(new) => new.fields.description.clone(),
            NodeCommand::Update { patch, .. } => patch.description.clone(),
            NodeCommand::Delete { .. } | NodeCommand::Act { .. } => None,
        };
        (Noun::Machine, text)
    } else if let Command::Interface(edit) = command {
        let text = written(edit, |made| made.name.clone(), |patch| patch.name.clone());
        (Noun::Interface, text)
    } else if let Command::Domain(edit) = command {
        let name = |name: &DomainName| name.to_string();
        let text = written(edit, |made| name(&made.name), |patch| patch.name.as_ref().map(name));
        (Noun::Domain, text)
    } else if let Command::AllocateAddress(wish) = command {
        (Noun::Address, Some(wish.comment.clone()))
    } else if let Command::StaticIpAddress(edit) = command {
        let text = written(edit, |made| made.comment.clone(), |patch| patch.comment.clone());
        (Noun::Address, text)
    } else if let Command::DnsResource(edit) = command {
        let name = |name: &RelativeName| name.to_string();
        let text = written(edit, |made| name(&made.name), |patch| patch.name.as_ref().map(name));
        (Noun::DnsName, text)
    } else if let Command::DnsData(edit) = command {
        let data = |data: &RecordData| data.to_string();
        let text = written(edit, |made| data(&made.rdata), |patch| patch.rdata.as_ref().map(data));
        (Noun::DnsRecord, text)
    } else {
        return None;
    };
    noun.mark_in(&text?).map(str::to_owned)
}

/// The text an edit puts into the marked field, if any.
fn written<T, P, I>(
    edit: &Edit<T, P, I>,
    made: impl Fn(&T) -> String,
    changed: impl Fn(&P) -> Option<String>,
) -> Option<String> {
    match edit {
        Edit::Create(object) => Some(made(object)),
        Edit::Update { patch, .. } => changed(patch),
        Edit::Delete { .. } => None,
    }
}
