//! Carries a plan out: each fault at its time, all of them overlapping as the plan has them, each healed in its own time.

use crate::fault::{CutShort, Fault, Loss, Moment, Ways, Whom};
use crate::group::{Group, Start};
use crate::names::HostId;
use crate::network::router::Way;
use crate::plan::Planned;
use crate::record::Recorder;
use regent_check::history::line::{FaultOutcome, Instant, Note};
use regent_raft::error::{MembershipError, StartError};
use regent_raft::log_store::amnesia::OpenError;
use regent_raft::region::handle::Region;
use std::time::Duration;
use tokio::time::{sleep, sleep_until, timeout};

/// A step that does not come within this time is waited for no longer.
const MOMENT_MAX: Duration = Duration::from_secs(5);
/// Who is cut short comes back within this time.
const CUT_SHORT_MAX: Duration = Duration::from_millis(50);
/// A disk that is written to breaks within this time.
const AMID_WRITE_MAX: Duration = Duration::from_millis(100);
/// How often a condition is looked at.
const LOOK_EVERY: Duration = Duration::from_millis(1);
/// What a change of the group gets.
const CHANGE_MAX: Duration = Duration::from_secs(30);

/// A change of the group that was refused is asked for so often: a group that others strike may lead nobody for a whole run.
const JOINS_MAX: u32 = 30;
/// And after this long.
const JOIN_PAUSE: Duration = Duration::from_secs(2);

/// Has one fault happen, and heals it. `began` is when the run began, `number` tells this fault from the others.
pub async fn happen(
    group: Group,
    recorder: Recorder,
    planned: Planned,
    began: tokio::time::Instant,
    number: u64,
) {
    sleep_until(began + Duration::from_millis(planned.at_ms)).await;
    let lasts = Duration::from_millis(planned.lasts_ms);
    let from = recorder.now();
    let struck = match planned.fault {
        Fault::Kill { whom } => lost(&group, whom, Loss::Kill, lasts).await,
        Fault::Power { whom } => lost(&group, whom, Loss::Power, lasts).await,
        Fault::Freeze { whom } => frozen(&group, whom, lasts).await,
        Fault::Cut { whom, ways } => cut(&group, whom, ways, lasts).await,
        Fault::SlowDisk { whom, group_takes_ms } => {
            slowed(&group, whom, Duration::from_millis(group_takes_ms), lasts).await
        }
        Fault::Damage { whom } if group.bears_damage() => {
            let struck = damaged(&group, &recorder, whom, lasts).await;
            group.mended();
            struck
        }
        Fault::Damage { .. } => Struck::NOBODY,
        Fault::Storm { weather } => {
            group.router().storm(number, weather);
            sleep(lasts).await;
            group.router().calm(number);
            Struck::with(group.hosts())
        }
        Fault::Snapshot { whom } => snapshots(&group, whom).await,
        Fault::HandOver => handed_over(&group).await,
        Fault::Replace { whom } if group.begin_replacing() => {
            let struck = replaced(&group, whom).await;
            group.end_replacing();
            struck
        }
        Fault::Replace { .. } => Struck::NOBODY,
        Fault::CutShort(how) => cut_short(&group, how, lasts).await,
        Fault::PowerAmidWrite { whom, calls } => amid_write(&group, whom, calls, lasts).await,
        Fault::ClockJump { whom, by_ms } => {
            let hosts = chosen(&group, whom);
            hosts.iter().for_each(|host| group.jump(*host, by_ms));
            sleep(lasts).await;
            hosts.iter().for_each(|host| group.jump(*host, -by_ms));
            Struck::with(hosts)
        }
        Fault::Rot { whom } if group.bears_damage() => {
            let struck = rotted(&group, &recorder, whom, lasts).await;
            group.mended();
            struck
        }
        Fault::Rot { .. } => Struck::NOBODY,
    };
    let kind = planned.fault.kind();
    struck.notes(kind, from, recorder.now()).into_iter().for_each(|note| recorder.note(note));
}

