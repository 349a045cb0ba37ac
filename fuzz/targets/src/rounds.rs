//! The loop on a stable compiler: take an input, change it, try it; keep it if it goes a new way.
//!
//! There is no coverage here. The ways that targets tell stand in for it, and the seeds are inputs that go deep.

use crate::dice::Dice;
use crate::mutation::mutated;
use crate::target::Target;
use crate::trial::{self, Finding};
use std::collections::BTreeMap;
use std::time::{Duration, Instant};

/// Inputs held at a time; above it a new way takes another's place.
const POOL_MAX: usize = 4096;
/// Bytes of all of them.
const POOL_BYTES_MAX: usize = 64 << 20;
/// Different findings after which there is no point in going on.
const FINDINGS_MAX: usize = 8;

/// What is to be done.
#[derive(Clone, Debug)]
pub struct Plan {
    /// The seed of all choices.
    pub seed: u64,
    /// How long.
    pub time: Duration,
    /// Inputs beside the target's own seeds.
    pub inputs: Vec<Vec<u8>>,
}

/// How it stands.
#[derive(Clone, Debug, Default)]
pub struct Standing {
    /// Inputs tried.
    pub runs: u64,
    /// How often each way was gone.
    pub ways: BTreeMap<String, u64>,
    /// What must not be, with the input that shows it. One for each place.
    pub findings: BTreeMap<String, (Finding, Vec<u8>)>,
}

/// Who is told.
pub trait Audience {
    /// This input is tried next.
    fn before(&mut self, input: &[u8]);
    /// So it stands.
    fn after(&mut self, standing: &Standing);
    /// Something new was found.
    fn found(&mut self, finding: &Finding, input: &[u8]);
}

/// Nobody is told.
#[derive(Clone, Copy, Debug)]
pub struct Nobody;

impl Audience for Nobody {
    fn before(&mut self, _: &[u8]) {}
    fn after(&mut self, _: &Standing) {}
    fn found(&mut self, _: &Finding, _: &[u8]) {}
}

/// Tries the target's seeds and the given inputs as they are, then changed ones until the time is over.
pub fn go(target: &Target, plan: &Plan, audience: &mut dyn Audience) -> Standing {
    let until = Instant::now() + plan.time;
    let mut dice = Dice(plan.seed);
    let mut pool: Vec<Vec<u8>> = (target.seeds)();
    pool.extend(plan.inputs.iter().cloned());
    let mut standing = Standing::default();
    for input in &pool {
        attempt(target, input, &mut standing, audience);
    }
    let mut pool_bytes: usize = pool.iter().map(Vec::len).sum();
    while Instant::now() < until && standing.findings.len() < FINDINGS_MAX {
        let empty = Vec::new();
        let input = dice.of(&pool).unwrap_or(&empty);
        let next = mutated(input, &pool, target.words, target.input_bytes_max, &mut dice);
        if attempt(target, &next, &mut standing, audience) {
            pool_bytes += next.len();
            if pool.len() < POOL_MAX && pool_bytes < POOL_BYTES_MAX {
                pool.push(next);
            } else {
                let at = dice.below(pool.len());
                let old = pool.get_mut(at).map(|old| std::mem::replace(old, next));
                pool_bytes = pool_bytes.saturating_sub(old.map_or(0, |old| old.len()));
            }
        }
    }
    standing
}

/// Tries one input; whether it went a way that none went before.
fn attempt(
    target: &Target,
    input: &[u8],
    standing: &mut Standing,
    audience: &mut dyn Audience,
) -> bool {
    audience.before(input);
    standing.runs += 1;
    let is_new = match trial::run(target, input) {
        Ok(ways) => {
            let mut is_new = false;
            for way in ways.lines() {
                let count = standing.ways.entry(way.to_owned()).or_default();
                is_new |= *count == 0;
                *count += 1;
            }
            is_new
        }
        Err(finding) => {
            if !standing.findings.contains_key(&finding.place) {
                audience.found(&finding, input);
                let place = finding.place.clone();
                standing.findings.insert(place, (finding, input.to_vec()));
            }
            false
        }
    };
    audience.after(standing);
    is_new
}
