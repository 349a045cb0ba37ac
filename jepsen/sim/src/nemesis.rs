//! Carries a plan out: each fault at its time, all of them overlapping as the plan has them, each healed in its own time.

use crate::fault::{Fault, Ways, Whom};
use crate::group::{Group, Loss, Start};
use crate::names::HostId;
use crate::network::router::Way;
use crate::plan::Planned;
use crate::record::Recorder;
use regent_check::history::line::{FaultOutcome, Instant, Note};
use regent_raft::error::{MembershipError, StartError};
use regent_raft::log_store::amnesia::OpenError;
use regent_raft::region::handle::Region;
use std::time::Duration;
use tokio::time::{sleep, sleep_until};

/// What a change of the group gets.
const CHANGE_MAX: Duration = Duration::from_secs(30);

/// A change of the group that was refused is asked for so often.
const JOINS_MAX: u32 = 10;
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
    let hosts = match planned.fault {
        Fault::Kill { whom } => lost(&group, whom, Loss::Kill, lasts).await,
        Fault::Power { whom } => lost(&group, whom, Loss::Power, lasts).await,
        Fault::Freeze { whom } => frozen(&group, whom, lasts).await,
        Fault::Cut { whom, ways } => cut(&group, whom, ways, lasts).await,
        Fault::SlowDisk { whom, group_takes_ms } => {
            slowed(&group, whom, Duration::from_millis(group_takes_ms), lasts).await
        }
        Fault::Damage { whom } if group.bears_damage() => {
            let hosts = damaged(&group, &recorder, whom, lasts).await;
            group.mended();
            hosts
        }
        Fault::Damage { .. } => Vec::new(),
        Fault::Storm { weather } => {
            group.router().storm(number, weather);
            sleep(lasts).await;
            group.router().calm(number);
            group.hosts()
        }
        Fault::Snapshot { whom } => snapshots(&group, whom).await,
        Fault::HandOver => handed_over(&group).await,
        Fault::Replace { whom } => replaced(&group, whom).await,
    };
    let kind = planned.fault.kind();
    hosts.iter().for_each(|host| recorder.note(note(kind, *host, from, recorder.now())));
}

fn note(kind: &str, host: HostId, began: Instant, healed: Instant) -> Note {
    let outcome = FaultOutcome::Installed;
    Note::Fault {
        kind: kind.to_owned(),
        node: host.to_string(),
        began,
        healed: Some(healed),
        outcome,
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
    }
}

async fn lost(group: &Group, whom: Whom, loss: Loss, lasts: Duration) -> Vec<HostId> {
    let hosts = chosen(group, whom).into_iter().filter(|host| group.running(*host).is_some());
    let hosts: Vec<HostId> = hosts.collect();
    for host in &hosts {
        group.lose(*host, loss).await;
    }
    sleep(lasts).await;
    // All at once, as when the power comes back.
    futures::future::join_all(hosts.iter().map(|host| group.restart_in_health(*host))).await;
    hosts
}

async fn frozen(group: &Group, whom: Whom, lasts: Duration) -> Vec<HostId> {
    let hosts = chosen(group, whom);
    let running = hosts.iter().filter_map(|host| group.running(*host));
    let lives: Vec<_> = running.map(|running| running.life).collect();
    lives.iter().for_each(|life| life.freeze());
    sleep(lasts).await;
    lives.iter().for_each(|life| life.thaw());
    hosts
}

async fn cut(group: &Group, whom: Whom, ways: Ways, lasts: Duration) -> Vec<HostId> {
    let inside = chosen(group, whom);
    let outside: Vec<HostId> =
        group.hosts().into_iter().filter(|host| !inside.contains(host)).collect();
    let pairs = inside.iter().flat_map(|own| outside.iter().map(|other| (*own, *other)));
    let cut: Vec<Way> = pairs
        .flat_map(|(own, other)| match ways {
            Ways::Both => vec![(own, other), (other, own)],
            Ways::In => vec![(other, own)],
            Ways::Out => vec![(own, other)],
        })
        .collect();
    cut.iter().for_each(|way| group.router().cut(*way));
    sleep(lasts).await;
    cut.iter().for_each(|way| group.router().mend(*way));
    inside
}

async fn slowed(group: &Group, whom: Whom, takes: Duration, lasts: Duration) -> Vec<HostId> {
    let hosts = chosen(group, whom);
    let disks: Vec<_> = hosts.iter().filter_map(|host| group.disk(*host)).collect();
    disks.iter().for_each(|disk| disk.slow_down(takes));
    sleep(lasts).await;
    disks.iter().for_each(|disk| disk.slow_down(Duration::ZERO));
    hosts
}

/// What is damaged is refused, or was not needed any more. Who is refused is removed, and another joins for it.
async fn damaged(group: &Group, recorder: &Recorder, whom: Whom, lasts: Duration) -> Vec<HostId> {
    let Some(host) = chosen(group, whom).first().copied() else { return Vec::new() };
    let Some(node) = number_of(group, host) else { return Vec::new() };
    group.lose(host, Loss::Power).await;
    group.damage(host);
    sleep(lasts).await;
    match group.restart(host).await {
        Start::Up | Start::Gone => return vec![host],
        Start::Refused(error) => {
            if !matches!(error, StartError::Open(OpenError::Amnesia { .. })) {
                recorder.find(format!("{host} with a damaged log says: {error}"));
            }
        }
    }
    group.discard(host).await;
    let Some(comes) = came(group).await else { return vec![host] };
    removed(group, comes, node).await;
    vec![host, comes]
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

async fn removed(group: &Group, asked: HostId, node: u64) {
    for _ in 0..JOINS_MAX {
        let removal = within(group, asked, |region| async move {
            tokio::time::timeout(CHANGE_MAX, region.remove_node(node, false)).await
        });
        if let Some(Ok(Ok(()) | Err(MembershipError::Unknown(_)))) = removal.await {
            return;
        }
        sleep(JOIN_PAUSE).await;
    }
}

async fn snapshots(group: &Group, whom: Whom) -> Vec<HostId> {
    let hosts = chosen(group, whom);
    for host in &hosts {
        let _asked =
            within(group, *host, |region| async move { region.make_snapshot().await }).await;
    }
    hosts
}

async fn handed_over(group: &Group) -> Vec<HostId> {
    let Some(leader) = group.leader() else { return Vec::new() };
    let _handed = within(group, leader, |region| async move { region.hand_over().await }).await;
    vec![leader]
}

/// A new node joins, and when it has come up the other one is removed through it.
async fn replaced(group: &Group, whom: Whom) -> Vec<HostId> {
    let goes = chosen(group, whom);
    let (Some(goes), Some(member)) = (goes.first(), group.leader()) else { return Vec::new() };
    let Some(node) = number_of(group, *goes) else { return Vec::new() };
    let Some(comes) = group.join(member).await else { return Vec::new() };
    removed(group, comes, node).await;
    vec![*goes, comes]
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
