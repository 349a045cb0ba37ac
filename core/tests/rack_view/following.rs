//! Random sequences of commands: a rack that is told every difference knows what it would know if it were told everything.

use crate::beginning::beginning;
use crate::copy::Copy;
use crate::racks_world;
use crate::random_commands::choices::Choices;
use crate::random_commands::command;
use crate::random_commands::racks::served;
use crate::region::Region;
use regent_core::command::Command;
use regent_core::id::NodeId;
use regent_core::rack_view::follow::followed;
use regent_core::rack_view::telling::{difference, missed, whole};
use regent_core::rack_view::touched::Touched;

const SEQUENCES: u64 = 500;
const STEPS: u64 = 16;
/// The rack of the groundwork.
const RACK: NodeId = NodeId(2);

/// A site that a rack serves, at random.
fn begin(seed: u64) -> (Choices, Region) {
    let (mut choices, mut region) = (Choices(seed), Region::empty());
    beginning(&mut choices).into_iter().for_each(|command| drop(region.run(command).unwrap()));
    served().into_iter().for_each(|command| drop(region.run(command).unwrap()));
    (choices, region)
}

fn step(choices: &mut Choices, region: &mut Region) -> Command {
    region.now.0 += choices.below(300);
    let about_racks = !choices.once_in(3);
    let command = if about_racks { racks_world::command(choices) } else { command(choices) };
    let _ = region.run(command.clone());
    command
}

#[test]
fn every_difference_brings_a_rack_to_what_it_would_be_told_anew() {
    let mut different = 0;
    for seed in 0..SEQUENCES {
        let (mut choices, mut region) = begin(seed);
        let mut copy = Copy::of(whole(&region.state, RACK));
        let mut waiting = Touched::default();
        let mut done = Vec::new();
        for _ in 0..STEPS {
            let before = region.state.clone();
            done.push(step(&mut choices, &mut region));
            waiting.merge(followed(&before, &region.state));
            // Several changes may be waiting before a rack is told.
            if choices.once_in(3) {
                continue;
            }
            let touched = std::mem::take(&mut waiting).concerning(&copy.told());
            let before = copy.clone();
            copy.bring(difference(&region.state, RACK, &copy.told(), &touched));
            different += u32::from(copy != before);
            assert_eq!(copy, Copy::of(whole(&region.state, RACK)), "seed {seed}: {done:#?}");
        }
    }
    assert!(different > 500, "only {different} steps changed anything for the rack");
}

#[test]
fn whoever_comes_back_knows_what_it_would_be_told_anew() {
    let mut made_up_for = 0;
    for seed in 0..SEQUENCES {
        let (mut choices, mut region) = begin(seed);
        let mut copy = Copy::of(whole(&region.state, RACK));
        let left = region.state.clone();
        let done: Vec<Command> = (0..3).map(|_| step(&mut choices, &mut region)).collect();
        let meta = left.meta();
        let Some(change) = missed(&region.state, RACK, meta.epoch, meta.revision) else { continue };
        made_up_for += u32::from(done.iter().any(|_| copy != Copy::of(whole(&region.state, RACK))));
        copy.bring(change);
        assert_eq!(copy, Copy::of(whole(&region.state, RACK)), "seed {seed}: {done:#?}");
    }
    assert!(made_up_for > 20, "only {made_up_for} racks had missed anything");
}
