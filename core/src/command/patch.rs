//! Patches: which fields of an object change, and to what.

/// New values for some fields of a `T`.
pub trait Patch<T>: Clone {
    /// Puts the fields that are present into `target`.
    fn apply_to(self, target: &mut T);
}

/// Declares a patch type: every field is optional, those present replace the object's.
macro_rules! patch {
    ($(#[$doc:meta])* $name:ident of $target:ty { $($(#[$field_doc:meta])* $field:ident: $ty:ty),* $(,)? }) => {
        $(#[$doc])*
        #[derive(Clone, Debug, Default, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
        pub struct $name {
            $($(#[$field_doc])* pub $field: Option<$ty>,)*
        }

        impl $crate::command::patch::Patch<$target> for $name {
            fn apply_to(self, target: &mut $target) {
                $(if let Some(value) = self.$field { target.$field = value; })*
            }
        }
    };
}

pub(crate) use patch;