/// Whom a fault has met, and whether it did what it should.
struct Struck {
    hosts: Vec<HostId>,
    outcome: FaultOutcome,
}

impl Struck {
    const NOBODY: Self = Self { hosts: Vec::new(), outcome: FaultOutcome::Skipped };

    /// These hosts, as it should.
    const fn with(hosts: Vec<HostId>) -> Self {
        Self { hosts, outcome: FaultOutcome::Installed }
    }

    /// A fault that met nobody is told, too.
    fn notes(self, kind: &str, began: Instant, healed: Instant) -> Vec<Note> {
        let note = |node, outcome| {
            let (kind, healed) = (kind.to_owned(), Some(healed));
            Note::Fault { kind, node, began, healed, outcome }
        };
        match &self.hosts[..] {
            [] => vec![note("-".to_owned(), FaultOutcome::Skipped)],
            hosts => hosts.iter().map(|host| note(host.to_string(), self.outcome)).collect(),
        }
    }
}

/// The hosts a fault meets now.
fn chosen(group: &Group, whom: Whom) -> Vec<HostId> {
    let voters = group.voters();
    let leader = group.leader();
    let is_leader = |host: &HostId| Some(*host) == leader;
    let (leads, follow): (Vec<_>, Vec<_>) = voters.iter().copied().partition(is_leader);
    let minority = voters.len().saturating_sub(1) / 2;
    match whom {
        Whom::Leader => leads,
        Whom::Follower(place) => {
            let place = usize::from(place).checked_rem(follow.len());
            place.map(|place| follow[place]).into_iter().collect()
        }
        Whom::Minority => follow.into_iter().take(minority).collect(),
        Whom::Majority => leads.into_iter().chain(follow).take(minority + 1).collect(),
        Whom::All => voters,
        Whom::Newest => group.hosts().last().copied().into_iter().collect(),
    }
}

async fn lost(group: &Group, whom: Whom, loss: Loss, lasts: Duration) -> Struck {
    let hosts = chosen(group, whom).into_iter().filter(|host| group.running(*host).is_some());
    let hosts: Vec<HostId> = hosts.collect();
    for host in &hosts {
        group.lose(*host, loss).await;
    }
    sleep(lasts).await;
    // All at once, as when the power comes back.
    futures::future::join_all(hosts.iter().map(|host| group.restart_in_health(*host))).await;
    Struck::with(hosts)
}

/// Waits for a step, and takes the process from who has taken it.
async fn cut_short(group: &Group, how: CutShort, lasts: Duration) -> Struck {
    let taken = timeout(MOMENT_MAX, taken(group, how.moment)).await;
    let Ok(Some(Taken { by: host, asker })) = taken else { return Struck::NOBODY };
    let asker = asker.filter(|_| how.asker_cut);
    let around = asker.map_or_else(Vec::new, |asker| ways_of(group, &[asker], Ways::Both));
    // The answer still gets through.
    let (last, first): (Vec<Way>, Vec<Way>) =
        around.iter().partition(|way| Some(**way) == asker.map(|asker| (host, asker)));
    first.iter().for_each(|way| group.router().cut(*way));
    sleep(Duration::from_micros(how.after_us)).await;
    last.iter().for_each(|way| group.router().cut(*way));
    let is_there = group.running(host).is_some();
    if is_there {
        group.lose(host, how.loss).await;
        sleep(lasts.min(CUT_SHORT_MAX)).await;
        group.restart_in_health(host).await;
    }
    if asker.is_some() {
        sleep(lasts.saturating_sub(CUT_SHORT_MAX)).await;
    }
    around.iter().for_each(|way| group.router().mend(*way));
    if is_there { Struck::with(vec![host]) } else { Struck::NOBODY }
}

/// A step that was taken.
struct Taken {
    by: HostId,
    /// Who gets the answer, if it is one.
    asker: Option<HostId>,
}

