//! The number of an order as people say it: at least four digits, and a check digit.
//!
//! The check digit is ISO/IEC 7064 MOD 11,10: a wrong digit, and nearly every swap of neighbours, makes a number that
//! is none. It can be keyed on a telephone.
//!
//! Never: gives a number twice.

use core::fmt;
use core::str::FromStr;

/// An order; its row in the store.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct OrderId(pub i64);

/// A text that is no number of an order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WrongNumber(String);

impl fmt::Display for WrongNumber {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?} is no number of a work order: it has four or more digits and a check digit, as 0017-7", self.0)
    }
}

impl std::error::Error for WrongNumber {}

/// The check digit of digits, ISO/IEC 7064 MOD 11,10.
fn check_digit(digits: &str) -> u32 {
    let product = digits.bytes().fold(10, |product, digit| match (product + u32::from(digit - b'0')) % 10 {
        0 => 20 % 11,
        sum => sum * 2 % 11,
    });
    (11 - product) % 10
}

impl fmt::Display for OrderId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let digits = format!("{:04}", self.0.max(0));
        write!(f, "{digits}-{}", check_digit(&digits))
    }
}

impl FromStr for OrderId {
    type Err = WrongNumber;

    /// Hyphens and spaces count for nothing.
    fn from_str(text: &str) -> Result<OrderId, WrongNumber> {
        let wrong = || WrongNumber(text.to_owned());
        let digits: String = text.chars().filter(|c| !matches!(c, '-' | ' ')).collect();
        if digits.len() < 5 || !digits.bytes().all(|digit| digit.is_ascii_digit()) {
            return Err(wrong());
        }
        let id = OrderId(digits[..digits.len() - 1].parse().map_err(|_| wrong())?);
        if id.0 > 0 && id.to_string().replace('-', "") == digits { Ok(id) } else { Err(wrong()) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_check_digit_is_that_of_the_standards_example() {
        assert_eq!(check_digit("0794"), 5, "ISO/IEC 7064, the example of MOD 11,10");
    }

    #[test]
    fn a_number_is_read_as_it_is_said_and_a_digit_misheard_makes_it_wrong() {
        for id in [1, 17, 9999, 123_456] {
            let text = OrderId(id).to_string();
            assert_eq!(text.parse(), Ok(OrderId(id)));
            assert_eq!(text.replace('-', " ").parse(), Ok(OrderId(id)));
            for (at, digit) in text.bytes().enumerate().filter(|(_, digit)| digit.is_ascii_digit()) {
                for other in (b'0'..=b'9').filter(|other| *other != digit) {
                    let mut misheard = text.clone().into_bytes();
                    misheard[at] = other;
                    let misheard = String::from_utf8(misheard).expect("digits");
                    assert!(misheard.parse::<OrderId>().is_err(), "{misheard} for {text}");
                }
            }
        }
        for wrong in ["", "17", "0000-1", "order", "99999999999999999999999", "00 17"] {
            let refused = wrong.parse::<OrderId>().expect_err(wrong).to_string();
            assert!(refused.contains("0017-"), "{refused}");
        }
        assert!(OrderId(17).to_string().starts_with("0017-"));
    }
}
