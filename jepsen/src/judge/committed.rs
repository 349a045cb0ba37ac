//! Judging from the logs on the disks of nodes that have stopped, with no word of theirs but the index and digest they
//! agreed on: the committed entries are applied again from the first, and what takes effect is counted.

use crate::cluster::status::Agreement;
use crate::judge::expected::{Effect, Expected};
use crate::judge::leases::{Recorded, recorded};
use crate::judge::violation::Violation;
use crate::load::record::Noun;
use regent_core::apply;
use regent_core::change::Change;
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

/// The code of a rejection that tells of a failure inside.
const INTERNAL: &str = "internal";

/// What the committed log says.
#[derive(Clone, Debug, Default)]
pub struct Replayed {
    /// Entries applied.
    pub entries: usize,
    /// Writes of clients that took effect, by mark.
    pub effects: BTreeMap<String, Effect>,
    /// The idempotency keys of those that had one, each with the revision.
    pub keys: Vec<(String, u64)>,
    /// Entries that only repeat an earlier one.
    pub repetitions: usize,
    /// Leases that racks asked for and got, in the order of the log.
    pub leases: Vec<Recorded>,
    /// What is wrong with the logs themselves.
    pub violations: Vec<Violation>,
}

/// Judges by the whole `log` of one node up to what all agreed on, and compares those of the `others` with it as far as
/// they go back.
#[must_use]
pub fn judge(
    log: &OfflineLog,
    others: &[OfflineLog],
    agreed: &Agreement,
    expected: &Expected<'_>,
) -> (Replayed, Vec<Violation>) {
    let mut violations: Vec<_> = others.iter().filter_map(|log| too_short(log, agreed)).collect();
    violations.extend(too_short(log, agreed).or_else(|| purged(log)));
    violations.extend(others.iter().filter_map(|other| difference(log, other, agreed)));
    if !violations.is_empty() {
        return (Replayed::default(), violations);
    }
    let replayed = replay(log, agreed);
    violations.extend(replayed.violations.iter().cloned());
    violations.extend(expected.judge(&replayed.effects, "the committed log"));
    (replayed, violations)
}

fn purged(log: &OfflineLog) -> Option<Violation> {
    let what = format!("entries up to {} are gone", log.purged?);
    Some(Violation::Unusable { node: log.identity.name.clone(), what })
}

fn too_short(log: &OfflineLog, agreed: &Agreement) -> Option<Violation> {
    let last = log.entries.last().map(|entry| entry.index).max(log.purged).unwrap_or_default();
    let what = format!("it ends at {last}, but {} entries were applied", agreed.index);
    let node = log.identity.name.clone();
    (last < agreed.index).then_some(Violation::Unusable { node, what })
}

fn committed<'a>(
    log: &'a OfflineLog,
    agreed: &Agreement,
) -> impl Iterator<Item = &'a OfflineEntry> {
    let last = agreed.index;
    log.entries.iter().take_while(move |entry| entry.index <= last)
}

/// The first entry of `other` that is not the one `log` has there.
fn difference(log: &OfflineLog, other: &OfflineLog, agreed: &Agreement) -> Option<Violation> {
    let first = other.entries.first()?.index;
    let twins = committed(log, agreed).skip_while(|entry| entry.index < first);
    let (entry, _) = twins.zip(committed(other, agreed)).find(|(entry, twin)| entry != twin)?;
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
        let key = request.key.as_ref().map(|key| key.key.clone());
        let proposal = Proposal { at: stamped.at, wall: stamped.wall, request };
        let applied = apply::apply(state, entry.index, &proposal);
        if applied.reply.result.as_ref().is_err_and(|refused| refused.code() == INTERNAL) {
            let what = format!("entry {}: {:?}", entry.index, applied.reply.result);
            self.violations.push(Violation::Broken { node: node.to_owned(), what });
        }
        if applied.reply.replayed {
            self.repetitions += 1;
            // What was due by its time happens with it, as with any entry.
            if applied.changes != by_time_alone(state, entry.index, &proposal) {
                self.violations.push(Violation::Repeated { index: entry.index });
            }
        } else if applied.reply.result.is_ok() {
            self.leases.extend(recorded(&proposal.request.command, stamped.wall, &applied.reply));
            let revision = applied.reply.revision.0;
            self.keys.extend(key.map(|key| (key, revision)));
            let first = Effect { times: 0, revision };
            for mark in marks {
                self.effects.entry(mark).or_insert(first).times += 1;
            }
        }
        applied.state
    }
}