/// The step of this kind that is taken next.
async fn taken(group: &Group, moment: Moment) -> Option<Taken> {
    if let Some(method) = moment.method() {
        let (by, asker) = group.router().next_answer(method).await?;
        return Some(Taken { by, asker: Some(asker) });
    }
    loop {
        let changing = group.regions().into_iter().find(|(_, region)| {
            let published = region.published();
            let is_joint = published.membership.membership().get_joint_config().len() > 1;
            is_joint && region.leadership().is_leader
        });
        if let Some((host, _)) = changing {
            return Some(Taken { by: host, asker: None });
        }
        sleep(LOOK_EVERY).await;
    }
}

/// Has the disks fail after some calls, which ends their nodes, and then the power go.
async fn amid_write(group: &Group, whom: Whom, calls: u64, lasts: Duration) -> Struck {
    let hosts = chosen(group, whom).into_iter().filter(|host| group.running(*host).is_some());
    let hosts: Vec<HostId> = hosts.collect();
    let disks: Vec<_> = hosts.iter().filter_map(|host| group.disk(*host)).collect();
    disks.iter().for_each(|disk| disk.break_after(calls));
    let wait = async {
        while disks.iter().any(|disk| disk.is_well()) {
            sleep(LOOK_EVERY).await;
        }
    };
    // Who writes nothing any more loses power as he is.
    drop(timeout(AMID_WRITE_MAX, wait).await);
    for host in &hosts {
        group.lose(*host, Loss::Power).await;
    }
    sleep(lasts).await;
    futures::future::join_all(hosts.iter().map(|host| group.restart_in_health(*host))).await;
    Struck::with(hosts)
}

/// A snapshot that is damaged is not used: the one before it is, with the log behind that.
async fn rotted(group: &Group, recorder: &Recorder, whom: Whom, lasts: Duration) -> Struck {
    let Some(host) = chosen(group, whom).first().copied() else { return Struck::NOBODY };
    let Some(node) = number_of(group, host) else { return Struck::NOBODY };
    group.lose(host, Loss::Power).await;
    let has_one = group.rot(host);
    sleep(lasts).await;
    back_or_replaced(group, recorder, host, node).await;
    if has_one { Struck::with(vec![host]) } else { Struck::NOBODY }
}

async fn frozen(group: &Group, whom: Whom, lasts: Duration) -> Struck {
    let running = chosen(group, whom).into_iter();
    let running = running.filter_map(|host| Some((host, group.running(host)?.life)));
    let (hosts, lives): (Vec<_>, Vec<_>) = running.unzip();
    lives.iter().for_each(|life| life.freeze());
    sleep(lasts).await;
    lives.iter().for_each(|life| life.thaw());
    Struck::with(hosts)
}

async fn cut(group: &Group, whom: Whom, ways: Ways, lasts: Duration) -> Struck {
    let inside = chosen(group, whom);
    let cut = ways_of(group, &inside, ways);
    cut.iter().for_each(|way| group.router().cut(*way));
    sleep(lasts).await;
    cut.iter().for_each(|way| group.router().mend(*way));
    if cut.is_empty() { Struck::NOBODY } else { Struck::with(inside) }
}

/// These ways between these hosts and all others.
fn ways_of(group: &Group, inside: &[HostId], ways: Ways) -> Vec<Way> {
    let outside: Vec<HostId> =
        group.hosts().into_iter().filter(|host| !inside.contains(host)).collect();
    let pairs = inside.iter().flat_map(|own| outside.iter().map(|other| (*own, *other)));
    pairs
        .flat_map(|(own, other)| match ways {
            Ways::Both => vec![(own, other), (other, own)],
            Ways::In => vec![(other, own)],
            Ways::Out => vec![(own, other)],
        })
        .collect()
}

async fn slowed(group: &Group, whom: Whom, takes: Duration, lasts: Duration) -> Struck {
    let hosts = chosen(group, whom);
    let disks: Vec<_> = hosts.iter().filter_map(|host| group.disk(*host)).collect();
    disks.iter().for_each(|disk| disk.slow_down(takes));
    sleep(lasts).await;
    disks.iter().for_each(|disk| disk.slow_down(Duration::ZERO));
    Struck::with(hosts)
}

