//! Sets of counters: one list of fields makes the structure and its exchange between threads.
//!
//! Never: resets a counter, so that two readers do not disturb each other.

/// Declares a structure of `u64` counters with its values as an array and back.
macro_rules! counters {
    ($(#[$doc:meta])* pub struct $name:ident { $($(#[doc = $field_doc:literal])* pub $field:ident: u64),* $(,)? }) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
        pub struct $name {
            $($(#[doc = $field_doc])* pub $field: u64,)*
        }

        impl $name {
            /// Number of counters.
            pub const COUNT: usize = [$(stringify!($field)),*].len();

            /// Names of the counters and their meanings, in the order of their fields.
            pub const FIELDS: [(&'static str, &'static str); $name::COUNT] =
                [$((stringify!($field), concat!($($field_doc),*))),*];

            /// The counters in the order of their fields.
            pub const fn values(&self) -> [u64; $name::COUNT] {
                [$(self.$field),*]
            }

            /// The counters with these values, in the order of their fields.
            pub(crate) const fn from_values([$($field),*]: [u64; $name::COUNT]) -> $name {
                $name { $($field),* }
            }
        }
    };
}

pub(crate) use counters;
