//! The whole site is replaced by another one, each step through another node, and somebody dies in the middle: the leader while
//! pieces come in, the leader while what came is committed, then all nodes, with the power of their disks. Every node shows the
//! one site or the other and never a part; steps that are repeated change nothing; whoever follows changes is told to begin anew.
//!
//! Judges that itself: no other client can live with it, so it comes when everything else has been judged.

use crate::chaos::dice::Dice;
use crate::chaos::other_site::{OtherSite, Replace, Step};
use crate::chaos::plan::{Planned, Whom};
use crate::chaos::record::Record;
use crate::chaos::rig::Rig;
use crate::chaos::site_view::{self, Feed, Seen, Sites};
use crate::cluster::api::Api;
use crate::judge::violation::Violation;
use crate::tell::tell;
use anyhow::Context as _;
use regent_power::disk::Disk;
use serde_json::json;
use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::{Duration, Instant};
use tokio::sync::watch;
use tokio::time::sleep;

/// Sites that come in, one in place of the other.
const SITES: u64 = 3;
/// Machines of each: fewer than a page of a list has.
const MACHINES: u32 = 300;
/// How far into the step death comes, at most, and for how long.
const INTO_MS_MAX: u64 = 40;
const AWAY: Duration = Duration::from_millis(500);

/// When somebody dies, and who.
struct Death {
    /// In this step.
    step: usize,
    /// So far into it.
    into: Duration,
    whom: Whom,
}

/// Makes the site what an import brought, so that another may take its place. It has no machines yet, and stays as it is.
///
/// # Errors
/// If that is refused.
pub async fn prepare(api: &Api) -> anyhow::Result<()> {
    for step in OtherSite::make(0, 0).steps(Replace::NoMachines) {
        api.send(&step.path, &step.content).await?;
    }
    Ok(())
}

/// Does it.
///
/// # Errors
/// When a step is refused, or a node does not come back.
pub async fn strike(rig: &Rig, planned: &Planned, record: &mut Record) -> anyhow::Result<()> {
    let all: Vec<_> = (0..rig.count()).collect();
    record.begins(rig.now(), rig.names(&all));
    let mut dice = Dice::new(planned.dice);
    for number in 1..=SITES {
        let site = OtherSite::make(number, MACHINES);
        replace(rig, &site, number, &mut dice).await.with_context(|| site.id.clone())?;
    }
    record.is_done();
    record.healed = Some(rig.now());
    Ok(())
}

/// One site in place of what is there.
async fn replace(rig: &Rig, site: &OtherSite, number: u64, dice: &mut Dice) -> anyhow::Result<()> {
    let before = json!({ "name": format!("before-{}.example", site.id) });
    let before = through(rig, 0).post("/v1/domains", &before).await?;
    let place = before["revision"].as_u64().context("a domain without a revision")?;
    let mut old = BTreeSet::new();
    for node in 0..rig.count() {
        // Each is asked, so that each has what was there.
        old = site_view::machines(&rig.http, &rig.places[node].api).await?;
    }
    let sites = Arc::new(Sites { old, new: site.hostnames.clone() });
    let (stop, stopped) = watch::channel(false);
    let look = |node: usize| {
        let (http, api) = (rig.http.clone(), rig.places[node].api.clone());
        tokio::spawn(site_view::watch(http, api, Arc::clone(&sites), stopped.clone()))
    };
    let follow = |node: usize| {
        let (http, api) = (rig.http.clone(), rig.places[node].api.clone());
        tokio::spawn(site_view::follow(http, api, place))
    };
    let looks: Vec<_> = (0..rig.count()).map(look).collect();
    let feeds: Vec<_> = (0..rig.count()).map(follow).collect();
    let steps = site.steps(Replace::EarlierImport);
    let sent = send(rig, &steps, &Death::draw(number, steps.len(), dice)).await;
    stop.send_replace(true);
    let mut count = 0;
    for (node, look) in looks.into_iter().enumerate() {
        let Seen { looks, part } = look.await?;
        count += looks;
        if let Some(part) = part {
            found(rig, node, format!("during the import of {}: {part}", site.id));
        }
    }
    tell(&format!("  {}: looked at {count} times", site.id));
    sent?;
    for (node, feed) in feeds.into_iter().enumerate() {
        if let Feed::Told(what) = feed.await? {
            found(rig, node, format!("who follows it is not told to begin anew, but {what}"));
        }
    }
    look_after(rig, site, &steps).await
}

