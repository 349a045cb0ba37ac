//! Patches: which fields of an object change, and to what.

/// Declares a patch type: every field is optional, those present replace the object's.
macro_rules! patch {
    ($(#[$doc:meta])* $name:ident of $target:ty { $($(#[$field_doc:meta])* $field:ident: $ty:ty),* $(,)? }) => {
        $(#[$doc])*
        #[derive(Clone, Debug, Default, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
        pub struct $name {
            $($(#[$field_doc])* pub $field: Option<$ty>,)*
        }

        impl $name {
            /// Puts the fields that are present into `target`.
            pub fn apply_to(self, target: &mut $target) {
                $(if let Some(value) = self.$field { target.$field = value; })*
            }
        }
    };
}

pub(crate) use patch;
