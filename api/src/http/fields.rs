//! The fields of a request that is no noun's: taken one by one, what is left over refused.

use crate::http::problem::Problem;
use crate::http::wire::Wire;
use serde_json::{Map, Value};

/// Fields not yet taken.
pub struct Fields(pub Map<String, Value>);

impl Fields {
    /// Takes a field if it is there and not null.
    ///
    /// # Errors
    /// [`Problem`] naming it if it is no `T`.
    pub fn take<T: Wire>(&mut self, name: &str) -> Result<Option<T>, Problem> {
        let value = self.0.remove(name).unwrap_or(Value::Null);
        Option::<T>::read(value).map_err(|message| Problem::invalid(&format!("/{name}"), message))
    }

    /// Takes a field that must be there.
    ///
    /// # Errors
    /// [`Problem`] naming it.
    pub fn need<T: Wire>(&mut self, name: &str) -> Result<T, Problem> {
        self.take(name)?.ok_or_else(|| Problem::invalid(&format!("/{name}"), "is missing"))
    }

    /// Nothing may be left.
    ///
    /// # Errors
    /// [`Problem`] naming what is.
    pub fn finish(self) -> Result<(), Problem> {
        match self.0.keys().next() {
            None => Ok(()),
            Some(name) => Err(Problem::invalid(&format!("/{name}"), "is not a field here")),
        }
    }
}
