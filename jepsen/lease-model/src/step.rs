//! One step from a world to the next one, in the making.

use crate::setting::Setting;
use crate::witness::Witness;
use crate::world::World;

/// The world as it is about to be.
#[derive(Debug)]
pub struct Step<'a> {
    /// What does not change.
    pub setting: &'a Setting,
    /// What does.
    pub world: World,
}

impl Step<'_> {
    /// Something worth noting happened.
    pub fn note(&self, witness: Witness) {
        self.setting.witnessed.note(witness);
    }
}
