//! The terms of the lease protocol as the site's settings have them, and the longest that ever were.
//!
//! A change of them is for what is granted from then on: what was promised stands in the records. Where no record says what
//! was promised (a rack's life that ends, a quarantine), the longest terms there ever were count.

use crate::lease::terms::{
    AUTONOMY_MILLIS_MAX, AUTONOMY_MILLIS_MIN, BLOCK_TERM_MILLIS_MAX, BLOCK_TERM_MILLIS_MIN,
    LIFE_MILLIS_MAX, LIFE_MILLIS_MIN, Terms,
};
use crate::model::parameter::ParameterValue;
use crate::model::setting::{Setting, SettingName};
use crate::state::State;
use crate::time::Millis;

/// One length of time that is a setting, in whole seconds.
#[derive(Clone, Copy, Debug)]
pub struct TermSetting {
    /// The setting's name.
    pub name: &'static str,
    /// The least it may be.
    pub least: Millis,
    /// The most it may be.
    pub most: Millis,
}

/// See [`Terms::life`].
pub const LIFE: TermSetting =
    TermSetting { name: "lease_life_s", least: LIFE_MILLIS_MIN, most: LIFE_MILLIS_MAX };
/// See [`Terms::autonomy`].
pub const AUTONOMY: TermSetting =
    TermSetting { name: "autonomy_s", least: AUTONOMY_MILLIS_MIN, most: AUTONOMY_MILLIS_MAX };
/// See [`Terms::block_term`].
pub const BLOCK_TERM: TermSetting =
    TermSetting { name: "block_term_s", least: BLOCK_TERM_MILLIS_MIN, most: BLOCK_TERM_MILLIS_MAX };

impl TermSetting {
    /// The one with this name.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        [LIFE, AUTONOMY, BLOCK_TERM].into_iter().find(|setting| setting.name == name)
    }

    /// What a value of it means, if it may be that.
    #[must_use]
    pub fn read(&self, value: &ParameterValue) -> Option<Millis> {
        let seconds = match value {
            ParameterValue::Integer(seconds) => u64::try_from(*seconds).ok()?,
            ParameterValue::Null
            | ParameterValue::Bool(_)
            | ParameterValue::Text(_)
            | ParameterValue::Texts(_)
            | ParameterValue::Json(_) => return None,
        };
        let length = Millis::from_secs(seconds);
        (self.least..=self.most).contains(&length).then_some(length)
    }

    /// As the site has it; an import may have brought what no command lets in.
    fn of(&self, state: &State) -> Option<Millis> {
        let row = state.get::<Setting>(&SettingName(self.name.to_owned()))?;
        self.read(&row.value.value)
    }
}

/// The terms of what is granted now.
#[must_use]
pub fn terms_of(state: &State) -> Terms {
    let usual = Terms::default();
    let life = LIFE.of(state).unwrap_or(usual.life);
    let autonomy = AUTONOMY.of(state).unwrap_or(usual.autonomy);
    let block_term = BLOCK_TERM.of(state).unwrap_or(usual.block_term);
    Terms::new(life, autonomy, block_term, usual.drift_ppm)
}

/// The longest of each that anything can have been granted for.
#[must_use]
pub fn longest_terms_of(state: &State) -> Terms {
    let (now, ever) = (terms_of(state), &state.meta().longest_terms);
    let life = now.life.max(ever.life);
    let autonomy = now.autonomy.max(ever.autonomy);
    Terms::new(life, autonomy, now.block_term.max(ever.block_term), now.drift_ppm)
}