/// Sends all steps, in one of which somebody dies.
async fn send(rig: &Rig, steps: &[Step], death: &Death) -> anyhow::Result<()> {
    for (number, Step { path, content }) in steps.iter().enumerate() {
        let api = through(rig, number);
        if number != death.step {
            api.send(path, content).await?;
            continue;
        }
        let claim = rig.claim(death.whom, 0).await.context("nobody leads")?;
        let asked = Instant::now();
        let asking = async { (api.send(path, content).await, asked.elapsed()) };
        let ((answered, wait), back) = tokio::join!(asking, death.strike(rig, &claim.nodes));
        back?;
        if answered.is_err() {
            // Nobody was there for long; it may be repeated.
            api.send(path, content).await?;
        }
        let (names, into) = (rig.names(&claim.nodes).join(" "), death.into);
        tell(&format!("  {path}: {names} died {into:?} into it; it was answered after {wait:?}"));
    }
    Ok(())
}

impl Death {
    fn draw(site: u64, steps: usize, dice: &mut Dice) -> Self {
        let last = steps - 1;
        let piece = usize::try_from(dice.between(1, last as u64)).unwrap_or(1);
        let (step, whom) = match site {
            1 => (piece, Whom::Leader),
            SITES => (last, Whom::All),
            _ => (last, Whom::Leader),
        };
        Self { step, into: Duration::from_millis(dice.between(0, INTO_MS_MAX)), whom }
    }

    /// Whoever dies is back at the end.
    async fn strike(&self, rig: &Rig, nodes: &[usize]) -> anyhow::Result<()> {
        sleep(self.into).await;
        let disks = || nodes.iter().filter_map(|node| rig.disks.get(*node));
        let has_power = self.whom != Whom::All;
        if !has_power {
            disks().try_for_each(Disk::cut_power)?;
        }
        rig.kill(nodes).await?;
        if !has_power {
            disks().try_for_each(Disk::restart)?;
        }
        sleep(AWAY).await;
        nodes.iter().try_for_each(|node| rig.start(*node))?;
        rig.ready(nodes).await
    }
}

/// Every node has the new site, and a commit that is repeated takes nothing back that was written since.
async fn look_after(rig: &Rig, site: &OtherSite, steps: &[Step]) -> anyhow::Result<()> {
    let imports = through(rig, 0).get("/v1/imports").await?;
    let since = format!("since-{}", site.id);
    through(rig, 0).post("/v1/machines", &json!({ "hostname": since })).await?;
    let mut wanted = site.hostnames.clone();
    wanted.insert(since);
    let commit = steps.last().context("no steps")?;
    for node in 0..rig.count() {
        let api = Api::new(rig.http.clone(), vec![rig.places[node].api.clone()]);
        let again = api.send(&commit.path, &commit.content).await?;
        if again["committed"] != true {
            found(rig, node, format!("a repeated commit: {again}"));
        }
    }
    for node in 0..rig.count() {
        let api = &rig.places[node].api;
        let shown = site_view::machines(&rig.http, api).await?;
        if shown != wanted {
            let (shown, wanted) = (shown.len(), wanted.len());
            found(rig, node, format!("{shown} machines, where {} has {wanted}", site.id));
        }
        let shown = Api::new(rig.http.clone(), vec![api.clone()]).get("/v1/imports").await?;
        let is_there = imports["items"][0]["id"] == site.id && imports["items"][1].is_null();
        if !is_there || shown["items"] != imports["items"] {
            let id = &site.id;
            found(rig, node, format!("{id} was committed once: {imports}, then {shown}"));
        }
    }
    Ok(())
}

/// The API, asked at the `first`th node first.
fn through(rig: &Rig, first: usize) -> Api {
    let nodes = (0..rig.count()).map(|node| rig.places[(first + node) % rig.count()].api.clone());
    Api::new(rig.http.clone(), nodes.collect())
}

fn found(rig: &Rig, node: usize, what: String) {
    let node = rig.places[node].name.clone();
    rig.found.borrow_mut().push(Violation::Broken { node, what });
}
