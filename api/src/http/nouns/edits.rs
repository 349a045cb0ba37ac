//! The commands of nouns that are plainly created, updated and deleted.

use crate::http::problem::Problem;

/// What a new object needs and was not sent. The fields' table sees to that first.
#[must_use]
pub fn missing(field: &str) -> Problem {
    Problem::invalid(&format!("/{field}"), "is missing")
}

/// Writes a resource's three commands: `$command` wraps an `Edit`, `$blank` makes of a draft the object without the
/// fields that have defaults.
macro_rules! edits {
    ($command:path, $blank:expr) => {
        fn to_create(
            draft: Self::Draft,
        ) -> Result<regent_core::command::Command, $crate::http::problem::Problem> {
            let blank: fn(&Self::Draft) -> Result<Self::Stored, $crate::http::problem::Problem> =
                $blank;
            let mut value = blank(&draft)?;
            regent_core::command::patch::Patch::apply_to(draft, &mut value);
            Ok($command(regent_core::command::edit::Edit::Create(value)))
        }

        fn to_update(
            id: $crate::http::resource::KeyOf<Self>,
            draft: Self::Draft,
        ) -> Result<regent_core::command::Command, $crate::http::problem::Problem> {
            Ok($command(regent_core::command::edit::Edit::Update { id, patch: draft }))
        }

        fn to_delete(
            id: $crate::http::resource::KeyOf<Self>,
        ) -> Result<regent_core::command::Command, $crate::http::problem::Problem> {
            Ok($command(regent_core::command::edit::Edit::Delete { id }))
        }
    };
}
pub(crate) use edits;

/// Writes the commands of a resource that is recorded by something else: none.
macro_rules! no_edits {
    () => {
        const WRITES: $crate::http::resource::Writes = $crate::http::resource::Writes::None;

        fn to_create(
            (): Self::Draft,
        ) -> Result<regent_core::command::Command, $crate::http::problem::Problem> {
            Err($crate::http::resource::not_taken::<Self>())
        }

        fn to_update(
            _: $crate::http::resource::KeyOf<Self>,
            (): Self::Draft,
        ) -> Result<regent_core::command::Command, $crate::http::problem::Problem> {
            Err($crate::http::resource::not_taken::<Self>())
        }

        fn to_delete(
            _: $crate::http::resource::KeyOf<Self>,
        ) -> Result<regent_core::command::Command, $crate::http::problem::Problem> {
            Err($crate::http::resource::not_taken::<Self>())
        }
    };
}
pub(crate) use no_edits;
