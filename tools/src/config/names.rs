//! Names of devices and agents, and keys of telephones, as types that cannot be wrong.
//!
//! Never: knows which of them there are.

use serde::{Deserialize, Serialize};
use tipring_core::csta::{AgentId, DeviceId};
use tipring_core::number_plan::NumberPlan;
use tipring_driver::line::{Digit, Number};

macro_rules! parsed {
    ($(#[$doc:meta])* $name:ident($inner:ty), $parse:expr) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Deserialize, Serialize)]
        #[serde(try_from = "String")]
        pub struct $name(pub $inner);

        impl TryFrom<String> for $name {
            type Error = String;
            fn try_from(text: String) -> Result<$name, String> {
                let parse: fn(&str) -> Result<$inner, String> = $parse;
                parse(&text).map($name)
            }
        }
    };
}

parsed!(
    /// A device's identifier.
    Device(DeviceId),
    |text| {
        DeviceId::new(text)
            .ok()
            .filter(|id| !id.is_empty())
            .ok_or(format!("{text:?} is no device: 1 to 63 plain characters are wanted"))
    }
);
parsed!(
    /// An agent's login.
    Agent(AgentId),
    |text| {
        AgentId::new(text)
            .ok()
            .filter(|id| !id.is_empty())
            .ok_or(format!("{text:?} is no agent: 1 to 31 plain characters are wanted"))
    }
);
parsed!(
    /// A key of the telephone.
    Key(Digit),
    |text| {
        let mut characters = text.chars();
        characters
            .next()
            .filter(|_| characters.next().is_none())
            .and_then(Digit::new)
            .ok_or(format!("{text:?} is no key of a telephone"))
    }
);

/// A number that is called from the site, without the trunk prefix.
///
/// # Errors
/// It is no number, or too long: a sentence.
pub fn dialled(number: &str, plan: &NumberPlan) -> Result<Number, String> {
    let fits = plan.dialled(number).and_then(|digits| Number::from(&digits).ok());
    fits.ok_or_else(|| format!("{number:?} is no number: digits are wanted, without the trunk prefix"))
}
