//! Enumerations whose values have names, the same in the store, in reports, on the command line and on the socket:
//! `named!` makes the type of one list.
//!
//! Never: gives two values one name.

/// Defines such an enumeration: `named! { /// Doc. Kind { /// Doc. First = "first", } }`. Attributes before its name
/// hold for the type, `#[serde(…)]` too.
macro_rules! named {
    ($(#[$outer:meta])* $name:ident { $($(#[$inner:meta])* $value:ident = $text:literal,)+ }) => {
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize)]
        $(#[$outer])*
        pub enum $name {
            $($(#[$inner])* $value,)+
        }

        impl $name {
            /// All of them, in their order.
            pub const ALL: &[$name] = &[$($name::$value),+];

            /// The name.
            pub const fn name(self) -> &'static str {
                match self {
                    $($name::$value => $text,)+
                }
            }

            /// The value of a name.
            pub fn of_name(name: &str) -> Option<$name> {
                $name::ALL.iter().copied().find(|value| value.name() == name)
            }
        }
    };
}

pub(crate) use named;

#[cfg(test)]
#[expect(unreachable_pub, reason = "the macro is for types that leave the crate")]
mod tests {
    named! {
        /// Sides.
        #[serde(rename_all = "lowercase")]
        Side {
            /// Left.
            Left = "left-hand",
            /// Right.
            Right = "right-hand",
        }
    }

    #[test]
    fn a_value_is_found_by_its_name_and_written_as_the_attributes_say() {
        assert_eq!((Side::ALL, Side::Left.name()), (&[Side::Left, Side::Right][..], "left-hand"));
        assert_eq!((Side::of_name("right-hand"), Side::of_name("right")), (Some(Side::Right), None));
        assert_eq!(serde_json::to_string(&Side::Right).expect("text"), "\"right\"");
    }
}
