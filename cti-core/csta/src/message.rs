//! From one list of members to a message family.
//!
//! [`requests!`](crate::requests), [`replies!`](crate::replies), [`events!`](crate::events),
//! [`switch_requests!`](crate::switch_requests), [`event_reports!`](crate::event_reports) and
//! [`vendor_requests!`](crate::vendor_requests) are the lists: each message with its PDU number, and its members in the
//! order of the wire. A list is handed to another macro, which makes of it what it needs: this crate the type and its
//! JSON, a codec the octets, a test random values. There is no second list of members anywhere.
//!
//! Never: reads or writes octets.

/// Declares the type of a family.
macro_rules! define_messages {
    ($(#[$doc:meta])* $family:ident tag $tag:literal {
        $($(#[$vdoc:meta])* $number:literal $(| $other:literal)* $variant:ident
            $({ $($(#[$mdoc:meta])* $member:ident: $type:ty),* $(,)? })?;)*
    }) => {
        $(#[$doc])*
        #[allow(clippy::large_enum_variant, reason = "the large messages are the frequent ones")]
        #[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
        #[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
        #[serde(tag = $tag, rename_all = "camelCase", rename_all_fields = "camelCase")]
        pub enum $family {
            $($(#[$vdoc])* $variant $({ $($(#[$mdoc])* $member: $type),* })?,)*
        }

        impl $family {
            /// Number and name of every message of the family, in the standard's order.
            pub const ALL: &'static [(u16, &'static str)] = &[$(($number, stringify!($variant))),*];

            /// Returns the number of the message's PDU.
            pub const fn number(&self) -> u16 {
                match self {
                    $($family::$variant { .. } => $number,)*
                }
            }

            /// Returns the name of the message.
            pub const fn name(&self) -> &'static str {
                match self {
                    $($family::$variant { .. } => stringify!($variant),)*
                }
            }
        }
    };
}
pub(crate) use define_messages;