/// What becomes of a state by the time of an entry, whatever that asks.
fn by_time_alone(state: &State, index: u64, proposal: &Proposal) -> Vec<Change> {
    let request = Request { key: None, command: Command::Tick, ..proposal.request.clone() };
    apply::apply(state, index, &Proposal { request, ..proposal.clone() }).changes
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

#[cfg(test)]
mod tests {
    use super::{Replayed, judge};
    use crate::cluster::status::Agreement;
    use crate::judge::expected::Expected;
    use crate::judge::violation::Violation;
    use crate::load::record::{Fate, Noun, WriteRecord};
    use regent_core::codec;
    use regent_core::command::allocate_address::{AddressSource, AllocateAddress};
    use regent_core::command::edit::Edit;
    use regent_core::command::site::SiteCommand;
    use regent_core::command::{ClientKey, Command, Request};
    use regent_core::id::{SubnetId, VlanId};
    use regent_core::model::domain::Domain;
    use regent_core::model::static_ip_address::AllocType;
    use regent_core::model::subnet::Subnet;
    use regent_core::state::State;
    use regent_core::state::meta::Meta;
    use regent_core::time::{ClusterTime, Millis, WallTime};
    use regent_raft::identity::{IDENTITY_FORMAT, Identity};
    use regent_raft::log_store::mark::StoreId;
    use regent_raft::offline_log::{OfflineEntry, OfflineLog};
    use regent_raft::type_config::Stamped;

    fn entry(index: u64, at: u64, key: Option<ClientKey>, command: Command) -> OfflineEntry {
        let request =
            Request { principal: "p".into(), origin: None, key, guards: Vec::new(), command };
        let request = codec::seal(&request).into();
        let stamped = Stamped { at: ClusterTime(at), wall: WallTime(0), request };
        OfflineEntry { index, term: 1, stamped: Some(stamped) }
    }

    fn domain(mark: &str) -> Command {
        Command::Domain(Edit::Create(Domain::new(Noun::Domain.marked(mark).parse().unwrap())))
    }

    /// A log that makes one domain an entry.
    fn log(name: &str, marks: &[&str]) -> OfflineLog {
        let entries = (1..).zip(marks);
        of_entries(name, entries.map(|(index, mark)| entry(index, index, None, domain(mark))))
    }

    fn of_entries(name: &str, entries: impl Iterator<Item = OfflineEntry>) -> OfflineLog {
        let identity = Identity {
            format: IDENTITY_FORMAT,
            cluster_id: "c".into(),
            epoch: 1,
            node_id: 1,
            name: name.into(),
            store: StoreId(1),
        };
        OfflineLog { identity, purged: None, entries: entries.collect() }
    }

    fn behind(purged: u64, log: OfflineLog) -> OfflineLog {
        let entries = log.entries.into_iter().filter(|entry| entry.index > purged).collect();
        OfflineLog { purged: Some(purged), entries, ..log }
    }

    fn acknowledged(mark: &str, revision: u64) -> WriteRecord {
        WriteRecord {
            mark: mark.into(),
            noun: Noun::Domain,
            target: None,
            key: None,
            attempts: Vec::new(),
            fate: Fate::Acknowledged { revision, object: revision },
            address: None,
        }
    }

    /// Other than those about the digest, which nobody told.
    fn judged(whole: &OfflineLog, others: &[OfflineLog], writes: &[WriteRecord]) -> Vec<Violation> {
        let agreed = Agreement { index: 2, digest: "untold".into() };
        let (_, mut violations) = judge(whole, others, &agreed, &Expected::new(writes));
        violations.retain(|violation| !matches!(violation, Violation::Digest { .. }));
        violations
    }

    #[test]
    fn purged_log_is_compared_where_it_remains() {
        let writes = [acknowledged("c-1", 1), acknowledged("c-2", 2)];
        let (whole, same) = (log("r3", &["c-1", "c-2"]), log("r1", &["c-1", "c-2"]));
        assert_eq!(judged(&whole, &[behind(1, same)], &writes), []);
        let other = judged(&whole, &[behind(1, log("r1", &["c-1", "c-3"]))], &writes);
        assert!(matches!(other[..], [Violation::LogsDiffer { index: 2, .. }]), "{other:?}");
        let short = judged(&whole, &[log("r1", &["c-1"])], &writes);
        assert!(matches!(short[..], [Violation::Unusable { .. }]), "{short:?}");
    }

    #[test]
    fn repetition_may_change_what_its_time_changes() {
        let key = Some(ClientKey { key: "k".into(), request_hash: [0; 32] });
        let lent = AllocateAddress {
            from: AddressSource::Subnet(SubnetId(1)),
            count: 1,
            preferred: None,
            alloc_type: AllocType::Sticky,
            user: None,
            comment: String::new(),
            interface: None,
            expires_after: Some(Millis(10)),
        };
        let subnet = Subnet::new(VlanId(5001), "10.0.0.0/24".parse().unwrap());
        let site = SiteCommand::Bootstrap { domain: "maas".parse().unwrap() };
        let entries = [
            entry(1, 1, None, Command::Site(site)),
            entry(2, 1, None, Command::Subnet(Edit::Create(subnet))),
            entry(3, 2, None, Command::AllocateAddress(lent)),
            entry(4, 3, key.clone(), domain("c-1")),
            entry(5, 100, key, domain("c-1")),
        ];
        let (mut replayed, mut state) = (Replayed::default(), State::new(Meta::default()));
        let mut is_lent = Vec::new();
        for entry in &entries {
            state = replayed.entry(&state, entry, "r1");
            is_lent.push(!state.tables().static_ip_addresses.is_empty());
        }
        assert_eq!(is_lent, [false, false, true, true, false], "the repetition's time ends it");
        assert_eq!(replayed.repetitions, 1);
        assert_eq!(replayed.violations, []);
    }

    #[test]
    fn log_that_decides_must_be_whole() {
        let purged = judged(&behind(1, log("r3", &["c-1", "c-2"])), &[], &[]);
        assert!(matches!(purged[..], [Violation::Unusable { .. }]), "{purged:?}");
    }

    #[test]
    fn acknowledged_write_that_is_not_in_the_log_is_lost_although_a_later_one_hides_it() {
        let mut writes = [acknowledged("c-1", 1), acknowledged("c-2", 2), acknowledged("c-3", 2)];
        writes[2].target = Some(2);
        let violations = judged(&log("r3", &["c-1", "c-2"]), &[], &writes);
        assert!(matches!(violations[..], [Violation::Lost { .. }]), "{violations:?}");
    }
}