/// What is damaged is refused, or was not needed any more. Who is refused is removed, and another joins for it.
async fn damaged(group: &Group, recorder: &Recorder, whom: Whom, lasts: Duration) -> Struck {
    let Some(host) = chosen(group, whom).first().copied() else { return Struck::NOBODY };
    let Some(node) = number_of(group, host) else { return Struck::NOBODY };
    group.lose(host, Loss::Power).await;
    group.damage(host);
    sleep(lasts).await;
    back_or_replaced(group, recorder, host, node).await;
    Struck::with(vec![host])
}

/// Starts a node of which something is damaged. If it says that it may not go on, another one comes for it.
async fn back_or_replaced(group: &Group, recorder: &Recorder, host: HostId, node: u64) {
    match group.restart(host).await {
        Start::Up | Start::Gone => return,
        Start::Refused(error) => {
            if !matches!(error, StartError::Open(OpenError::Amnesia { .. })) {
                recorder.find(format!("{host} with a damaged log says: {error}"));
            }
        }
    }
    group.discard(host).await;
    if let Some(comes) = came(group).await {
        removed(group, comes, node).await;
    }
}

/// A new host whose node has joined.
async fn came(group: &Group) -> Option<HostId> {
    for _ in 0..JOINS_MAX {
        if let Some(member) = group.leader()
            && let Some(comes) = group.join(member).await
        {
            return Some(comes);
        }
        sleep(JOIN_PAUSE).await;
    }
    None
}

/// The number in the group of the node that runs on a host. Nobody keeps its handle: it would keep the directory, too.
fn number_of(group: &Group, host: HostId) -> Option<u64> {
    Some(group.running(host)?.region.identity().node_id)
}

/// Tells whether the node is certainly out.
async fn removed(group: &Group, asked: HostId, node: u64) -> bool {
    for _ in 0..JOINS_MAX {
        let removal = within(group, asked, |region| async move {
            timeout(CHANGE_MAX, region.remove_node(node, false)).await
        });
        if let Some(Ok(Ok(()) | Err(MembershipError::Unknown(_)))) = removal.await {
            return true;
        }
        sleep(JOIN_PAUSE).await;
    }
    false
}

async fn snapshots(group: &Group, whom: Whom) -> Struck {
    let mut made = Vec::new();
    for host in chosen(group, whom) {
        let asked = within(group, host, |region| async move { region.make_snapshot().await });
        made.extend(asked.await.map(|()| host));
    }
    Struck::with(made)
}

async fn handed_over(group: &Group) -> Struck {
    let Some(leader) = group.leader() else { return Struck::NOBODY };
    let handed = within(group, leader, |region| async move { region.hand_over().await }).await;
    let outcome = match handed {
        Some(Ok(())) => FaultOutcome::Installed,
        Some(Err(_)) | None => FaultOutcome::Indeterminate,
    };
    Struck { hosts: vec![leader], outcome }
}

/// A new node joins, and when it has come up the other one is removed through it.
async fn replaced(group: &Group, whom: Whom) -> Struck {
    let goes = chosen(group, whom);
    let (Some(goes), Some(member)) = (goes.first(), group.leader()) else { return Struck::NOBODY };
    let Some(node) = number_of(group, *goes) else { return Struck::NOBODY };
    let Some(comes) = group.join(member).await else { return Struck::NOBODY };
    let outcome = match removed(group, comes, node).await {
        true => FaultOutcome::Installed,
        false => FaultOutcome::Indeterminate,
    };
    Struck { hosts: vec![*goes], outcome }
}

/// Runs something in the process of a host. `None` if there is none, or it dies meanwhile.
async fn within<F: Future<Output: Send> + Send + 'static>(
    group: &Group,
    host: HostId,
    work: impl FnOnce(Region) -> F,
) -> Option<F::Output> {
    let running = group.running(host)?;
    running.life.spawn(work(running.region)).await.ok()
}
