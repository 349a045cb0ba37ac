//! Query parameters: each is taken by who understands it, and one nobody took is refused by name.

use crate::http::problem::Problem;
use crate::http::suggestion::suggestion;
use axum::extract::Query;
use axum::http::Uri;

/// Parameters of one request.
pub const PARAMETERS_MAX: usize = 64;

/// The parameters of a request that nobody took yet, in the order they came.
#[derive(Clone, Debug, Default)]
pub struct Parameters(Vec<(String, String)>);

impl Parameters {
    /// Those of a request.
    ///
    /// # Errors
    /// [`Problem`] if they cannot be read or are too many.
    pub fn of(uri: &Uri) -> Result<Self, Problem> {
        let Query(pairs) = Query::<Vec<(String, String)>>::try_from_uri(uri)
            .map_err(|error| Problem::invalid("query", error.body_text()))?;
        if pairs.len() > PARAMETERS_MAX {
            let message = format!("{} parameters, {PARAMETERS_MAX} are allowed", pairs.len());
            return Err(Problem::invalid("query", message));
        }
        Ok(Self(pairs))
    }

    /// Takes the parameter of this name.
    ///
    /// # Errors
    /// [`Problem`] if it is there twice.
    pub fn take(&mut self, name: &str) -> Result<Option<String>, Problem> {
        let mut values = self.0.extract_if(.., |(key, _)| key == name).map(|(_, value)| value);
        let first = values.next();
        match values.next() {
            Some(_) => Err(Problem::invalid(name, "is given twice")),
            None => Ok(first),
        }
    }

    /// Takes a parameter that is `true` or `false`; absent is false.
    ///
    /// # Errors
    /// [`Problem`] if it is anything else.
    pub fn take_flag(&mut self, name: &str) -> Result<bool, Problem> {
        match self.take(name)?.as_deref() {
            None | Some("false") => Ok(false),
            Some("true") => Ok(true),
            Some(other) => Err(Problem::invalid(name, format!("{other:?} is not true or false"))),
        }
    }

    /// Takes a whole number.
    ///
    /// # Errors
    /// [`Problem`] if it is none.
    pub fn take_number(&mut self, name: &str) -> Result<Option<u64>, Problem> {
        let Some(text) = self.take(name)? else { return Ok(None) };
        let number = text.parse().ok().filter(|_| text.bytes().all(|byte| byte.is_ascii_digit()));
        let wrong = || Problem::invalid(name, format!("{text:?} is no whole number"));
        number.map(Some).ok_or_else(wrong)
    }

    /// Forgets those whose names `keep` does not want.
    pub fn retain(&mut self, keep: impl Fn(&str) -> bool) {
        self.0.retain(|(name, _)| keep(name));
    }

    /// Takes all that are left.
    pub fn take_rest(&mut self) -> Vec<(String, String)> {
        std::mem::take(&mut self.0)
    }

    /// Nothing may be left.
    ///
    /// # Errors
    /// [`Problem`] naming every parameter nobody understood.
    pub fn finish(self) -> Result<(), Problem> {
        self.none_left(std::iter::empty())
    }

    /// Nothing may be left; what is left is compared with what is known.
    ///
    /// # Errors
    /// [`Problem`] naming every parameter nobody understood, and what may have been meant.
    pub fn none_left<'a>(
        self,
        known: impl Iterator<Item = &'a str> + Clone,
    ) -> Result<(), Problem> {
        let wrong =
            |name: &str| format!("is no parameter of this path{}", suggestion(name, known.clone()));
        let Some((first, _)) = self.0.first() else { return Ok(()) };
        let start = Problem::invalid(first, wrong(first));
        let others = self.0.iter().skip(1);
        Err(others.fold(start, |problem, (name, _)| problem.with_field(name, wrong(name))))
    }
}
