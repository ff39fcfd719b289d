//! The identifiers of customers.
//!
//! Never: holds 0 or less; that is no customer yet.

use core::fmt;
use core::str::FromStr;

/// A customer in the file; its row in the store. People write it as `C17`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, serde::Serialize, serde::Deserialize)]
pub struct CustomerId(pub i64);

/// A text that is no identifier of a customer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WrongCustomer(String);

impl fmt::Display for WrongCustomer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?} is no customer: an identifier as C17 is wanted, or a telephone number", self.0)
    }
}

impl std::error::Error for WrongCustomer {}

impl fmt::Display for CustomerId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "C{}", self.0)
    }
}

impl FromStr for CustomerId {
    type Err = WrongCustomer;

    fn from_str(text: &str) -> Result<CustomerId, WrongCustomer> {
        let digits = text.strip_prefix(['C', 'c']).filter(|digits| digits.bytes().all(|byte| byte.is_ascii_digit()));
        let id = digits.and_then(|digits| digits.parse().ok()).filter(|id| *id > 0);
        id.map(CustomerId).ok_or_else(|| WrongCustomer(text.to_owned()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_identifier_is_read_as_it_is_written() {
        assert_eq!(CustomerId(17).to_string(), "C17");
        assert_eq!(("C17".parse(), "c17".parse()), (Ok(CustomerId(17)), Ok(CustomerId(17))));
        for wrong in ["", "C", "17", "C0", "C-1", "C1x", "C99999999999999999999"] {
            assert!(wrong.parse::<CustomerId>().is_err(), "{wrong}");
        }
    }
}
