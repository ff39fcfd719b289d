//! The normal form of customers' numbers, and the identifiers of customers.
//!
//! Never: a number that the exchange could not send.

use core::fmt;
use core::str::FromStr;

use tipring_driver::line::NUMBER_MAX;

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

/// Returns a number in its normal form, which is that of the exchange: digits alone, without spaces, hyphens, dots,
/// brackets and `+`. None for a text that is no number, and for one of more than [`NUMBER_MAX`] digits.
pub fn normal_number(text: &str) -> Option<String> {
    let digits: String = text.chars().filter(|c| !matches!(c, ' ' | '-' | '.' | '(' | ')' | '+')).collect();
    let is_number = (1..=NUMBER_MAX).contains(&digits.len()) && digits.bytes().all(|byte| byte.is_ascii_digit());
    is_number.then_some(digits)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_is_the_same_however_people_write_it() {
        for written in ["13800138000", "138 0013 8000", "138-0013-8000", "138.0013.8000", "(138) 0013 8000"] {
            assert_eq!(normal_number(written).as_deref(), Some("13800138000"), "{written}");
        }
        assert_eq!(normal_number("+86 571 8765").as_deref(), Some("865718765"));
        for wrong in ["", " ", "+", "12a", "王芳", "1380*", &"1".repeat(NUMBER_MAX + 1)] {
            assert_eq!(normal_number(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn an_identifier_is_read_as_it_is_written() {
        assert_eq!(CustomerId(17).to_string(), "C17");
        assert_eq!(("C17".parse(), "c17".parse()), (Ok(CustomerId(17)), Ok(CustomerId(17))));
        for wrong in ["", "C", "17", "C0", "C-1", "C1x", "C99999999999999999999"] {
            assert!(wrong.parse::<CustomerId>().is_err(), "{wrong}");
        }
    }
}
