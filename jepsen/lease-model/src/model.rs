//! The model as the checker sees it: where it begins, what may follow, and what must always hold.

use crate::action::Action;
use crate::choices;
use crate::forget::forget_what_is_over;
use crate::numbers::renumber;
use crate::setting::Setting;
use crate::step::Step;
use crate::world::World;
use stateright::{Model, Property};

/// The promise.
pub const NO_ADDRESS_TWICE: &str = "no address has two holders";
/// The alarm that must not be raised in vain.
pub const NO_CONTRADICTION: &str = "no adoption contradicts the region";

impl Model for Setting {
    type State = World;
    type Action = Action;

    fn init_states(&self) -> Vec<World> {
        vec![World::new(self.scenario.left)]
    }

    fn actions(&self, world: &World, actions: &mut Vec<Action>) {
        choices::list(self, world, actions);
    }

    fn next_state(&self, world: &World, action: Action) -> Option<World> {
        let mut step = Step { setting: self, world: world.clone() };
        step.take(action);
        if self.forgets {
            forget_what_is_over(&mut step.world, self);
        }
        renumber(&mut step.world);
        is_new(world, &step.world).then_some(step.world)
    }

    fn properties(&self) -> Vec<Property<Self>> {
        vec![
            Property::always(NO_ADDRESS_TWICE, |_, world: &World| !world.is_address_held_twice()),
            Property::always(NO_CONTRADICTION, |_, world: &World| !world.contradicted),
        ]
    }
}

/// Whether anything happened, but that it was tried.
fn is_new(before: &World, after: &World) -> bool {
    let World { tick, region, saved, racks, hosts, network, left: _, met: _, contradicted } = after;
    *tick != before.tick
        || *region != before.region
        || *saved != before.saved
        || *racks != before.racks
        || *hosts != before.hosts
        || *network != before.network
        || *contradicted != before.contradicted
}
