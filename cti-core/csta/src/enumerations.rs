//! The enumerations of the protocol: one list of names and numbers each.
//!
//! An *open* enumeration keeps numbers without a name (`Other`); a *closed* one refuses them. In JSON a name is its
//! name in camel case, a number without a name is that number.
//!
//! Never: gives a number a meaning of its own.

/// Declares enumerations with their numbers on the wire.
macro_rules! numbered {
    (open $(#[$doc:meta])* $name:ident { $($(#[$vdoc:meta])* $number:literal $variant:ident),* $(,)? }) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize)]
        #[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
        #[serde(rename_all = "camelCase")]
        pub enum $name {
            $($(#[$vdoc])* #[doc = concat!(" (", stringify!($number), ")")] $variant,)*
            /// A number without a name here.
            #[serde(untagged)]
            Other(i32),
        }

        impl $name {
            /// Every value that has a name.
            pub const ALL: &'static [$name] = &[$($name::$variant),*];

            /// Returns the number on the wire.
            pub const fn number(self) -> i32 {
                match self {
                    $($name::$variant => $number,)*
                    $name::Other(number) => number,
                }
            }

            /// Returns the meaning of a number on the wire.
            pub const fn from_number(number: i32) -> Option<$name> {
                Some(match number {
                    $($number => $name::$variant,)*
                    other => $name::Other(other),
                })
            }
        }
    };
    (closed $(#[$doc:meta])* $name:ident { $($(#[$vdoc:meta])* $number:literal $variant:ident),* $(,)? }) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize)]
        #[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
        #[serde(rename_all = "camelCase")]
        pub enum $name {
            $($(#[$vdoc])* #[doc = concat!(" (", stringify!($number), ")")] $variant,)*
        }

        impl $name {
            /// Every value.
            pub const ALL: &'static [$name] = &[$($name::$variant),*];

            /// Returns the number on the wire.
            pub const fn number(self) -> i32 {
                match self {
                    $($name::$variant => $number,)*
                }
            }

            /// Returns the meaning of a number on the wire, if it has one.
            pub const fn from_number(number: i32) -> Option<$name> {
                match number {
                    $($number => Some($name::$variant),)*
                    _ => None,
                }
            }
        }
    };
}
pub(crate) use numbered;
